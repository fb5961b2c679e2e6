"""Where the money goes, against what was promised, and whether the market takes it in.

Capital by sector follows the planned weights of each line in each year; what goes to regions, small
firms, start-ups and so on follows the share its class is taken to have (`[class.NAME.reach]`).
An obligation compares a numerator with its own base; no two of them share a denominator.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from koga.plan import absorption
from koga.plan.model import QUARTERS_A_YEAR, Commitment, Equity, Floats, Flows, Model
from koga.plan.money import pots
from koga.plan.needs import Needs
from koga.plan.once import once
from koga.plan.outcome import Outcome
from koga.plan.schemes import scheme as schemes
from koga.plan.schemes.shape import Scheme

NUMERATORS: Mapping[str, str] = {
    "regions": "region_share",
    "sme_and_midcap": "small_firm_share",
    "ventures": "venture_share",
    "main_purpose": "main_purpose_share",
    "resident_firms": "city_share",
    "programme_graduates": "graduate_share",
}
"""Word of an obligation's numerator: the share of a class that counts towards it."""
_FUNDS = ("fund_commitment", "investor_money", "manager_funds")
"""Bases of money in funds: what their deals were paid counts, and only `indirect` lines. The other
bases are of money approved: there what is committed in the year counts, above and below, whether
or not it is called in the same year."""


def outcome(scheme: Scheme, model: Model, flows: Flows) -> Outcome:
    """Capital, obligations and absorption of a range of paths; won by year of the horizon."""
    invested = _by_year(flows.invested, model.years)
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for part in (_capital, _promised, _absorbed):
        found = part(scheme, model, invested)
        series |= found[0]
        measures |= found[1]
    return Outcome(flows.first_path, flows.weights, series, measures)


_Found = tuple[dict[str, Floats], dict[str, Floats]]


def _by_year(quarters: Floats, years: int) -> Floats:
    """Paths × lines × quarters summed to years; a year begun counts whole."""
    lacking = years * QUARTERS_A_YEAR - quarters.shape[-1]
    padded = np.pad(quarters, [(0, 0)] * (quarters.ndim - 1) + [(0, lacking)])
    summed: Floats = padded.reshape(*quarters.shape[:-1], years, QUARTERS_A_YEAR).sum(axis=-1)
    return summed


def _planned(model: Model) -> Floats:
    """Planned new money by line and year of the horizon."""
    won = np.zeros((len(model.lines), model.years * QUARTERS_A_YEAR))
    by_line = model.planned_won.sum(axis=1)
    won[:, : by_line.shape[1]] = by_line
    summed: Floats = won.reshape(len(model.lines), model.years, QUARTERS_A_YEAR).sum(axis=-1)
    return summed


@once
def _approved(scheme: Scheme, model: Model) -> Floats:
    """Money committed by line and year of the horizon, less what is never used; fees included."""
    needs = Needs(scheme)
    used = 1 - needs.given("fund.undeployed_share")
    gathered = {pot.name: pot for pot in pots.gather(needs, schemes.committed(scheme))}
    names = [vehicle.told_as for vehicle in model.vehicles]
    won = np.zeros((len(model.lines), model.years))
    for place, line in enumerate(model.lines):
        name = names[line.vehicle]
        pot = gathered[name]
        part = used / names.count(name) * needs.given(f"class.{line.name}.share")
        for year in pot.years:
            won[place, year - model.first_year] += part * float(pot.of_year(year))
    return won


@once
def sector_shares(model: Model) -> Floats:
    """Of each line's money, what goes to each sector: by line, sector and year of the horizon.

    As planned for the year; in years without planned money as over all years of the line.
    """
    lines, sectors, _ = model.planned_won.shape
    padded = np.zeros((lines, sectors, model.years * QUARTERS_A_YEAR))
    padded[:, :, : model.planned_won.shape[2]] = model.planned_won
    yearly = padded.reshape(lines, sectors, model.years, QUARTERS_A_YEAR).sum(axis=-1)
    whole = yearly.sum(axis=2, keepdims=True)
    filled = np.where(yearly.sum(axis=1, keepdims=True) > 0, yearly, whole)
    total = filled.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(filled, total, out=np.zeros_like(filled), where=total > 0)
    return shares


