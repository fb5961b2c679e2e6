"""Registered evaluations, carried out on the books as a release covers them.

What a signature does not cover is not supported for a finding either, so that anyone who holds the
withheld panel and the release can compute the same. Nothing here reads a clock or draws a number
that its plan does not fix.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q

from koga.core.problems import Problem, Refusal
from koga.evaluate.cards import assessed, finding_rows
from koga.evaluate.panels import panels, planned
from koga.evaluate.panels.panels import Planned
from koga.evaluate.panels.planned import Plan
from koga.operate.outcomes import selectors as outcomes
from koga.operate.outcomes.selectors import Registered
from koga.operate.parties import selectors as parties
from koga.operate.parties.models import Person, Role
from koga.operate.support.models import Programme, Record
from koga.publish import selectors

if TYPE_CHECKING:
    import polars as pl

Row = dict[str, Any]


class Findings(NamedTuple):
    """Rows of the tables of findings, and the plans as they were registered, by path."""

    findings: list[Row]
    estimates: list[Row]
    checks: list[Row]
    points: list[Row]
    plans: dict[str, bytes]


def carried_out(ends: Mapping[str, date]) -> Findings:
    """Every registered plan whose agency has signed; ends: how far each signature reaches."""
    found = Findings([], [], [], [], {})
    agencies = dict(Programme.objects.values_list("programme", "agency_id"))
    records: pl.DataFrame | None = None
    for held in outcomes.plans():
        agency = agencies[held.programme]
        if agency not in ends:
            continue
        plan = planned.parse(held.text, held.plan)
        opened = outcomes.opened_at(plan.series, plan.metric)
        found.plans[f"files/plans/{plan.code}.toml"] = held.text.encode()
        row = {**_of_plan(plan, held), **_registered(held, opened), "agency": agency}
        if opened is None:
            found.findings.append(row)
            continue
        records = covered_records(ends) if records is None else records
        panel = _panel(plan, records)
        came = finding_rows.of(plan, assessed.assess(plan, panel.frame))
        found.findings.append(row | _of_panel(panel) | came.result)
        found.estimates.extend(came.estimates)
        found.checks.extend(came.checks)
        found.points.extend(came.points)
    return found


def covered_records(ends: Mapping[str, date]) -> "pl.DataFrame":
    """Records a signature covers, as panels read them; a person is an opaque number."""
    import polars as pl

    covered = Q(pk__in=[])
    for agency, end in ends.items():
        covered |= Q(agency_id=agency, awarded_on__lte=end)
    rows = Record.objects.filter(covered, withdrawn=False).order_by("record")
    names = ("programme_id", "recipient_id", "opaque_person", "awarded_on", "unit", "amount",
             "counts_in_total")  # fmt: skip
    listed = [
        (programme, number or person, *rest)
        for programme, number, person, *rest in rows.values_list(*names).iterator(chunk_size=5000)
    ]
    return pl.DataFrame(
        listed,
        schema={
            "programme": pl.String, "unit": pl.String, "awarded_on": pl.Date,
            "commodity": pl.String, "amount": pl.Int64, "counts_in_total": pl.Boolean,
        },
        orient="row",
    )  # fmt: skip


def _panel(plan: Plan, records: "pl.DataFrame") -> Planned:
    return panels.build(
        plan,
        observations=outcomes.observations(plan.series, plan.metric),
        records=records,
        applications=outcomes.applications(plan.programme),
        beside={name: outcomes.observations(plan.series, name) for name in plan.beside},
    )


def withheld_panel(code: str, ends: Mapping[str, date], *, person: Person) -> Planned:
    """The withheld panel of a plan, for those who may compute it again: operators and auditors."""
    if not any(parties.holds(person, role) for role in (Role.AUDITOR, Role.OPERATOR)):
        details = {"role": "auditor", "agency": "*"}
        raise Refusal(Problem("parties.role", person.login, "auditor", details))
    plan = planned.parse(outcomes.plan_named(code).text, code)
    return _panel(plan, covered_records(ends))


def _of_plan(plan: Plan, held: Registered) -> Row:
    both = {
        "question": plan.question, "estimand": plan.estimand, "comparison": plan.compared,
        "dating": plan.dating_rule, "outcome": plan.outcome, "outcome_unit": plan.outcome_unit,
        "units": plan.units, "rerun": plan.rerun,
    }  # fmt: skip
    return {
        "finding": plan.code,
        "programme": plan.programme,
        "design": plan.design,
        "state": "registered",
        **{f"{name}_{tongue}": words[tongue] for name, words in both.items()
           for tongue in ("ko", "en")},
        "span": plan.period,
        "window_start": plan.start,
        "window_end": plan.end,
        "plan_version": held.version,
        "plan_sha256": held.sha256,
        "code_sha256": assessed.code_sha256(),
        **dict.fromkeys(_BLANK),
    }  # fmt: skip


_BLANK = (
    "estimator", "estimate", "se", "ci_low", "ci_high", "supported", "covered", "compared",
    "also_supported", "unit", "spent", "panel_rows", "panel_sha256",
)  # fmt: skip


def _registered(held: Registered, opened: datetime | None) -> Row:
    if opened is None or held.at <= opened:
        registration = "before"
    else:
        registration = "amended" if held.first_at <= opened else "after"
    return {
        "registered_on": selectors.korean_day(held.first_at),
        "amended_on": selectors.korean_day(held.at) if held.version > 1 else None,
        "amended_because": held.reason or None,
        "opened_on": None if opened is None else selectors.korean_day(opened),
        "registration": registration,
    }


def _of_panel(panel: Planned) -> Row:
    """Counts of the panel; a count of one to four units is blank."""
    single = list(panel.spent.items()) if len(panel.spent) == 1 else [(None, None)]
    few = 0 < panel.covered < assessed.MINIMUM
    counts = {
        "supported": panel.supported, "covered": panel.covered, "compared": panel.compared,
        "also_supported": panel.also_supported,
    }  # fmt: skip
    return {
        **{
            name: None if 0 < count < assessed.MINIMUM else count
            for name, count in counts.items()
        },
        "unit": None if few else single[0][0],
        "spent": None if few else single[0][1],
        "panel_rows": panel.frame.height,
        "panel_sha256": panel.sha256,
    }  # fmt: skip
