"""Net cash of everybody who pays in, cumulated over fiscal years: the curve of a fund.

`net.all` counts every source of money, `net.public` those of the fund and the budget alone. A
fund's curve falls while money is paid in and rises while it comes back (the J-curve).
"""

import numpy as np

from koga.plan.model import QUARTERS_A_YEAR, Floats, Flows, Holdings, Model
from koga.plan.outcome import Outcome

PUBLIC = ("fund", "fiscal")
"""Sides of money that are the public's."""


def outcome(model: Model, flows: Flows, holdings: Holdings) -> Outcome:
    """Series `net.all`, `net.public` in won at the end of each fiscal year, and their measures.

    `lowest.*` is the most that was out at the end of any year, as a positive amount; `back.*` the
    years from the first fiscal year until the curve is at or above nothing again for good, not
    defined on a path where that never happens.
    """
    series = {
        "net.all": _net(model, holdings, [source.name for source in model.sources]),
        "net.public": _net(
            model, holdings, [source.name for source in model.sources if source.side in PUBLIC]
        ),
    }
    measures: dict[str, Floats] = {}
    for name, curve in series.items():
        who = name.partition(".")[2]
        measures[f"lowest.{who}"] = -np.minimum(curve.min(axis=1), 0.0)
        measures[f"back.{who}"] = _years_back(curve)
        measures[f"net_at_end.{who}"] = curve[:, -1].copy()
    return Outcome(flows.first_path, flows.weights, series, measures)


def _net(model: Model, holdings: Holdings, names: list[str]) -> Floats:
    paths = next(iter(holdings.paid.values())).shape[0]
    by_year = np.zeros((paths, model.years))
    for name in names:
        flow = holdings.received.get(name, 0.0) - holdings.paid.get(name, np.zeros((paths, 0)))
        by_year += years_of(flow, model.years)
    cumulated: Floats = np.cumsum(by_year, axis=1)
    return cumulated


def years_of(quarterly: Floats, years: int) -> Floats:
    """Quarters summed to fiscal years.

    >>> import numpy as np
    >>> years_of(np.arange(6.0).reshape(1, 6), 2)
    array([[6., 9.]])
    """
    paths, quarters = quarterly.shape
    if quarters == years * QUARTERS_A_YEAR:
        first, second, third, fourth = (quarterly[:, place::4] for place in range(4))
        return first + second + third + fourth
    padded = np.zeros((paths, years * QUARTERS_A_YEAR))
    padded[:, :quarters] = quarterly
    summed: Floats = padded.reshape(paths, years, QUARTERS_A_YEAR).sum(axis=2)
    return summed


def _years_back(curve: Floats) -> Floats:
    """Years until the curve stays at or above zero, counted from the start of the first year."""
    below = curve < 0.0
    years = curve.shape[1]
    last = years - np.argmax(below[:, ::-1], axis=1)
    found = np.where(below.any(axis=1), last + 1.0, 0.0)
    return np.where(below[:, -1], np.nan, found)
