"""Every problem a scheme can have: its code, its place, in both languages, all at once."""

from pathlib import Path

import pytest

from koga.core.problems import Refusal, catalogue
from koga.plan.schemes import scheme

LEAF = 'value = "20억", basis = "stated", source = "plan"'
"""The leaf `instrument.indirect.fund.total` of the teaching scheme."""


@pytest.fixture(scope="module")
def small(root: Path) -> str:
    return (root / "schemes" / "small.toml").read_text()


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


CASES = [
    # what was written, what it becomes, the code, where
    ('of = "vehicle.venture_fund.first_loss"', 'of = "vehicle.venture_fund"',
     "scheme.contingent_of", "contingent.first_loss.of"),
    ("[contingent.first_loss]", '[contingent.other]\nof = "vehicle.venture_fund.first_loss"\n'
     "[contingent.first_loss]", "scheme.contingent_twice", "contingent.first_loss.of"),
    ("[scheme]", "[scheme", "scheme.syntax", "small"),
    ('code = "small"', 'colour = "red"\ncode = "small"', "scheme.unknown_key", "scheme.colour"),
    ("[sector.ai]", "[extra]\n[sector.ai]", "scheme.unknown_key", "extra"),
    ('code = "ai"', 'colour = "red"', "scheme.unknown_key", "sector.ai.colour"),
    ("[instrument.loan.fund]", "[instrument.lone.fund]", "scheme.unknown_key", "instrument.lone"),
    (LEAF, LEAF + ", colour = 1", "scheme.unknown_key", "instrument.indirect.fund.total.colour"),
    ('code = "small"', "", "scheme.missing", "scheme.code"),
    ('code = "small"', 'code = "Small fund"', "scheme.code", "scheme.code"),
    ("[size.all]\ntotal =", "[size]\nall =", "scheme.not_table", "size.all"),
    ("[fund]", "[[fund]]", "scheme.not_table", "fund"),
    ("[[programme]]", "[programme]", "scheme.syntax", "small"),
    (f"{{ {LEAF} }}", '"20억"', "scheme.not_leaf", "instrument.indirect.fund.total"),
    (f"{{ {LEAF} }}", "20", "scheme.not_leaf", "instrument.indirect.fund.total"),
    ('id = "gpu"', 'id = "g p u"', "scheme.name", "programme.1"),
    ('id = "gpu"', 'id = "academy"', "scheme.duplicate", "programme.academy"),
    ("[sector.bio]", '[sector."b o"]', "scheme.name", "sector.b o"),
    ('2025  = { value = "5억"', 'y25  = { value = "5억"', "scheme.year",
     "instrument.indirect.fund.y25"),
    ('2026  = { value = "15억"', '2024  = { value = "15억"', "scheme.years_order",
     "instrument.indirect.fund.2024"),
    ('value = "20억", ', "", "scheme.no_value", "instrument.indirect.fund.total"),
    ('"20억", basis = "stated", ', '"20억", ', "scheme.no_basis",
     "instrument.indirect.fund.total"),
    ('"20억", basis = "stated"', '"20억", basis = "guessed"', "scheme.basis",
     "instrument.indirect.fund.total"),
    (LEAF, 'value = "20억", basis = "stated"', "scheme.no_source",
     "instrument.indirect.fund.total"),
    (LEAF, LEAF.replace('"plan"', '"paln"'), "scheme.unknown_source",
     "instrument.indirect.fund.total"),
    (LEAF, LEAF.replace('"20억"', '"twenty"'), "scheme.type", "instrument.indirect.fund.total"),
    (LEAF, LEAF.replace('"20억"', "20.5"), "scheme.type", "instrument.indirect.fund.total"),
    (LEAF, LEAF.replace('"20억"', "true"), "scheme.type", "instrument.indirect.fund.total"),
    ("value = 2025, basis", "value = 25, basis", "scheme.type", "fund.first_year"),
    ("proposed_on = 2024-06-01", 'proposed_on = "1 June"', "scheme.type", "scheme.proposed_on"),
    ('rank  = { value = "senior"', 'rank  = { value = "first"', "scheme.choice",
     "capital.banks.rank"),
    ('side = "private"', 'side = "both"', "scheme.choice", "capital.banks.side"),
    ('unit = "share", basis', 'unit = "won", basis', "scheme.unit",
     "obligation.city_firms.threshold"),
    (LEAF, LEAF + ', unit = "EUR"', "scheme.unit", "instrument.indirect.fund.total"),
    ('unit = "GPU-HOUR-H100"', 'unit = "GPU"', "scheme.unknown_unit", "programme.gpu.unit"),
    (LEAF, LEAF.replace('"20억"', '"-20억"'), "scheme.too_small",
     "instrument.indirect.fund.total"),
    ('share       = { value = "25%"', 'share       = { value = "125%"', "scheme.too_large",
     "vehicle.venture_fund.first_loss.share"),
    ("low = 0.4, high = 0.8, ", "", "scheme.no_range", "sector.ai.weight"),
    ("low = 0.4, high = 0.8, ", "low = 0.4, ", "scheme.no_range", "sector.ai.weight"),
    (', note = { ko = "비슷한 과정의 단가", en = "what similar courses cost" }', "",
     "scheme.no_reason", "programme.academy.unit_cost"),
    ("low = 0.4, high = 0.8", "low = 0.8, high = 0.4", "scheme.range_order", "sector.ai.weight"),
    ("low = 0.4, high = 0.8", "low = 0.7, high = 0.8", "scheme.range", "sector.ai.weight"),
    ('note = { ko = "비슷한 과정의 단가", en', "note = { en", "scheme.pair",
     "programme.academy.unit_cost.note"),
    ('basis = "derived", from = "target.talents.yearly"', 'basis = "derived"',
     "scheme.no_formula", "programme.academy.quantity.2025"),
    ('"1 - sector.ai.weight"', '"1 minus sector.ai.weight"', "scheme.formula_unreadable",
     "sector.bio.weight"),
    ('"1 - sector.ai.weight"', '"1 - sector.ai.wait"', "scheme.formula_path",
     "sector.bio.weight"),
    ('"1 - sector.ai.weight"', '"capital.city.rank"', "scheme.formula_not_number",
     "sector.bio.weight"),
    ('"1 - sector.ai.weight"', '"1 / (sector.ai.weight - 0.6)"', "scheme.formula_zero",
     "sector.bio.weight"),
    ('"1 - sector.ai.weight"', '"sector.bio.weight"', "scheme.formula_circle",
     "sector.bio.weight"),
    ('"1 - sector.ai.weight"', '"1.01 - sector.ai.weight"', "scheme.formula_mismatch",
     "sector.bio.weight"),
    ('legal_form = { value = "fund", basis = "stated", source = "plan"',
     'legal_form = { value = "fund", basis = "derived", from = "1 + 1"', "scheme.formula_words",
     "scheme.legal_form"),
    ("value = 0.6, basis", "value = 0.5, basis", "scheme.shares", "sector"),
    ('2025  = { value = "5억"', '2025  = { value = "6억"', "scheme.formula_mismatch",
     "instrument.indirect.fund.2026"),
    ('"15억", basis = "derived", from = "instrument.indirect.fund.total - '
     'instrument.indirect.fund.2025"', '"16억", basis = "stated", source = "plan"',
     "scheme.years_sum", "instrument.indirect.fund.total"),
    ('capital = "city"', 'capital = "state"', "scheme.reference", "programme.academy.capital"),
    ('target = "talents"', 'target = "talent"', "scheme.reference", "programme.academy.target"),
    ("[instrument.loan.fund]", "[instrument.loan.fiscal]", "scheme.no_amount", "instrument.loan"),
    ("[instrument.loan.fund]", '[instrument.loan]\nshare = { value = 1, basis = "stated", source '
     '= "plan" }\n[instrument.loan.fund]', "scheme.two_ways", "instrument.loan"),
    ("[instrument.loan.fund]", '[instrument.infrastructure]\nshare = { value = 1, basis = "stated"'
     ', source = "plan" }\n[instrument.loan.fund]', "scheme.share_needs",
     "instrument.infrastructure"),
    ('denominator = { value = "vehicle_total"', 'settles = { value = "liquidation"',
     "scheme.first_loss_denominator", "vehicle.venture_fund.first_loss.denominator"),
    ('level       = { value = "sub_fund"', 'amount = { value = "10억", basis = "stated", source = '
     '"plan" }\ndenominator_amount = { value = "80억", basis = "stated", source = "plan" }\n'
     'level       = { value = "sub_fund"', "scheme.first_loss_amount",
     "vehicle.venture_fund.first_loss"),
    ('base      = { value = "investor_money", basis = "stated", source = "plan" }\n', "",
     "scheme.obligation_base", "obligation.city_firms.base"),
    ('base      = { value = "investor_money"', 'base      = { value = "none"',
     "scheme.obligation_base", "obligation.city_firms.base"),
    ("unit_cost     = { value = 3500, ", "life_years     = { value = 35, ",
     "scheme.programme_cost", "programme.gpu.unit_cost"),
    ("yearly = { value = 3500,", "value.2027 = { value = 3500,", "scheme.formula_path",
     "programme.academy.quantity.2025"),
    ('periods = ["2025", "2026"]', 'periods = ["2025", "spring"]', "scheme.period",
     "target.talents.periods"),
    ('periods = ["2025", "2026"]\n', "", "scheme.target_empty", "target.talents"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code", "where"), CASES, ids=[f"{case[2]}-{case[3]}" for case in CASES]
)
def test_given_one_mistake_when_checked_then_its_code_and_place_are_told(
    small: str, old: str, new: str, code: str, where: str
) -> None:
    found = scheme.check(changed(small, old, new), "small")

    assert (code, where) in {(problem.code, problem.where) for problem in found}


@pytest.mark.parametrize(("old", "new"), [case[:2] for case in CASES], ids=[c[2] for c in CASES])
def test_given_any_mistake_when_told_then_both_languages_name_the_place(
    small: str, old: str, new: str
) -> None:
    for problem in scheme.check(changed(small, old, new), "small"):
        for language in ("ko", "en"):
            assert problem.message(language).startswith(problem.where)


def test_given_a_programme_without_quantities_when_checked_then_it_is_told(small: str) -> None:
    text = "\n".join(
        line for line in small.splitlines() if not line.startswith("quantity.") or "3500" in line
    )

    found = scheme.check(text)

    assert ("scheme.programme_quantity", "programme.gpu.quantity") in {
        (problem.code, problem.where) for problem in found
    }


def test_given_shares_of_one_whole_when_they_miss_one_then_the_table_is_told(root: Path) -> None:
    text = (root / "schemes" / "koga-500.toml").read_text()
    text = changed(text, "2027 = { value = 0.04", "2027 = { value = 0.05")

    found = scheme.check(text)

    assert [(problem.code, problem.where) for problem in found] == [("scheme.sum", "pace")]


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ('contracted = { value = "80억"', 'contracted = { value = "120억"', "scheme.life_order",
         "project.lab.contracted"),
        ('drawn = { value = "50억"', 'drawn = { value = "90억"', "scheme.life_order",
         "project.lab.drawn"),
        ("tenor_max_years = { value = 9", "tenor_max_years = { value = 7", "scheme.range_order",
         "project.lab.tenor_min_years"),
    ],
)  # fmt: skip
def test_given_a_project_when_money_runs_ahead_of_its_stage_then_it_is_told(
    small: str, old: str, new: str, code: str, where: str
) -> None:
    said = 'basis = "stated", source = "plan"'
    project = f"""
[project.lab]
name_ko = "연구소"
name_en = "Laboratory"
announced = {{ value = "70억", {said} }}
approved = {{ value = "100억", {said} }}
contracted = {{ value = "80억", {said} }}
drawn = {{ value = "50억", {said} }}
repaid = {{ value = 0, {said} }}
tenor_min_years = {{ value = 8, {said} }}
tenor_max_years = {{ value = 9, {said} }}
"""
    assert scheme.check(small + project) == []

    found = scheme.check(small + changed(project, old, new))

    assert [(problem.code, problem.where) for problem in found] == [(code, where)]


