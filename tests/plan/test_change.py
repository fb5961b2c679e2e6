"""Schemes with other values, and schemes written back as files."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from koga.core.problems import Refusal
from koga.plan.schemes import change, scheme, writing
from koga.plan.schemes.shape import Scheme

SHIPPED = ("koga-500", "national-growth-150", "small")


def shipped(root: Path, code: str) -> Scheme:
    return scheme.load(root / "schemes" / f"{code}.toml")


def without_lines(found: Scheme) -> dict[str, object]:
    return {path: replace(leaf, line=0) for path, leaf in found.leaves.items()}


@pytest.mark.parametrize("code", SHIPPED)
def test_given_a_shipped_scheme_when_written_and_read_then_nothing_is_different(
    root: Path, tmp_path: Path, code: str
) -> None:
    first = shipped(root, code)
    said = writing.comments_of((root / "schemes" / f"{code}.toml").read_text())
    body = writing.text(first, said)
    (tmp_path / "again.toml").write_text(body)

    again = scheme.load(tmp_path / "again.toml")

    assert without_lines(again) == without_lines(first)
    assert (again.plain, again.entries, again.sources) == (
        first.plain, first.entries, first.sources,
    )  # fmt: skip
    kept = [line for lines in writing.comments_of(body).values() for line in lines if line]
    assert sorted(kept) == sorted(line for lines in said.values() for line in lines if line)
    assert writing.text(again, writing.comments_of(body)) == body


def test_given_another_weight_when_changed_then_the_other_parts_keep_their_proportions(
    root: Path,
) -> None:
    first = shipped(root, "koga-500")

    found = change.changed(first, {"sector.ai.weight": "45%"})

    weights = [leaf.value for leaf in found.leaves.values() if leaf.path.endswith(".weight")]
    assert sum(weights) == 1
    ratio = Fraction(55, 70)
    assert found.number("sector.chips.weight") == first.number("sector.chips.weight") * ratio
    assert found.leaves["sector.ai.weight"].basis == "assumed"


def test_given_a_figure_others_follow_from_when_changed_then_they_are_computed_anew(
    root: Path,
) -> None:
    found = change.changed(shipped(root, "small"), {"instrument.indirect.fund.total": "30억"})

    assert found.amount("instrument.indirect.fund.2026") == 2_500_000_000
    assert found.amount("size.fund.total") == 5_000_000_000
    assert found.amount("size.all.total") == 11_000_000_000
    assert found.number("vehicle.venture_fund.first_loss.share") == Fraction(1, 3)


def test_given_a_changed_scheme_when_written_then_the_file_has_its_hash_and_passes(
    root: Path, tmp_path: Path
) -> None:
    found = change.changed(
        shipped(root, "koga-500"),
        {"size.all.total": "300조", "capital.bonds.share": 0.7, "fund.risk_form": "pari_passu"},
    )
    path = tmp_path / "changed.toml"
    path.write_bytes(writing.text(found).encode())

    again = scheme.load(path)

    assert again.sha256 == found.sha256
    assert again.amount("size.all.total") == 300 * 10**12
    assert again.leaves["size.all.total"].basis == "assumed"
    assert again.leaves["size.all.total"].note_en == "changed from 500000000000000"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("market.volatilty", 0.3, "plan.path"),
        ("market.volatility", "much", "plan.value"),
        ("market.volatility", 7, "plan.impossible"),
        ("fund.risk_form", "sideways", "plan.value"),
        ("class.infrastructure.share", 0.9, "scheme.shares"),
        ("sector.ai.weight", 1.2, "plan.impossible"),
    ],
)
def test_given_a_change_that_cannot_be_when_made_then_it_is_refused_with_its_place(
    root: Path, path: str, value: object, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        change.changed(shipped(root, "koga-500"), {path: value})

    assert [problem.code for problem in refused.value.problems] == [code]
    assert "{" not in refused.value.problems[0].message("ko")


def test_given_several_wrong_changes_when_made_then_all_are_told_at_once(root: Path) -> None:
    wrong = {"market.volatilty": 1, "market.premium": "x", "fund.uses": "dance"}

    with pytest.raises(Refusal) as refused:
        change.changed(shipped(root, "koga-500"), wrong)

    assert {problem.where for problem in refused.value.problems} == set(wrong)


def test_given_nothing_to_change_when_changed_then_the_leaves_are_the_same(root: Path) -> None:
    first = shipped(root, "small")

    assert change.changed(first, {}).leaves == first.leaves


def test_given_a_formula_that_gives_no_whole_number_when_derived_then_it_is_rounded_and_said(
    root: Path,
) -> None:
    scheme_of_hubs = scheme.load(root / "schemes" / "koga-500.toml")
    area, quantity = "programme.hub.space.area.2027", "programme.hub.quantity.2027"

    found = change.changed(scheme_of_hubs, {area: 31056.3})

    assert found.leaves[quantity].value == round(31056.3 * 365)
    assert found.leaves[quantity].formula == "" and "* 365" in found.leaves[quantity].method
