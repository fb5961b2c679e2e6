"""What became of firms in the fictional city: registers with known effects planted in them.

Employment of a firm at the end of a half-year is its own level, a movement all firms share, noise,
and for supported firms what this file plants. `seed-jobs` grows from its first half-year on;
`export-jobs` does nothing, though its firms are larger; `loan-jobs` went to firms that were
growing before, so that its evaluation must fail. No one may read an effect of a real body here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from koga.demo import registers
from koga.demo.city import City
from koga.demo.moments import on
from koga.operate.outcomes import mapping, services
from koga.operate.parties.models import Person

PLANS = Path(__file__).parent / "plans"
REGISTERED_ON = date(2024, 9, 2)
FIRST_HALF, LAST_HALF = 2022 * 2, 2026 * 2
OBSERVED_MAX, COMPARED, UNMATCHED = 70, 240, 25
"""Supported firms observed a half-year; firms compared with; one in so many has no match."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What is planted in one programme's register.

    series: its name. programme: whose recipients. level: employees of a supported firm on average
    before support, those compared with have eleven. growth: a half-year, of supported firms alone,
    whether supported yet or not. first, rise: the effect in the first half-year of support, and
    what each later one adds.
    """

    plan: str
    series: str
    programme: str
    level: float
    growth: float = 0.0
    first: float = 0.0
    rise: float = 0.0

    def effect(self, halves: int) -> float:
        """The effect so many half-years after the first supported one."""
        return self.first + self.rise * halves


ALL = (
    Planted("seed-jobs", "hannuri-insured", "hub-seed", level=14.0, first=1.2, rise=0.6),
    Planted("export-jobs", "hannuri-insured-export", "economy-export", level=15.0),
    Planted("loan-jobs", "hannuri-insured-loan", "growth-scaleup-loan", level=18.0, growth=0.7),
)
_MAPPING = """# The fictional insurer's extract of employees by firm.
kind = "outcomes"
series = "{series}"
source_system = "고용보험(가상)"
units = "business"

[fields.unit]
column = "사업자등록번호"

[fields.month]
column = "기준월"

[fields.metric]
constant = "employment"

[fields.value]
column = "피보험자수"

[fields.source]
constant = "고용보험 피보험자 명부(가상)"

[fields.coverage]
constant = "part"
"""


def register_plans(preparer: Person) -> None:
    """Register every plan, two years before anyone sees an outcome."""
    with on(REGISTERED_ON):
        for one in ALL:
            text = (PLANS / f"{one.plan}.toml").read_text()
            services.register_plan(text, person=preparer, where=f"{one.plan}.toml")


def take_in(place: City, operator: Person) -> int:
    """Import what the insurer observed, two weeks after the last half-year; counts observations."""
    folder = place.folder / "registers"
    added = 0
    with on(place.periods[-1].end + timedelta(days=14)):
        for one in ALL:
            file = folder / f"outcomes-{one.series}.csv"
            lines = ["사업자등록번호,기준월,피보험자수", *_lines(place, one)]
            file.write_text("\n".join(lines) + "\n")
            rule = folder / f"outcomes-{one.series}.toml"
            rule.write_text(_MAPPING.format(series=one.series))
            read = mapping.load(rule, "outcomes")
            added += services.import_file(file, read, person=operator).added
    return added


def _lines(place: City, one: Planted) -> Iterator[str]:
    draw = Random(f"{place.seed} {one.series} observed")
    shared = [0.25 * half + draw.gauss(0, 0.3) for half in range(LAST_HALF - FIRST_HALF + 1)]
    for number, start in _supported(place, one):
        if draw.randrange(UNMATCHED):
            yield from _firm(number, start, one, draw, shared)
    for number in _others(place, one, draw):
        yield from _firm(number, None, one, draw, shared)


def _supported(place: City, one: Planted) -> Iterator[tuple[str, int]]:
    """Numbers of supported firms with their first supported half-year, in order of the register."""
    for number, day in _recipients(place, one.programme):
        yield number, day.year * 2 + (day.month > 6)


def _recipients(place: City, code: str) -> Iterator[tuple[str, date]]:
    for half, period in enumerate(place.periods):
        for programme in place.programmes(period):
            if programme["code"] != code:
                continue
            rows = registers.rows(programme, period, half=half, scale=1, seed=place.seed)
            for _, row in zip(range(OBSERVED_MAX), rows, strict=False):
                yield row.사업자등록번호, date.fromisoformat(row.결정일)


def _others(place: City, one: Planted, draw: Random) -> Sequence[str]:
    """Firms to compare with: some had another programme's support, most had none."""
    own = {number for number, _ in _recipients(place, one.programme)}
    other = "economy-demonstration"
    elsewhere = [number for number, _ in _recipients(place, other)][:COMPARED:9]
    fresh = [registers.business_number(draw) for _ in range(COMPARED - len(elsewhere))]
    return [number for number in dict.fromkeys([*elsewhere, *fresh]) if number not in own]


def _firm(
    number: str, start: int | None, one: Planted, draw: Random, shared: Sequence[float]
) -> Iterator[str]:
    """A firm's employees at the end of every half-year."""
    supported = start is not None
    level = max(4.0, draw.gauss(one.level if supported else 11.0, 3.5))
    for place, movement in enumerate(shared):
        half = FIRST_HALF + place
        value = level + movement + draw.gauss(0, 1.4)
        if start is not None:
            value += one.growth * place
            value += one.effect(half - start) if half >= start else 0.0
        month = "12" if half % 2 else "06"
        yield f"{number},{half // 2}-{month},{max(0, round(value))}"


def true_effect(one: Planted, cohorts: Mapping[int, int]) -> float:
    """The planted average over supported firms and half-years; cohorts: firms by first half."""
    cells = [
        (firms, one.effect(half - start))
        for start, firms in cohorts.items()
        for half in range(start, LAST_HALF + 1)
    ]
    whole = sum(firms for firms, _ in cells)
    return sum(firms * effect for firms, effect in cells) / whole
