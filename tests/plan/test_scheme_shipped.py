"""The shipped schemes say exactly what was published, and what is computed from it is right."""

from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pytest

from koga.plan import build
from koga.plan.schemes import scheme
from koga.plan.schemes.scheme import Scheme

JO, EOK = 10**12, 10**8
NAMES = ("koga-500", "national-growth-150", "small")

# The five-year matrix and the plan of 2026 as published, in hundredths of a trillion won.
MATRIX = {
    "direct_equity": {"fund": (750, 150), "private": (750, 150), "all": (1500, 300)},
    "indirect": {"fund": (750, 150), "private": (2750, 550), "all": (3500, 700)},
    "infrastructure": {"fund": (1000, 200), "private": (4000, 800), "all": (5000, 1000)},
    "loan": {"fund": (5000, 1000), "private": (0, 0), "all": (5000, 1000)},
}
CELLS = [
    (name, side, period, amount * JO // 100)
    for name, sides in MATRIX.items()
    for side, amounts in sides.items()
    for period, amount in zip(("total", "2026"), amounts, strict=True)
]


@pytest.fixture(scope="module")
def national(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "national-growth-150.toml")


@pytest.fixture(scope="module")
def proposal(root: Path) -> Scheme:
    return scheme.load(root / "schemes" / "koga-500.toml")


@pytest.mark.parametrize("name", NAMES)
def test_given_money_called_senior_when_the_vehicles_are_built_then_some_money_ranks_behind_it(
    root: Path, name: str
) -> None:
    for vehicle in build.build(scheme.load(root / "schemes" / f"{name}.toml")).vehicles:
        ranks = {rank for _, rank in vehicle.ranks}
        assert "senior" not in ranks or ranks & {"mezzanine", "junior"}, vehicle.name


@pytest.mark.parametrize("name", NAMES)
def test_given_a_shipped_scheme_when_checked_then_it_has_no_problem(root: Path, name: str) -> None:
    text = (root / "schemes" / f"{name}.toml").read_text()

    assert [problem.message("en") for problem in scheme.check(text, name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_given_a_shipped_scheme_when_read_then_every_figure_says_its_basis(
    root: Path, name: str
) -> None:
    loaded = scheme.load(root / "schemes" / f"{name}.toml")

    for leaf in scheme.leaves(loaded):
        assert leaf.label_ko and leaf.label_en, leaf.path
        if leaf.basis == "stated":
            assert leaf.source in loaded.sources, leaf.path
        if leaf.basis == "derived":
            assert leaf.formula or leaf.method, leaf.path
        if leaf.basis == "assumed":
            assert leaf.source and leaf.note_ko and leaf.note_en, leaf.path
            assert leaf.note_ko != leaf.note_en, leaf.path
            assert leaf.options or (leaf.low is not None and leaf.high is not None), leaf.path


@pytest.mark.parametrize("name", NAMES)
def test_given_a_shipped_scheme_when_read_then_each_source_is_used(root: Path, name: str) -> None:
    loaded = scheme.load(root / "schemes" / f"{name}.toml")

    assert {leaf.source for leaf in scheme.leaves(loaded)} >= set(loaded.sources)


@pytest.mark.parametrize(("name", "side", "period", "amount"), CELLS)
def test_given_the_national_fund_when_read_then_each_published_cell_is_exact(
    national: Scheme, name: str, side: str, period: str, amount: int
) -> None:
    leaf = national.leaves[f"instrument.{name}.{side}.{period}"]

    assert (leaf.value, leaf.basis, leaf.unit) == (amount, "stated", "KRW")


@pytest.mark.parametrize("period", ["total", "2026"])
@pytest.mark.parametrize("side", ["fund", "private"])
def test_given_the_matrix_when_columns_are_summed_then_they_give_the_size(
    national: Scheme, side: str, period: str
) -> None:
    column = sum(national.amount(f"instrument.{name}.{side}.{period}") for name in MATRIX)

    assert (
        column == national.amount(f"size.{side}.{period}") == (75 if period == "total" else 15) * JO
    )


@pytest.mark.parametrize("period", ["total", "2026"])
@pytest.mark.parametrize("name", MATRIX)
def test_given_the_matrix_when_rows_are_summed_then_they_give_the_instrument(
    national: Scheme, name: str, period: str
) -> None:
    sides = [national.amount(f"instrument.{name}.{side}.{period}") for side in ("fund", "private")]

    assert sum(sides) == national.amount(f"instrument.{name}.all.{period}")


@pytest.mark.parametrize(
    ("name", "side"), [(name, side) for name in MATRIX for side in MATRIX[name]]
)
def test_given_the_plan_of_2026_when_taken_five_times_then_it_is_the_five_year_plan(
    national: Scheme, name: str, side: str
) -> None:
    path = f"instrument.{name}.{side}"

    assert national.amount(f"{path}.2026") * 5 == national.amount(f"{path}.total")


def test_given_floors_when_read_then_they_are_at_least_and_not_equal(national: Scheme) -> None:
    floor = national.leaves["instrument.indirect.all.2026"]
    parts = sum(
        national.amount(f"instrument.indirect.{side}.2026")
        for side in ("fund", "private", "fiscal")
    )

    assert floor.rule == "at_least"
    assert (floor.value, parts) == (7 * JO, 7 * JO + 4500 * EOK)
    assert national.leaves["size.all.2026"].rule == "at_least"


def test_given_budget_money_of_2026_when_summed_then_its_four_parts_are_4500(
    national: Scheme,
) -> None:
    parts = [
        national.amount("vehicle.policy.tranche.industry_wide.amount"),
        national.amount("vehicle.policy.tranche.scale_up.amount"),
        national.amount("vehicle.ultra_long.fiscal.2026"),
        national.amount("vehicle.citizens.fiscal.2026"),
    ]

    assert parts == [1600 * EOK, 900 * EOK, 800 * EOK, 1200 * EOK]
    assert sum(parts) == national.amount("instrument.indirect.fiscal.2026") == 4500 * EOK


def test_given_the_citizens_fund_when_read_then_its_first_loss_names_its_denominator(
    national: Scheme,
) -> None:
    path = "vehicle.citizens.first_loss"

    assert national.leaves[f"{path}.denominator"].value == "protected_money"
    assert national.amount(f"{path}.denominator_amount") == 6000 * EOK
    assert national.amount("vehicle.citizens.size.2026") == 7200 * EOK
    assert national.number(f"{path}.share") == Fraction(1, 5)
    assert national.number(f"{path}.share_of_total") == Fraction(1, 6)


@pytest.mark.parametrize(
    ("sector", "five_years", "year"),
    [
        ("ai", 3000, 600),
        ("chips", 2090, 418),
        ("mobility", 1540, 308),
        ("bio", 1160, 232),
        ("battery", 790, 158),
        ("media", 510, 100),
        ("rest", 5910, 1114),
    ],
)
def test_given_the_sectors_when_read_then_they_are_as_published(
    national: Scheme, sector: str, five_years: int, year: int
) -> None:
    total = national.amount(f"sector.{sector}.amount.total")
    first = national.amount(f"sector.{sector}.amount.2026")

    assert (total, first) == (five_years * JO // 100, year * JO // 100)
    assert sector == "rest" or abs(5 * first - total) <= JO // 10


@pytest.mark.parametrize(
    ("path", "expected", "unit"),
    [
        ("obligation.regions.threshold", Fraction(2, 5), "share"),
        ("obligation.regions_2026.threshold", 12 * JO, "KRW"),
        ("obligation.small_firms.threshold", 10 * JO, "KRW"),
        ("capital.guaranteed_bonds.bond.limit.2026", 15 * JO, "KRW"),
        ("capital.guaranteed_bonds.bond.maturity_min_years", 2, "years"),
        ("capital.guaranteed_bonds.bond.maturity_max_years", 20, "years"),
        ("project.sinan_ui_wind.approved", 7500 * EOK, "KRW"),
        ("project.p5_fab.approved", 25 * JO // 10, "KRW"),
        ("project.battery_materials.announced", 1200 * EOK, "KRW"),
        ("project.battery_materials.approved", 1000 * EOK, "KRW"),
        ("fund.demand", 153 * JO, "KRW"),
        ("size.all.total", 150 * JO, "KRW"),
        ("instrument.indirect.terms.blind_share", Fraction(7, 10), "share"),
    ],
)
def test_given_the_national_fund_when_read_then_its_rules_are_as_published(
    national: Scheme, path: str, expected: int | Fraction, unit: str
) -> None:
    leaf = national.leaves[path]

    assert (leaf.value, leaf.unit, leaf.basis) == (expected, unit, "stated")


def test_given_the_national_fund_when_committed_then_cells_add_up_to_the_plan(
    national: Scheme,
) -> None:
    cells = scheme.committed(national)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        sums[cell.instrument, cell.source] += cell.amount_won

    for name, sides in MATRIX.items():
        for side in ("fund", "private"):
            assert sums[name, side] == sides[side][0] * JO // 100
    first = {(c.instrument, c.source): c.amount_won for c in cells if c.year == 2026}
    assert first["indirect", "fiscal"] == 4500 * EOK
    assert sum(won for (_, side), won in first.items() if side != "fiscal") == 30 * JO
    assert {cell.year for cell in cells} == set(range(2026, 2031))


STATED = {
    "size.all.total",
    "fund.vehicle",
    "fund.uses",
    "fund.sectors",
    "fund.risk_sharing",
    "fund.use_of_gains",
}
"""All that was ever said about the proposed fund itself."""


def test_given_the_proposal_when_counted_then_six_values_of_the_fund_were_stated(
    proposal: Scheme,
) -> None:
    stated = {leaf.path for leaf in scheme.leaves(proposal) if leaf.basis == "stated"}

    assert {path for path in stated if not path.startswith("target.")} == STATED
    assert scheme.counts(proposal)["assumed"] > 20 * len(STATED)
    assert scheme.counts_by_table(proposal)["class"]["stated"] == 0


def test_given_the_proposal_when_committed_then_it_adds_up_to_500_trillion(
    proposal: Scheme,
) -> None:
    cells = scheme.committed(proposal)
    public = sum(cell.amount_won for cell in cells if cell.source == "fund")

    assert sum(cell.amount_won for cell in cells) == 500 * JO
    assert abs(public - 250 * JO) < len(cells)
    assert proposal.number("fund.public_share") == Fraction(1, 2)
    assert len(cells) == 10 * 4 * 2


def test_given_ten_thousand_talents_when_read_then_both_definitions_are_targets(
    proposal: Scheme,
) -> None:
    first, second = (f"target.{name}" for name in proposal.entries["target"])
    parts = [proposal.number(f"{second}.part.{name}")
             for name in ("sesac", "campus_town", "rise", "departments")]  # fmt: skip

    assert proposal.leaves[f"{first}.yearly"].basis == "stated"
    assert proposal.leaves[f"{second}.yearly"].basis == "derived"
    assert proposal.number(f"{first}.yearly") == proposal.number(f"{second}.yearly") == 10_000
    assert parts == [4000, 2000, 2000, 2000]
    assert proposal.number(f"{second}.part.universities") == 6000


def test_given_the_teaching_scheme_when_read_then_every_table_is_explained(root: Path) -> None:
    text = (root / "schemes" / "small.toml").read_text()
    blocks = [block for block in text.split("\n\n") if "value =" in block]
    explained = [block for block in blocks if block.lstrip().startswith("#")]

    assert len(text.splitlines()) < 250
    assert len(explained) * 2 >= len(blocks)


def test_given_a_file_when_loaded_then_its_hash_is_of_its_bytes(root: Path) -> None:
    import hashlib

    path = root / "schemes" / "small.toml"

    assert scheme.load(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
