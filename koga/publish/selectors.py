"""Reads about statements: their content, who owes them, what waits for whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, Q
from django.utils import timezone

from koga.core.dates import Period
from koga.core.problems import Problem, Refusal
from koga.operate.parties.models import Agency, Person, RoleGrant
from koga.operate.parties.selectors import holds
from koga.operate.support.models import Programme, Record
from koga.publish import duties
from koga.publish.content import ENDED, Content, Line, Promise
from koga.publish.duties import Owed
from koga.publish.models import Duty, Excuse, Publisher, State, Statement


def korean_day(moment: datetime) -> date:
    """The day of a moment in Korea: the day a due date is compared with."""
    return timezone.localtime(moment).date()


def require_agency(code: str) -> Agency:
    """The agency of a code."""
    agency = Agency.objects.filter(code=code).first()
    if agency is None:
        raise Refusal(Problem("parties.unknown_agency", "agency", code))
    return agency


def publisher() -> tuple[str, str]:
    """Korean and English name of who publishes; plain words where none was given."""
    row = Publisher.objects.filter(pk=1).first()
    return (row.name_ko, row.name_en) if row else ("공개 장부", "Open ledger")


def own_schemes() -> frozenset[str]:
    """Codes of the schemes whose targets the statements of these books answer."""
    row = Publisher.objects.filter(pk=1).first()
    return frozenset(row.own_schemes if row else ())


def content_of(statement: Statement) -> Content:
    """What a stored statement says."""
    return Content(
        agency=statement.agency_id,
        period=statement.period,
        version=statement.version,
        nil=tuple(statement.nil),
        lines=tuple(_line(row) for row in statement.lines.order_by("place")),
        promises=tuple(_promise(row) for row in statement.promises.order_by("place")),
        reason=statement.reason,
    )


def _line(row: object) -> Line:
    values = {name: getattr(row, name) for name in Line.__slots__}
    for name in ("value", "denominator"):
        values[name] = Decimal(values[name]) if values[name] else None
    return Line(**values)


def _promise(row: object) -> Promise:
    values = {name: getattr(row, name) for name in Promise.__slots__}
    values["target"] = Decimal(values["target"])
    values["now"] = Decimal(values["now"]) if values["now"] else None
    return Promise(**values)


def draft_of(agency: str, period: str) -> Statement | None:
    """The draft being worked on, if there is one."""
    found = Statement.objects.filter(agency_id=agency, period=period, state=State.DRAFT)
    return found.select_related("prepared_by").first()


def signed_of(agency: str, period: str) -> Statement | None:
    """The newest signed version, if there is one."""
    found = Statement.objects.filter(agency_id=agency, period=period, state=State.SIGNED)
    return found.select_related("prepared_by", "signed_by").order_by("-version").first()


def current_of(agency: str, period: str) -> Statement:
    """The draft, else the newest signed version; refused where there is neither."""
    found = draft_of(agency, period) or signed_of(agency, period)
    if found is None:
        raise Refusal(Problem("publish.no_statement", f"{agency} {period}"))
    return found


def current_all(period: str) -> list[Statement]:
    """The draft, else the newest signed version, of every agency that has one for a period."""
    codes = Statement.objects.filter(period=period).order_by("agency_id")
    return [
        current_of(code, period) for code in codes.values_list("agency_id", flat=True).distinct()
    ]


def open_drafts() -> list[Statement]:
    """Every draft being worked on."""
    found = Statement.objects.filter(state=State.DRAFT).select_related("prepared_by")
    return list(found.order_by("agency_id", "period_end"))


def versions_of(statement: Statement) -> list[Statement]:
    """Every version of the same agency's statement for the same period, newest first."""
    found = Statement.objects.filter(agency_id=statement.agency_id, period=statement.period)
    return list(found.select_related("prepared_by", "signed_by").order_by("-version"))


def find_statement(number: int) -> Statement | None:
    """The statement of a row number."""
    found = Statement.objects.select_related("prepared_by", "signed_by", "agency")
    return found.filter(pk=number).first()


def first_signed(agency: str, period: str) -> Statement | None:
    """The version that fulfilled the duty: a later restatement does not make it late."""
    found = Statement.objects.filter(agency_id=agency, period=period, state=State.SIGNED)
    return found.order_by("version").first()


def signed_through(period: Period) -> list[Statement]:
    """The newest signed version of every statement whose period ends by the given one's end."""
    newest: dict[tuple[str, str], Statement] = {}
    rows = Statement.objects.filter(state=State.SIGNED, period_end__lte=period.end)
    for row in rows.select_related("prepared_by", "signed_by").order_by("version"):
        newest[row.agency_id, row.period] = row
    return sorted(newest.values(), key=lambda row: (row.agency_id, row.period_end, row.period))


