"""The city's registers into the books: every half-year's export, and one exported anew."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from koga.core.dates import Period
from koga.demo import registers
from koga.demo.city import City
from koga.demo.moments import on
from koga.operate.imports import mapping, services
from koga.operate.parties.models import Person

CORRECTED = "growth"
_TWICE = "같은 기업의 융자를 두 번 적음 / a loan of the same firm entered twice"


def take_in(
    place: City, period: Period, drawn: Mapping[str, list[registers.Row]], operator: Person
) -> int:
    """Import every agency's register of a half-year, twelve days after it ended."""
    of_agency: dict[str, list[registers.Row]] = defaultdict(list)
    for programme in place.programmes(period):
        of_agency[programme["agency"]] += drawn[programme["code"]]
    added = 0
    with on(period.end + timedelta(days=12)):
        for agency, rows in sorted(of_agency.items()):
            file = _write(place, f"{agency}-{period.name}.csv", rows)
            added += services.import_awards(file, _mapping(agency), person=operator).added
    return added


def correct(place: City, operator: Person) -> None:
    """The growth corporation exports its register anew: three loans are lower, one is gone."""
    period = place.periods[-2]
    rows = [
        row
        for half, past in enumerate(place.periods)
        for programme in place.programmes(past)
        if programme["agency"] == CORRECTED
        for row in registers.rows(programme, past, half=half, scale=place.scale, seed=place.seed)
    ]
    wrong = [row for row in rows if period.name in row.지원번호 and "LOAN" in row.지원번호][:4]
    lower = {row.지원번호: _lowered(row) for row in wrong[:3]}
    kept = [lower.get(row.지원번호, row) for row in rows if row != wrong[3]]
    with on(place.periods[-1].end + timedelta(days=13)):
        file = _write(place, f"{CORRECTED}-anew.csv", kept)
        outcome = services.import_awards(
            file, _mapping(CORRECTED), person=operator, snapshot=True, reason=_TWICE
        )
        services.decide_vanished(
            outcome.vanished, decision="withdraw", reason=_TWICE, person=operator
        )


def _lowered(row: registers.Row) -> registers.Row:
    return replace(row, 금액=f"{int(row.금액.replace(',', '')) // 2:,}")


def _write(place: City, name: str, rows: Iterable[registers.Row]) -> Path:
    file = place.folder / "registers" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(registers.as_csv(list(rows)))
    return file


def _mapping(agency: str) -> mapping.RegisterMapping:
    """The city's mapping for the register of one agency."""
    text = (Path(__file__).parent / "mapping.toml").read_text()
    return mapping.parse(text.replace('register = "hannuri"', f'register = "hannuri-{agency}"'))