def reach_shares(scheme: Scheme, model: Model, numerator: str) -> Floats:
    """By line, the share of its class that counts towards a numerator; 0 where nothing is said."""
    needs = Needs(scheme)
    key = NUMERATORS[numerator]
    return np.array([needs.given(f"class.{line.name}.reach.{key}") for line in model.lines])


def _is_said(scheme: Scheme, model: Model, numerator: str) -> bool:
    """Whether any class says what share of it counts; where none does, nothing is known."""
    key = NUMERATORS[numerator]
    return any(f"class.{line.name}.reach.{key}" in scheme.leaves for line in model.lines)


def _capital(scheme: Scheme, model: Model, invested: Floats) -> _Found:
    shares = sector_shares(model)
    series: dict[str, Floats] = {}
    for place, sector in enumerate(model.sectors):
        series[f"capital_sector.{sector.name}"] = np.einsum(
            "ply,ly->py", invested, shares[:, place]
        )
    needs = Needs(scheme)
    for name in dict.fromkeys(line.name for line in model.lines):
        of = [place for place, line in enumerate(model.lines) if line.name == name]
        money = invested[:, of].sum(axis=1)
        deals = sum(invested[:, place] / max(1.0, model.lines[place].ticket_won) for place in of)
        series[f"capital_class.{name}"] = money
        series[f"deals_made.{name}"] = np.asarray(deals)
        each = max(1.0, needs.given(f"class.{name}.reach.deals_per_firm", 1.0))
        series[f"firms_reached.{name}"] = np.asarray(deals) / each
    for numerator in NUMERATORS:
        share = reach_shares(scheme, model, numerator)
        if share.any():
            series[f"capital_to.{numerator}"] = np.einsum("ply,l->py", invested, share)
    return series, {}


@dataclass(frozen=True, slots=True)
class Kept:
    """One obligation over a range of paths.

    numerator: won by path and year. base, required: won by year, the same on every path; a base of
    `none` is 0. counted: years in which it is measured. met: by path, the share of the years (or of
    one whole period) in which the numerator reaches what is required. reached: by path, numerator
    over required, all counted years together; NaN where nothing is required.
    """

    name: str
    base_word: str
    numerator_word: str
    threshold: float
    unit: str
    per: str
    numerator: Floats
    base: Floats
    required: Floats
    counted: NDArray[np.bool_]
    met: Floats
    reached: Floats


def obligations(scheme: Scheme, model: Model, flows: Flows) -> tuple[Kept, ...]:
    """Every obligation of a scheme against its own base."""
    return _obligations(scheme, model, _by_year(flows.invested, model.years))


def _obligations(scheme: Scheme, model: Model, invested: Floats) -> tuple[Kept, ...]:
    approved = _approved(scheme, model)
    names = scheme.entries.get("obligation", ())
    return tuple(_kept(scheme, model, invested, approved, name) for name in names)


def _kept(scheme: Scheme, model: Model, invested: Floats, approved: Floats, name: str) -> Kept:
    path = f"obligation.{name}"
    base_word, numerator_word, per = (
        str(scheme.leaves[f"{path}.{key}"].value) for key in ("base", "numerator", "per")
    )
    limit = scheme.leaves[f"{path}.threshold"]
    threshold = float(scheme.number(f"{path}.threshold"))
    lines = _lines(model, base_word)
    share = reach_shares(scheme, model, numerator_word)
    in_funds = base_word in _FUNDS
    asked = _planned(model) if in_funds else approved
    paid = invested if in_funds else np.tile(approved, (invested.shape[0], 1, 1))
    numerator = np.einsum("ply,l->py", paid[:, lines], share[lines])
    base = _base(model, asked, base_word, lines)
    counted = _counted(scheme, model, path, asked[lines])
    by_amount = limit.unit == "KRW"
    required = np.where(counted, threshold, 0.0) if by_amount else threshold * base
    met, reached = _compared(numerator, required, counted, yearly=per == "year")
    return Kept(
        name=name,
        base_word=base_word,
        numerator_word=numerator_word,
        threshold=threshold,
        unit=limit.unit,
        per=per,
        numerator=numerator,
        base=base,
        required=required,
        counted=counted,
        met=met,
        reached=reached,
    )


