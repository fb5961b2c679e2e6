"""Whatever is deleted, mistyped or mixed up in a scheme: problems, never an exception."""

import copy
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from koga.core.problems import Problem, catalogue
from koga.plan.schemes import scheme
from koga.plan.schemes.reading import read
from koga.plan.schemes.rules import RULES

SCHEMES = Path(__file__).resolve().parents[2] / "schemes"
TEXTS = [(SCHEMES / f"{name}.toml").read_text() for name in ("small", "koga-500")]
DOCUMENTS = [tomllib.loads(text, parse_float=Decimal) for text in TEXTS]

ANYTHING = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(10**30), 10**30),
        st.decimals(allow_nan=True, allow_infinity=True),
        st.sampled_from(
            [Decimal("1e999999"), Decimal("-0"), "1/0", "1e999조", "조", "%", "-5%", ""]
        ),
        st.text(max_size=12),
        st.dates(),
        st.sampled_from([datetime(2025, 1, 1), time(1, 2), date(2025, 1, 1)]),  # noqa: DTZ001
        st.sampled_from(["stated", "size.all.total", "((((1", "1 / 0", "fund", "2026", "{value}"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield (*before, key)
        if isinstance(node[key], dict | list):
            yield from places(node[key], (*before, key))


PLACES = [list(places(document)) for document in DOCUMENTS]


def problems_of(document: dict[str, Any]) -> list[Problem]:
    reading = read(document, {})
    for rule in RULES:
        rule(reading)
    return reading.problems


def told(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.code in catalogue()
        assert problem.message("ko") and problem.message("en")
        problem.as_json()


def parent_of(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_given_any_node_deleted_when_read_then_nothing_is_raised(data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[which])
    place = data.draw(st.sampled_from(PLACES[which]))
    del parent_of(document, place)[place[-1]]

    told(problems_of(document))


@given(st.data(), ANYTHING)
@settings(max_examples=250, deadline=None)
def test_given_any_node_mistyped_when_read_then_nothing_is_raised(
    data: st.DataObject, wrong: Any
) -> None:
    which = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    document = copy.deepcopy(DOCUMENTS[which])
    place = data.draw(st.sampled_from(PLACES[which]))
    parent_of(document, place)[place[-1]] = wrong

    told(problems_of(document))


@given(st.data(), st.text(min_size=1, max_size=10), ANYTHING)
@settings(max_examples=100, deadline=None)
def test_given_any_unknown_key_when_read_then_it_is_a_problem_at_its_own_path(
    data: st.DataObject, key: str, value: Any
) -> None:
    document = copy.deepcopy(DOCUMENTS[0])
    at = ["scheme", "fund", "size", "market"][data.draw(st.integers(0, 2))]
    document[at][f"x{key}"] = value

    found = problems_of(document)

    told(found)
    assert ("scheme.unknown_key", f"{at}.x{key}") in {(one.code, one.where) for one in found}


@given(ANYTHING)
@settings(max_examples=100, deadline=None)
def test_given_any_document_at_all_when_read_then_it_has_problems(wrong: Any) -> None:
    document = wrong if isinstance(wrong, dict) else {"scheme": wrong}

    found = problems_of(document)

    told(found)
    assert found


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_given_any_text_damaged_when_checked_then_nothing_is_raised(data: st.DataObject) -> None:
    text = TEXTS[0]
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 80))
    patch = data.draw(
        st.one_of(
            st.text(max_size=6), st.sampled_from(["[", "]]", '"""', "=", "{", "[[target]]\n"])
        )
    )

    told(scheme.check(text[:start] + patch + text[start + length :]))


@given(st.text(max_size=200))
@example("[" * 5000)
@example("a = " + "[" * 20000)
@example("a = " + "9" * 5000)
@example("a.b = 1e99999999999")
@example('[sources]\nnote = 1\nsource = 2\n"" = 3')
@settings(max_examples=100, deadline=None)
def test_given_any_text_when_checked_then_nothing_is_raised(text: str) -> None:
    found = scheme.check(text)

    told(found)
    assert found