def earlier_promises(agency: str, period: Period) -> list[Promise]:
    """What the last signed statement before this period left open, to be answered in this one."""
    last = (
        Statement.objects.filter(
            agency_id__in=covered(agency, period), state=State.SIGNED, period_end__lt=period.start
        )
        .values("agency_id")
        .annotate(end=Max("period_end"))
    )
    found = []
    for row in last.order_by("agency_id"):
        statement = (
            Statement.objects.filter(
                agency_id=row["agency_id"], period_end=row["end"], state=State.SIGNED
            )
            .order_by("-version")
            .first()
        )
        if statement is not None:
            found += [
                promise.carried()
                for promise in content_of(statement).promises
                if promise.state not in ENDED
            ]
    return found


def covered(agency: str, period: Period) -> set[str]:
    """The agencies whose books an agency answers for in a period: itself and those it succeeded."""
    found, waiting = {agency}, [agency]
    while waiting:
        before = Agency.objects.filter(
            successor_id=waiting.pop(), succeeded_on__lte=period.end
        ).values_list("code", flat=True)
        for code in before:
            if code not in found:
                found.add(code)
                waiting.append(code)
    return found


def answering(agency: str, period: Period) -> str:
    """Who answers for an agency in a period: itself, or the last of its successors by then."""
    row = Agency.objects.get(code=agency)
    while row.successor_id and row.succeeded_on and row.succeeded_on <= period.end:
        row = Agency.objects.get(code=row.successor_id)
    return row.code


def owed_through(period: Period) -> list[Owed]:
    """Every statement owed for periods ending by the given one's end, by agency and period.

    An agency with a registered duty owes every period of it; one without, that runs a programme,
    owes the period asked about (`duties.toml`). A statement signed without a duty counts as owed.
    After its succession an agency owes nothing more: its successor does.
    """
    registered: dict[str, list[Duty]] = defaultdict(list)
    for duty in Duty.objects.order_by("since"):
        registered[duty.agency_id].append(duty)
    running = set(Programme.objects.values_list("agency_id", flat=True).distinct())
    signed: dict[str, set[str]] = defaultdict(set)
    rows = Statement.objects.filter(state=State.SIGNED, period_end__lte=period.end)
    for agency, written in rows.values_list("agency_id", "period").distinct():
        signed[agency].add(written)
    found: dict[tuple[str, str], Owed] = {}
    for agency in Agency.objects.order_by("code"):
        mine = registered.get(agency.code, [])
        default = [period] if agency.code in running and not mine else []
        asked = [*default, *(Period.parse(written) for written in sorted(signed[agency.code]))]
        candidates = [
            *_of_duties(agency.code, mine, period.end),
            *(Owed(agency.code, one, due_on(mine, one)) for one in asked),
        ]
        for owed in candidates:
            over = agency.succeeded_on is not None and owed.period.end >= agency.succeeded_on
            if not over or owed.period.name in signed[agency.code]:
                found.setdefault((owed.agency, owed.period.name), owed)
    return sorted(found.values(), key=lambda one: (one.agency, one.period.end, one.period.name))


def _of_duties(agency: str, registered: list[Duty], through: date) -> Iterator[Owed]:
    for place, duty in enumerate(registered):
        until = duty.until
        if until is None and place + 1 < len(registered):
            until = registered[place + 1].since
        for one in duties.periods(duty.every, duty.since, through, until):
            yield Owed(agency, one, duties.due_on(one, duty.days))


def due_on(registered: Iterable[Duty], period: Period) -> date:
    """When a statement is due under the duty in force at the period's end."""
    in_force = [duty.days for duty in registered if duty.since <= period.end]
    return duties.due_on(period, in_force[-1] if in_force else duties.days_default())


def due_date(agency: str, period: Period) -> date:
    """When an agency's statement for a period is due."""
    return due_on(Duty.objects.filter(agency_id=agency).order_by("since"), period)


def last_signed_ends(period: Period) -> dict[str, date]:
    """The end of the last period each agency, or its successor, signed, up to the given one."""
    own: dict[str, date] = dict(
        Statement.objects.filter(state=State.SIGNED, period_end__lte=period.end)
        .values_list("agency_id")
        .annotate(end=Max("period_end"))
        .values_list("agency_id", "end")
    )
    ends = dict(own)
    for agency in Agency.objects.exclude(successor=None).order_by("code"):
        follower = own.get(answering(agency.code, period))
        if follower and agency.succeeded_on and follower >= agency.succeeded_on:
            ends[agency.code] = max(follower, ends.get(agency.code, follower))
    return ends