def test_given_a_list_where_tables_belong_when_checked_then_it_is_told() -> None:
    found = scheme.check('target = 5\n[scheme]\ncode = "a"\n')

    assert ("scheme.not_list", "target") in {(one.code, one.where) for one in found}


BROKEN = """
[scheme]
code = "broken"
name_ko = "깨진 계획"
colour = "red"
legal_form = { value = "club", basis = "stated", source = "a" }
[sources]
a = { title = "A", publisher = "B", date = "2025", kind = "press" }
[size.all]
total = { value = "-5조", basis = "stated", source = "a" }
2026 = { value = "1조", basis = "stated" }
2025 = { value = "1조", basis = "stated", source = "zz" }
[fund]
reinvested_share = { value = 0.9, basis = "assumed", source = "a", low = 0.1, high = 0.5 }
public_share = { value = 0.5, basis = "derived" }
life_years = { value = "long", basis = "stated", source = "a" }
deployment_years = { basis = "stated", source = "a" }
first_year = 2026
[instrument.loan]
[vehicle.first]
name_ko = "가"
name_en = "A"
instrument = "loan"
[vehicle.first.first_loss]
provider = { value = "fiscal", basis = "stated", source = "a" }
share = { value = 0.2, basis = "stated", source = "a" }
level = { value = "feeder", basis = "stated", source = "a" }
[sector.ai]
name_ko = "인공지능"
name_en = "AI"
weight = { value = 0.3, basis = "hoped", source = "a" }
[sector.bio]
name_ko = "바이오"
name_en = "Bio"
weight = { value = 0.3, basis = "derived", from = "1 - sector.chips.weight" }
[obligation.regions]
name_ko = "지역"
name_en = "Regions"
numerator = { value = "regions", basis = "stated", source = "a" }
threshold = { value = 0.4, unit = "share", basis = "stated", source = "a" }
per = { value = "year", basis = "stated", source = "a" }
[[programme]]
id = "one"
name_ko = "하나"
name_en = "One"
instrument = "training"
unit = "CHAIR"
[[programme]]
id = "one"
name_ko = "둘"
name_en = "Two"
instrument = "training"
unit = "SEAT"
unit_cost = { value = 1, basis = "stated", source = "a" }
[[target]]
id = "talents"
name_ko = "인재"
name_en = "Talents"
definition_ko = "정의"
definition_en = "Definition"
metric = "talents_completed"
unit = "people"
"""
BROKEN_CODES = {
    "scheme.unknown_key",
    "scheme.choice",
    "scheme.missing",
    "scheme.too_small",
    "scheme.no_source",
    "scheme.unknown_source",
    "scheme.years_order",
    "scheme.range",
    "scheme.no_reason",
    "scheme.no_formula",
    "scheme.type",
    "scheme.no_value",
    "scheme.not_leaf",
    "scheme.no_amount",
    "scheme.first_loss_denominator",
    "scheme.basis",
    "scheme.formula_path",
    "scheme.shares",
    "scheme.obligation_base",
    "scheme.programme_cost",
    "scheme.programme_quantity",
    "scheme.unknown_unit",
    "scheme.duplicate",
    "scheme.target_empty",
}


