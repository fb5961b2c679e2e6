"""What if: an address is an answer, within the ranges a scheme declares."""

import html
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from koga import plan
from koga.core.problems import Refusal
from koga.documents import futures_measures, futures_words
from koga.plan.figure import Figure
from koga.publish import what_if
from tests.publish.books import person

pytestmark = pytest.mark.django_db
PAGE = "/desk/what-if/small/"


@pytest.fixture
def reader() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(person("reader", "auditor"))
    return client


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_given_nobody_signed_in_when_asked_then_the_sign_in_page() -> None:
    assert Client().get(PAGE)["Location"].startswith("/desk/sign-in/")


def test_given_the_schemes_own_values_when_asked_then_nothing_differs(reader: Client) -> None:
    page = body(reader.get(PAGE))

    moved = re.findall(r'data-label="Difference">([^<]*)', page)
    now = re.findall(r'data-label="Now">[^<]*(?:<span class="soft">± ([^<]*))?', page)
    assert len(moved) == len(now) and not any(moved)
    assert sum(map(bool, now)) > 20 and not any(each and not set(each) - set("0.") for each in now)
    assert "fan-wide-title" in page
    assert page.count('type="range"') == sum(
        leaf.type != "choice" for leaf in what_if.movable(what_if.load(what_if.schemes()["small"]))
    )
    assert "<style" not in page and " style=" not in page and "onclick" not in page


def test_given_a_value_when_asked_then_the_answer_moves_and_the_address_keeps_it(
    reader: Client,
) -> None:
    page = body(reader.get(PAGE, {"fund.reinvested_share": "0.9"}))

    answer = page.partition('id="answer"')[2]
    assert re.search(r'data-label="Difference">−?[\d,.]+ <span class="soft">± ', answer)
    assert 'value="0.9" data-base="0.5"' in page
    assert "/desk/what-if/small/scheme.toml?fund.reinvested_share=0.9" in page


@pytest.mark.parametrize(
    ("code", "changes"),
    [("small", {}), ("small", {"fund.reinvested_share": "0.9"}),
     ("koga-500", {"class.venture.holding_years": "6.5"})],
)  # fmt: skip
def test_given_a_value_when_asked_then_the_page_says_what_a_simulation_says(
    reader: Client, code: str, changes: dict[str, str]
) -> None:
    page = body(reader.get(f"/desk/what-if/{code}/", changes))
    told = re.findall(
        r'<tr><td data-label="Measure">([^<]*)</td><td[^>]*>([^<]*)</td>'
        r'<td[^>]*>([^<]*)</td><td class="number" data-label="Now">([^ <]*)',
        page,
    )

    scheme = what_if.load(what_if.schemes()[code])
    asked = plan.changed(scheme, changes) if changes else scheme
    now, base = (
        plan.simulate(each, paths=what_if.PATHS, seed=what_if.SEED, engine="fast")
        for each in (asked, scheme)
    )
    plain = what_if._simulated(what_if.Asked(asked))
    own = what_if._simulated(what_if.Asked(scheme))
    printed = futures_words.printed_for([*plain.figures.values(), *own.figures.values()], "en")

    def said(each: Figure) -> str:
        both = [found.figures[each.name] for found in (plain, own)]
        fitting = futures_words.fitting(both, printed, "en")
        return html.escape(futures_words.cell(each.mean, each.unit, fitting))

    shown = [name for name, each in futures_measures.asked(plain.figures).items()
             if not each.status and not base.figures[name].status]  # fmt: skip
    same = [name for name in shown
            if not now.figures[name].weighed and not base.figures[name].weighed]  # fmt: skip
    assert len(told) == len(shown) and len(same) > 0.5 * len(shown)
    cells = dict(zip(shown, told, strict=True))
    assert {name: cells[name][3] for name in same} == {
        name: said(now.figures[name]) for name in same
    }
    assert {name: cells[name][2] for name in same} == {
        name: said(base.figures[name]) for name in same
    }
    assert not any(unit.endswith("won") and now == "0.0" for _, unit, _, now in told)
    fan = what_if.answer(scheme, changes, "en")["charts"][0]["figure"]
    years = now.series["net.all"]
    assert [row[1:6] for row in fan.rows] == [list(each.quantiles) for each in years]


def test_given_a_form_of_all_values_when_sent_then_the_address_becomes_the_short_one(
    reader: Client,
) -> None:
    page = body(reader.get(PAGE))
    inputs = re.findall(r'type="range"[^>]* name="([^"]+)"[^>]* value="([^"]+)"', page)
    whole = dict(inputs) | {"fund.reinvested_share": "0.81234567891"}

    moved = reader.get(PAGE, whole)

    assert moved.status_code == 302
    query = dict(parse_qsl(moved["Location"].partition("?")[2]))
    assert query == {"fund.reinvested_share": "0.812"}
    assert reader.get(moved["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"fund.reinvested": "0.5"}, "no such leaf"),
        ({"fund.reinvested_share": "much"}, "cannot be a value"),
        (
            {"fund.reinvested_share": "7"},
            "Share of receipts put in again: “700%” is outside its declared range (0% – 100%)",
        ),
    ],
)
def test_given_an_address_out_of_range_when_asked_then_it_says_why_and_computes_nothing(
    reader: Client, query: dict[str, str], words: str
) -> None:
    response = reader.get(PAGE, query)

    assert response.status_code == 422
    assert words in body(response) and "fan-wide-title" not in body(response)


def test_given_an_answer_when_exported_then_the_file_is_a_scheme_with_its_hash(
    reader: Client, tmp_path: Path
) -> None:
    query = {"fund.reinvested_share": "0.9"}
    response = reader.get(f"{PAGE}scheme.toml", query)
    path = tmp_path / "asked.toml"
    path.write_bytes(response.content)

    asked = plan.load(path)

    assert response["Content-Disposition"] == 'attachment; filename="small-what-if.toml"'
    assert asked.leaves["fund.reinvested_share"].text == "0.9"
    assert f"sha256 {asked.sha256}" in body(reader.get(PAGE, query))
    assert tomllib.loads(path.read_text())["scheme"]["code"] == "small"


def test_given_a_scheme_nobody_has_when_asked_then_there_is_no_page(reader: Client) -> None:
    assert reader.get("/desk/what-if/none/").status_code == 404


def test_given_both_languages_when_asked_then_labels_follow(reader: Client) -> None:
    korean = body(reader.get(PAGE, headers={"accept-language": "ko"}))

    assert "가운데 앞날에서" in korean and "셈하기" in korean
    assert "바꾸어 보기" in body(reader.get("/desk/what-if/", headers={"accept-language": "ko"}))


def test_given_a_number_off_the_grid_when_kept_then_it_lies_within_the_range() -> None:
    scheme = what_if.load(what_if.schemes()["koga-500"])
    for leaf in what_if.movable(scheme)[::9]:
        if leaf.type == "choice":
            continue
        for end in (leaf.low, leaf.high):
            found = what_if.chosen(scheme, {leaf.path: what_if._plain(end or 0)})
            for path, value in found.items():
                read = what_if.change.read_value(leaf, value)
                assert read is not None
                low, high = (what_if.comparison.number_of(each) for each in (leaf.low, leaf.high))
                assert low <= what_if.comparison.number_of(read) <= high, path


def test_given_a_scheme_that_says_too_little_when_answered_then_what_it_lacks_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheme = what_if.load(what_if.schemes()["small"])

    with pytest.raises(Refusal):
        what_if.answer(scheme, {"sector.ai.weight": "2"}, "en")
