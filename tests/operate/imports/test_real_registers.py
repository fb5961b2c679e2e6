"""The real registers beside the checkout, by the shipped mappings, to the cent."""

from pathlib import Path

import polars
import pytest

from koga.operate.imports import mapping as mappings
from koga.operate.imports import services
from koga.operate.imports.services import Outcome
from koga.operate.ledger import selectors as ledger
from koga.operate.parties import selectors as parties
from koga.operate.parties.models import Agency, Person
from koga.operate.support.models import Record, RecordChange

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


def imported(path: Path, mapping: str, person: Person, **named: bool) -> Outcome:
    return services.import_awards(path, mappings.load(mapping), person=person, **named)


def in_books(unit: str) -> int:
    return -sum(
        ledger.balance(code, "source:external", unit)
        for code, commodity in ledger.accounts_named("source:external")
        if commodity == unit
    )


def test_given_the_berlin_register_when_imported_again_and_as_snapshot_then_nothing_is_lost(
    real_data: Path, operator: Person, tmp_path: Path
) -> None:
    path = real_data / "berlin-grants" / "berlin_grants_2009_2017.parquet"
    first = imported(path, "berlin-grants.toml", operator)
    again = imported(path, "berlin-grants.toml", operator)

    frame = polars.read_parquet(path)
    step = polars.col("row_no") % 1000 == 7
    changed = frame.filter(step)["row_no"].head(50).to_list()
    gone = frame.filter(polars.col("row_no") % 5000 == 11)["row_no"].head(10).to_list()
    altered = frame.with_columns(
        polars.when(polars.col("row_no").is_in(changed))
        .then(polars.col("amount_eur") + 1)
        .otherwise(polars.col("amount_eur"))
        .alias("amount_eur")
    ).filter(~polars.col("row_no").is_in(gone))
    altered.write_parquet(tmp_path / "altered.parquet")
    snapshot = imported(tmp_path / "altered.parquet", "berlin-grants.toml", operator, snapshot=True)

    assert (first.read, first.added, first.refused) == (73_436, 73_436, {})
    assert first.totals == {"EUR": 14_145_702_625_00}
    assert (again.added, again.unchanged) == (0, 73_436)
    assert (snapshot.added, snapshot.corrected, len(snapshot.vanished)) == (0, 50, 10)
    assert RecordChange.objects.filter(field="amount").count() == 50
    assert Record.objects.count() == 73_436
    assert in_books("EUR") == 14_145_702_675_00
    assert Agency.objects.count() == 29
    names = [parties.agency_named("be-wirtschaft", day).name_en for day in _days()]
    assert [name.split(", ")[1].split()[0] for name in names] == [
        "Technologie", "Technologie", "Energie"
    ]  # fmt: skip
    assert len(set(names)) == 3
    assert not Record.objects.exclude(opaque_person="").exclude(recipient="").exists()


def _days() -> list:  # type: ignore[type-arg]
    from datetime import date

    return [date(2011, 6, 1), date(2014, 6, 1), date(2017, 6, 1)]


def test_given_the_ppp_loans_when_imported_then_equal_rows_all_stay_to_the_cent(
    real_data: Path, operator: Person
) -> None:
    path = real_data / "us-ppp-loans" / "ppp_under150k_8states.parquet"

    outcome = imported(path, "us-ppp-loans.toml", operator)

    assert (outcome.read, outcome.added, outcome.refused) == (170_846, 170_846, {})
    assert outcome.totals == {"USD": 5_458_800_359_49}
    assert in_books("USD") == 5_458_800_359_49
    twins = Record.objects.exclude(identity__endswith="#1").values_list("identity", flat=True)
    equal = {identity.split("#")[0] for identity in twins}
    assert len(twins) + len(equal) == 328


UK = {
    "2013-14": (1_019, 1_018, 146_828_025_380_67),
    "2014-15": (1_180, 1_180, 132_032_225_406_90),
    "2015-16": (1_349, 1_349, 109_037_558_971_00),
    "2016-17": (1_207, 1_207, 99_835_148_027_00),
}
"""Year -> rows read, rows added, pence."""


def test_given_four_years_of_uk_schemes_when_imported_then_each_in_its_own_unit(
    real_data: Path, operator: Person
) -> None:
    for year, (read, added, pence) in UK.items():
        path = real_data / "uk-grant-schemes" / f"schemes_{year}.csv"
        outcome = imported(path, f"uk-grant-schemes-{year}.toml", operator)
        assert (year, outcome.read, outcome.added) == (year, read, added)
        assert outcome.totals == {"GBP": pence}

    assert in_books("GBP") == sum(pence for _, _, pence in UK.values())
    assert Agency.objects.count() == 17
    assert Record.objects.filter(agency="uk-bis").values("register").distinct().count() == 4


def test_given_the_uk_year_without_a_department_when_imported_then_that_row_is_named(
    real_data: Path, operator: Person
) -> None:
    path = real_data / "uk-grant-schemes" / "schemes_2013-14.csv"

    outcome = imported(path, "uk-grant-schemes-2013-14.toml", operator)

    assert {row: [p.code for p in found] for row, found in outcome.refused.items()} == {
        105: ["imports.blank"]
    }
