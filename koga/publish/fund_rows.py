"""Rows of the tables of funds, as far as the signature of each fund's agency reaches.

A fund whose own figures no statute publishes stands in the register without figures. Single firms
are never told: deals that ended stand together in spans (`operate.fund.spans`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from koga.core.dates import Period, quarter_of
from koga.operate.fund import selectors, spans
from koga.operate.fund.models import Fund
from koga.operate.fund.selectors import Quarter
from koga.operate.ledger.checks import Check
from koga.operate.ledger.selectors import FlowRow
from koga.release.fund_tables import FLOW_KINDS
from koga.release.read import Release
from koga.release.tables import TABLES

Row = dict[str, Any]


class FundRows(NamedTuple):
    """Rows of the four tables."""

    funds: list[Row]
    flows: list[Row]
    values: list[Row]
    deals: list[Row]


@dataclass(frozen=True, slots=True)
class _Told:
    """A fund and what the books say of it by quarter; nothing of one whose figures are withheld."""

    fund: Fund
    through: str
    quarters: Mapping[str, Quarter]
    moves: list[FlowRow]


def collected(ends: Mapping[str, date], known: Mapping[str, int] | None = None) -> FundRows:
    """Everything releases say of funds; ends: how far each agency's signature reaches.

    known: the last entry of each ledger to count, where the books are asked as of then.
    """
    funds = [fund for fund in selectors.funds() if fund.agency_id in ends] if ends else []
    heads = known if known is not None else selectors.heads_known(fund.fund for fund in funds)
    open_ = {fund.fund: heads[fund.fund] for fund in funds
             if fund.disclosure == "fund" and fund.fund in heads}  # fmt: skip
    moved = selectors.movements(open_, max(ends.values(), default=None))
    told = []
    for fund in funds:
        last = quarter_of(ends[fund.agency_id])
        moves = [row for row in moved.get(fund.fund, ()) if row.quarter <= last]
        told.append(_Told(fund, last, selectors.quarters(moves), moves))
    return FundRows(
        [_fund(each) for each in told],
        [row for each in told for row in _flows(each)],
        [row for each in told for row in _values(each)],
        [row for each in told for row in _deals(each)],
    )


def _fund(told: _Told) -> Row:
    fund = told.fund
    row = {
        "fund": fund.fund, "agency": fund.agency_id, "name_ko": fund.name_ko,
        "name_en": fund.name_en, "manager": fund.manager, "manager_ko": fund.manager_ko,
        "manager_en": fund.manager_en, "vintage": fund.vintage, "instrument": fund.instrument,
        "sector": fund.sector or None, "legal_form": fund.legal_form or None, "unit": fund.unit,
        "disclosure": fund.disclosure, "legal_basis": fund.legal_basis or None,
        "rules_sha256": hashlib.sha256(fund.rules.encode()).hexdigest() if fund.rules else None,
    }  # fmt: skip
    return row | (_totals(told) if told.quarters else dict.fromkeys(_TOTALS))


_TOTALS = (
    "through", "commitment", "paid_in", "distributed", "costs", "carry_paid", "ended_on",
)  # fmt: skip


def _totals(told: _Told) -> Row:
    name, last = list(told.quarters.items())[-1]
    sums = {kind: sum(each.flows[kind] for each in told.quarters.values()) for kind in FLOW_KINDS}
    ended = last.valued and not last.assets and sums["call"] > 0
    return {
        "through": told.through,
        "commitment": last.commitment,
        "paid_in": sums["call"],
        "distributed": sums["distribution"],
        "costs": sums["fee"] + sums["expense"],
        "carry_paid": sums["carry"],
        "ended_on": Period.parse(name).end if ended else None,
    }


def _flows(told: _Told) -> list[Row]:
    return [
        {"fund": told.fund.fund, "quarter": name, "kind": kind, "unit": told.fund.unit,
         "amount": quarter.flows[kind]}
        for name, quarter in told.quarters.items()
        for kind in sorted(FLOW_KINDS)
        if quarter.flows[kind]
    ]  # fmt: skip


def _values(told: _Told) -> list[Row]:
    return [
        {"fund": told.fund.fund, "quarter": name, "unit": told.fund.unit,
         "nav": quarter.assets - quarter.accrued, "carry_accrued": quarter.accrued}
        for name, quarter in told.quarters.items()
        if quarter.valued
    ]  # fmt: skip


def _deals(told: _Told) -> list[Row]:
    return [
        {
            "fund": told.fund.fund, "span": span.number, "unit": told.fund.unit,
            "quarter_from": span.first if span.closed else None,
            "quarter_to": span.last if span.closed else None,
            "firms": span.firms if span.closed else None,
            "cost": span.cost if span.closed else None,
            "proceeds": span.proceeds if span.closed else None,
            "hidden": not span.closed,
        }
        for span in spans.spans(selectors.firms(told.moves))
    ]  # fmt: skip


def check_published(release: Release) -> Check:
    """The books against the figures of funds in a release, as the books were at its heads.

    Every flow, value and span of ended deals is computed anew from the postings up to the entry
    each ledger had reached, and must be what the release says, to the won.
    """
    published = {row["fund"]: row for row in release.rows("funds") if row["through"]}
    known = {
        row["ledger"]: row["entries"]
        for row in release.rows("ledger_heads")
        if row["ledger"] in published
    }
    ends = {row["agency"]: Period.parse(row["through"]).end for row in published.values()}
    booked = collected(ends, known)
    offending = []
    for table, rows in zip(_TABLES, booked, strict=True):
        now = {TABLES[table].address(row): row for row in rows if row["fund"] in known}
        was = {
            TABLES[table].address(row): row
            for row in release.rows(table)
            if row["fund"] in published
        }
        offending += [
            f"{table} {address}"
            for address in sorted(was.keys() | now.keys())
            if _figures(was.get(address)) != _figures(now.get(address))
        ]
    return Check("published_fund_figures_stand", not offending, tuple(offending))


_TABLES = ("funds", "fund_flows", "fund_values", "fund_deals")
_WORDS = frozenset(
    column.name for table in _TABLES for column in TABLES[table].columns if column.kind == "text"
)


def _figures(row: Row | None) -> Row | None:
    """A row's numbers, days and flags; what a fund is called may change."""
    return row and {name: cell for name, cell in row.items() if name not in _WORDS}
