"""Builds the fictional city: its books, its statements, its two signed releases.

Everything goes through the same services the desk and the commands use; only the moments are
given, so that two years can pass in a minute and the same seed makes the same tables.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from koga.core.dates import Period
from koga.core.journal import Entry, Posting
from koga.core.units import find
from koga.demo import fund, imports, outcomes, people, registers, statements
from koga.demo.city import City
from koga.demo.moments import at, on
from koga.operate.ledger import services as ledger
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.operate.support import services as support
from koga.publish import selectors as published
from koga.publish import services as publish
from koga.publish import typed
from koga.publish.booked import read_books
from koga.release import keys

NIL = ("energy",)
LATE = {("robotics", "2025-H1"): 12, ("logistics", "2025-H2"): 30, ("bio", "2026-H1"): 22}
"""Statements signed so many days after they were due."""
SILENT = {("logistics", "2026-H1"), ("design", "2025-H2"), ("design", "2026-H1")}
"""Statements never signed."""
EXCUSES = {("logistics", "2026-H1"): "외부 감사가 끝난 뒤 제출하겠습니다."}

Step = Callable[[str, str], None]


def city(folder: Path, *, scale: int, step: Step) -> None:
    """Build everything under `folder`, telling each step in both languages."""
    place = City(folder, scale)
    staff = people.settle()
    settle(place)
    fund.register(staff["operator"])
    outcomes.register_plans(staff["preparer"])
    step("기관, 사람, 펀드를 적었습니다.", "Agencies, people and funds are in the books.")
    for half, period in enumerate(place.periods):
        _half_year(place, half, period, staff, step)


def settle(place: City) -> None:
    """The publisher, the agencies with their names and successions, and their duties."""
    first = place.written["first_day"]
    publish.describe_publisher(
        name_ko=place.written["name_ko"],
        name_en=place.written["name_en"],
        own_schemes=["small"],
    )
    for agency in place.written["agency"]:
        parties.create_agency(
            code=agency["code"],
            name_ko=agency["ko"],
            name_en=agency["en"],
            kind=agency["kind"],
            since=first,
        )
    for agency in place.written["agency"]:
        if new := agency.get("renamed"):
            parties.rename_agency(
                code=agency["code"], name_ko=new["ko"], name_en=new["en"], since=new["since"]
            )
        until = None
        if end := agency.get("succeeded"):
            parties.succeed_agency(code=agency["code"], successor=end["by"], on=end["on"])
            until = end["on"] - timedelta(days=1)
        publish.set_duty(agency=agency["code"], every="half", since=first, days=60, until=until)
    for programme in place.written["programme"]:
        named = {key: programme[key] for key in ("instrument", "sector", "unit", "legal_basis")}
        support.create_programme(
            programme=programme["code"],
            agency=programme["agency"],
            name_ko=programme["ko"],
            name_en=programme["en"],
            **named,
        )


def _half_year(
    place: City, half: int, period: Period, staff: Mapping[str, Person], step: Step
) -> None:
    """One half-year: budgets, registers, corrections, statements, a release where one is due."""
    drawn = {
        programme["code"]: list(
            registers.rows(programme, period, half=half, scale=place.scale, seed=place.seed)
        )
        for programme in place.programmes(period)
    }
    operator = staff["operator"]
    for programme in place.programmes(period):
        _post_support(programme, period, drawn[programme["code"]], operator)
    fund.post(period, first=half == 0, operator=operator, approver=staff["approver"])
    count = imports.take_in(place, period, drawn, operator)
    step(f"{period.label('ko')}: 지원 {count:,}건", f"{period}: {count:,} records of support")
    if period == place.periods[-1]:
        imports.correct(place, operator)
        seen = outcomes.take_in(place, operator)
        step(f"결과 관측 {seen:,}건", f"{seen:,} observations of outcomes")
        _restate(place.periods[-2], staff)
    _sign_all(place, half, period, staff)
    if period.name in place.written["releases"]:
        _release(place, period)
        step(f"{period.label('ko')} 공개판에 서명했습니다.", f"Release {period} is signed.")


def _post_support(
    programme: Mapping[str, Any], period: Period, drawn: list[registers.Row], operator: Person
) -> None:
    """Budget at the start, commitments six weeks on, what registers report drawn from them.

    A register credits `source:external`; the entry `use` turns that back against the
    commitment, so that what is left in each stage is what is really left.
    """
    code, unit = programme["code"], programme["unit"]
    given = sum(int(row.금액.replace(",", "")) for row in drawn) * 10 ** find(unit).scale
    if not given:
        return
    budget = given * 108 // 100
    moves = (
        ("budget", "budget", period.start, f"available:{code}", "source:budget", budget),
        ("commit", "commit", period.start + timedelta(45), f"committed:{code}",
         f"available:{code}", given),
        ("use", "deliver", period.end, "source:external", f"committed:{code}", given),
        ("lapse", "lapse", period.end, f"lapsed:{code}", f"available:{code}", budget - given),
    )  # fmt: skip
    for name, kind, day, debit, credit, amount in moves:
        if amount:
            lines = (Posting(debit, unit, amount), Posting(credit, unit, -amount))
            entry = Entry(
                programme["agency"], f"{code} {period.name} {name}", kind, day, lines, code
            )
            with on(day):
                ledger.post(entry, maker=operator.opaque_id)


def _sign_all(place: City, half: int, period: Period, staff: Mapping[str, Person]) -> None:
    """Draft and sign the statements of a half-year in the order of their days."""
    books = read_books(period)
    for day, agency in sorted(_signings(place, period)):
        said = _typed(place, agency, half, period)
        publish.draft(
            agency=agency,
            period=period,
            person=staff["preparer"],
            typed=typed.parse(said, f"{agency} {period}"),
            books=books,
        )
        _sign(agency, period, staff["approver"], day)
    for (agency, name), text in EXCUSES.items():
        if name == period.name:
            publish.say_why_late(
                agency=agency,
                period=period,
                person=staff["preparer"],
                text=text,
                at=at(period.end + timedelta(days=70)),
            )


def _signings(place: City, period: Period) -> Iterator[tuple[date, str]]:
    for agency in place.agencies(period):
        if (agency, period.name) not in SILENT:
            late_days = LATE.get((agency, period.name), 0)
            yield statements.signing_day(agency, period, late_days), agency


def _typed(place: City, agency: str, half: int, period: Period) -> dict[str, Any]:
    if agency in NIL:
        return statements.nil_return()
    booked = any(programme["agency"] == agency for programme in place.programmes(period))
    return statements.typed(
        agency,
        period,
        half=half,
        open_promises=published.earlier_promises(agency, period),
        booked=booked,
    )


def _sign(agency: str, period: Period, approver: Person, day: date) -> None:
    publish.sign(
        agency=agency,
        period=period,
        person=approver,
        reviewed_hash=published.current_of(agency, period.name).content_hash,
        at=at(day),
    )


def _restate(period: Period, staff: Mapping[str, Person]) -> None:
    """The growth corporation found loans entered twice and restates its statement."""
    publish.restate(
        agency="growth",
        period=period,
        person=staff["preparer"],
        reason="같은 기업의 융자를 두 번 적은 것을 바로잡음 / loans of the same firm entered twice",
    )
    _sign("growth", period, staff["approver"], period.next.end + timedelta(days=14))


def _release(place: City, period: Period) -> None:
    folder, key_file = place.folder / "releases", place.folder / "keys" / "release"
    folder.mkdir(exist_ok=True)
    if not key_file.exists():
        keys.new_key(key_file, name="hannuri.example/koga")
    earlier = sorted(path for path in folder.iterdir() if path.is_dir())
    publish.build_release(
        period=period.name,
        key_file=key_file,
        out=folder / period.name,
        previous=earlier[-1] if earlier else None,
        benchmarks=sorted((Path(__file__).parent / "benchmark").glob("*.toml")),
    )