def test_given_a_file_with_many_mistakes_when_checked_then_all_are_told_at_once() -> None:
    found = scheme.check(BROKEN)

    assert {problem.code for problem in found} == BROKEN_CODES
    assert len(found) == len({(problem.code, problem.where) for problem in found}) >= 24


def test_given_many_mistakes_when_told_then_each_names_the_line_it_stands_on() -> None:
    lines = BROKEN.splitlines()
    by_place = {one.where: one.details["line"] for one in scheme.check(BROKEN)}

    assert lines[by_place["scheme.colour"] - 1] == 'colour = "red"'
    assert lines[by_place["size.all.2025"] - 1].startswith("2025 =")
    assert lines[by_place["target.talents"] - 1] == "[[target]]"
    assert lines[by_place["programme.one.unit_cost"] - 1] == "[[programme]]"


def test_given_many_mistakes_when_told_then_they_stand_in_the_catalogue_s_order() -> None:
    order = list(catalogue())
    places = [order.index(problem.code) for problem in scheme.check(BROKEN)]

    assert places == sorted(places)


def test_given_a_file_with_problems_when_loaded_then_it_is_refused_with_all(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(BROKEN)

    with pytest.raises(Refusal) as refused:
        scheme.load(path)

    assert {problem.code for problem in refused.value.problems} == BROKEN_CODES


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"\xff\xfe", "scheme.encoding"), (b"#" * 4_000_001, "scheme.file_size")],
)
def test_given_a_file_that_is_no_text_when_loaded_then_it_is_refused(
    tmp_path: Path, body: bytes, code: str
) -> None:
    path = tmp_path / "scheme.toml"
    path.write_bytes(body)

    with pytest.raises(Refusal) as refused:
        scheme.load(path)

    assert [problem.code for problem in refused.value.problems] == [code]


@pytest.mark.parametrize("name", ["missing.toml", ""])
def test_given_no_file_when_loaded_then_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal) as refused:
        scheme.load(tmp_path / name)

    assert [problem.code for problem in refused.value.problems] == ["scheme.file"]


def test_given_a_wrong_line_of_toml_when_checked_then_its_line_is_named() -> None:
    problem = scheme.check('[scheme]\ncode = "a"\nname_ko = oops\n', "mine.toml")[0]

    assert problem.code == "scheme.syntax"
    assert problem.message("ko").startswith("mine.toml (3행):")
    assert problem.message("en").startswith("mine.toml (line 3):")


def test_given_every_problem_code_of_this_room_when_counted_then_a_case_raises_each() -> None:
    told = {case[2] for case in CASES} | BROKEN_CODES
    told |= {"scheme.sum", "scheme.life_order", "scheme.not_list", "scheme.period"}
    told |= {"scheme.encoding", "scheme.file_size", "scheme.file"}

    assert {code for code in catalogue() if code.startswith("scheme.")} == told