@dataclass(frozen=True, slots=True)
class DueRow:
    """A row of the register of statements, as the table `due` publishes it."""

    agency: str
    period: str
    due_on: date
    state: str
    signed_at: datetime | None
    days_late: int
    last_period: str | None
    records_left_out: int
    reason: str | None


def due_rows(period: Period, as_of: date) -> list[DueRow]:
    """Who owed what by when up to a period, and how it stands on a day.

    Records left out (decided by the period's end, not covered by a signature) are counted on the
    newest row of the agency that answers for them.
    """
    owed = owed_through(period)
    newest = {(one.agency, one.period.name) for one in duties.newest(owed).values()}
    left_out = records_left_out(period)
    lasts = _last_periods(period)
    excuses = {
        (row.agency_id, row.period): row.text for row in Excuse.objects.order_by("said_at", "pk")
    }
    rows = []
    for one in owed:
        first = first_signed(one.agency, one.period.name)
        nil = bool(first and content_of(first).is_nil)
        signed_on = korean_day(first.signed_at) if first and first.signed_at else None
        state, late = duties.state(one.due_on, signed=signed_on, nil=nil, as_of=as_of)
        key = (one.agency, one.period.name)
        rows.append(
            DueRow(
                agency=one.agency,
                period=one.period.name,
                due_on=one.due_on,
                state=state,
                signed_at=first.signed_at if first else None,
                days_late=late,
                last_period=lasts.get(one.agency),
                records_left_out=left_out.get(one.agency, 0) if key in newest else 0,
                reason=excuses.get(key),
            )
        )
    return rows


def _last_periods(period: Period) -> dict[str, str]:
    rows = Statement.objects.filter(state=State.SIGNED, period_end__lte=period.end)
    ordered = rows.order_by("period_end", "-period").values_list("agency_id", "period")
    return dict(ordered)


def records_left_out(period: Period) -> dict[str, int]:
    """Records decided by the period's end that no signature covers, by who answers for them."""
    ends = last_signed_ends(period)
    counts: dict[str, int] = defaultdict(int)
    for code in Agency.objects.order_by("code").values_list("code", flat=True):
        rows = Record.objects.filter(agency_id=code, awarded_on__lte=period.end, withdrawn=False)
        if code in ends:
            rows = rows.filter(awarded_on__gt=ends[code])
        count = rows.count()
        if count:
            counts[answering(code, period)] += count
    return dict(counts)


def may(person: Person, role: str, agency: str) -> bool:
    """Whether a person holds a role for an agency or for one that succeeded it."""
    row: Agency | None = Agency.objects.filter(code=agency).first()
    while row is not None:
        if holds(person, role, row.code):
            return True
        row = row.successor
    return False


def agencies_of(person: Person, role: str) -> list[str]:
    """The agencies a person holds a role for, at this moment."""
    grants = RoleGrant.objects.filter(
        person=person, person__is_active=True, role=role, withdrawn_at__isnull=True
    )
    scopes = list(grants.values_list("agency_id", flat=True))
    if None in scopes:
        return list(Agency.objects.order_by("code").values_list("code", flat=True))
    return sorted(scope for scope in scopes if scope)


def statements_seen_by(person: Person) -> list[Statement]:
    """Statements a person may read: all for an auditor or operator, else their agencies'."""
    rows = Statement.objects.select_related("agency", "prepared_by", "signed_by")
    roles = RoleGrant.objects.filter(person=person, withdrawn_at__isnull=True)
    wide = roles.filter(Q(agency__isnull=True) | Q(role__in=["auditor", "operator"])).exists()
    if not wide:
        rows = rows.filter(agency_id__in=roles.values_list("agency_id", flat=True))
    return list(rows.order_by("-period_end", "agency_id", "-version"))


def programme_names(codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Korean and English names of some programmes."""
    rows = Programme.objects.filter(programme__in={code for code in codes if code})
    return {row.programme: (row.name_ko, row.name_en) for row in rows}


def names(period: Period) -> dict[str, tuple[str, str]]:
    """Korean and English name of every agency at a period's end."""
    found = {}
    for agency in Agency.objects.prefetch_related("names").order_by("code"):
        borne = sorted(agency.names.all(), key=lambda name: name.valid_from or date.min)
        until = [name for name in borne if (name.valid_from or date.min) <= period.end]
        name = (until or borne)[-1] if (until or borne) else None
        if not until and borne:
            name = borne[0]
        found[agency.code] = (name.name_ko, name.name_en) if name else (agency.code, agency.code)
    return found