def _lines(model: Model, base_word: str) -> list[int]:
    """The lines an obligation looks at: funds alone where its base is money in funds."""
    funds = [place for place, line in enumerate(model.lines) if line.instrument == "indirect"]
    return funds if base_word in _FUNDS and funds else list(range(len(model.lines)))


def _base(model: Model, asked: Floats, base_word: str, lines: Sequence[int]) -> Floats:
    """What an obligation is a share of, won by year; asked: money by line and year."""
    if base_word == "none":
        return np.zeros(model.years)
    planned = asked[lines]
    if base_word == "investor_money":
        public = {source.name for source in model.sources if source.side != "private"}
        parts = np.array(
            [
                sum(
                    part
                    for name, part in model.vehicles[model.lines[p].vehicle].parts
                    if name in public
                )
                for p in lines
            ]
        )
        planned = planned * parts[:, None]
    base: Floats = planned.sum(axis=0)
    return base


def _counted(scheme: Scheme, model: Model, path: str, asked: Floats) -> NDArray[np.bool_]:
    """Years in which it is measured: with such money, up to its date or its number of years."""
    counted: NDArray[np.bool_] = asked.sum(axis=0) > 0
    years = model.first_year + np.arange(model.years)
    due = scheme.leaves.get(f"{path}.due_on")
    if due is not None and isinstance(due.value, date):
        counted &= years <= due.value.year
    if f"{path}.within_years" in scheme.leaves:
        counted &= years < model.first_year + float(scheme.number(f"{path}.within_years"))
    return counted


def _compared(
    numerator: Floats, required: Floats, counted: NDArray[np.bool_], *, yearly: bool
) -> tuple[Floats, Floats]:
    """Share of the periods in which enough was done, and how much was done of what was required."""
    done, asked = numerator[:, counted], required[counted]
    together = done.sum(axis=1)
    whole = asked.sum()
    reached = together / whole if whole > 0 else np.full(together.shape, np.nan)
    if not counted.any():
        return np.full(together.shape, np.nan), reached
    enough = done >= asked if yearly else (together >= whole)[:, None]
    return enough.mean(axis=1), reached


def _promised(scheme: Scheme, model: Model, invested: Floats) -> _Found:
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for kept in _obligations(scheme, model, invested):
        name = kept.name
        if not _is_said(scheme, model, kept.numerator_word):
            unknown = np.full(invested.shape[0], np.nan)
            measures[f"obligation_reached.{name}"] = measures[f"obligation_met.{name}"] = unknown
            continue
        series[f"obligation_done.{name}"] = kept.numerator
        series[f"obligation_required.{name}"] = np.tile(kept.required, (invested.shape[0], 1))
        measures[f"obligation_reached.{name}"] = kept.reached
        measures[f"obligation_met.{name}"] = kept.met
    return series, measures


def _absorbed(scheme: Scheme, model: Model, invested: Floats) -> _Found:
    """Equity of each year beside the market's size without it, and what entry prices do."""
    market = absorption.market(scheme)
    of = [p for p, line in enumerate(model.lines) if isinstance(line.law, Equity | Commitment)]
    equity = invested[:, of].sum(axis=1)
    if market is None:
        return {"equity_invested": equity}, {}
    sizes = np.array([market.size_in(model.first_year + year) for year in range(model.years)])
    ratio = equity / sizes
    factors = np.ones(model.years * QUARTERS_A_YEAR)
    factors[: model.entry_factors.size] = model.entry_factors
    yearly = factors.reshape(model.years, QUARTERS_A_YEAR).mean(axis=1)
    busy = max(1, -(-model.vintages // QUARTERS_A_YEAR))
    series = {
        "equity_invested": equity,
        "equity_market": np.tile(sizes, (equity.shape[0], 1)),
        "equity_to_market": ratio,
        "entry_factor": np.tile(yearly, (equity.shape[0], 1)),
    }
    measures = {
        "equity_to_market_most": ratio.max(axis=1),
        "equity_to_market_mean": ratio[:, :busy].mean(axis=1),
    }
    return series, measures
