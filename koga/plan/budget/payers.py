"""Who bears what: every source of money and every programme under one of four payers.

A cost estimate heads its columns with the state budget, local budgets, funds and public bodies, and
private money. A source's `bearer` says which; without it, budget money is the state's, other fund
money the fund's, private money private.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats, Model, Source
from koga.plan.schemes.shape import Scheme

STATE, LOCAL, FUND, PRIVATE = "state", "local", "fund", "private"
PAYERS = (STATE, LOCAL, FUND, PRIVATE)
BUDGETS = (STATE, LOCAL)
"""Payers whose cost is a cost to a public budget."""


def said(scheme: Scheme, path: str) -> str:
    """The bearer written at a path, empty where there is none."""
    leaf = scheme.leaves.get(f"{path}.bearer")
    return "" if leaf is None else str(leaf.value)


def of_source(scheme: Scheme, source: Source) -> str:
    """Who bears what a source of money loses."""
    written = said(scheme, f"capital.{source.name}")
    if written:
        return written
    if source.side == "private":
        return PRIVATE
    return STATE if source.side == "fiscal" or source.kind == "budget" else FUND


def by_source(scheme: Scheme, model: Model) -> Mapping[str, str]:
    """The payer of every source of a model."""
    return {source.name: of_source(scheme, source) for source in model.sources}


@dataclass(frozen=True, slots=True)
class Programme:
    """What a programme beside the fund costs: quantity times unit cost.

    payer: its own bearer, else that of the money it is paid from, else the state.
    won: by year of the horizon. outside_won: of years outside it.
    """

    name: str
    payer: str
    won: Floats
    outside_won: float


def programmes(scheme: Scheme, model: Model) -> tuple[Programme, ...]:
    """Every programme of a scheme with its cost by fiscal year."""
    sources = by_source(scheme, model)
    return tuple(
        _programme(scheme, model, name, sources) for name in scheme.entries.get("programme", ())
    )


def _programme(scheme: Scheme, model: Model, name: str, sources: Mapping[str, str]) -> Programme:
    path = f"programme.{name}"
    unit_cost = scheme.amount(f"{path}.unit_cost")
    won, outside = np.zeros(model.years), 0.0
    for leaf in scheme.under(f"{path}.quantity"):
        year = leaf.path.rpartition(".")[2]
        if year == "total":
            continue
        cost = float(scheme.number(leaf.path) * unit_cost)
        place = int(year) - model.first_year
        if 0 <= place < model.years:
            won[place] += cost
        else:
            outside += cost
    paid_from = str(scheme.plain.get(f"{path}.capital", ""))
    return Programme(name, said(scheme, path) or sources.get(paid_from, STATE), won, outside)
