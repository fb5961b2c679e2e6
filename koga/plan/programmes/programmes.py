"""What the money buys beside deals: talents, GPU-hours, space, rules removed, key talents kept.

Each programme of a scheme with a table of its own kind is followed by path; every programme has its
planned cost. Persons are counted once over all tracks together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.outcome import Outcome
from koga.plan.programmes import (
    compute_supply,
    hub_space,
    key_talents,
    rule_decisions,
    talent,
    talent_tracks,
)
from koga.plan.programmes.span import Span, by_year
from koga.plan.programmes.talent import Pipeline
from koga.plan.programmes.talent_tracks import Track
from koga.plan.schemes.shape import Scheme

_AFTER = 3
"""Years people are followed after the last places, where no horizon is given."""


def outcome(
    scheme: Scheme,
    *,
    seed: int,
    first: int,
    paths: int,
    first_year: int | None = None,
    years: int | None = None,
) -> Outcome:
    """Series and measures of the programmes on the paths `first`, `first + 1`, …

    first_year, years: the years of the series; the fund's first year, and to three years after the
    last programme, unless they are given. What happens before the first year counts in stocks and
    measures. Measures run over all years of the programmes. Money is in won.
    """
    start = min_year(scheme) if first_year is None else first_year
    span = Span(start, max(1, last_year(scheme) + _AFTER + 1 - start) if years is None else years)
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    at = _At(seed, first, paths)
    for part in (_costs, _talents, _compute, _space, _rules, _key_talents):
        found = part(scheme, at, span)
        series |= found[0]
        measures |= found[1]
    return Outcome(first, np.ones(paths), series, measures)


def min_year(scheme: Scheme) -> int:
    """The first year of the fund, or of the programmes where the fund has none."""
    if "fund.first_year" in scheme.leaves:
        return int(scheme.number("fund.first_year"))
    return min(_all_years(scheme), default=0)


def last_year(scheme: Scheme) -> int:
    """The last year in which a programme delivers; the first year where there is no programme."""
    return max(_all_years(scheme), default=min_year(scheme))


def cost_by_year(scheme: Scheme, name: str) -> dict[int, float]:
    """Planned cost of a programme: quantity × unit cost, won by year."""
    path = f"programme.{name}"
    unit = float(scheme.number(f"{path}.unit_cost"))
    return {year: unit * number for year, number in by_year(scheme, f"{path}.quantity").items()}


@dataclass(frozen=True, slots=True)
class _At:
    """Which paths are asked for."""

    seed: int
    first: int
    paths: int

    @property
    def asked(self) -> dict[str, int]:
        """As keywords."""
        return {"seed": self.seed, "first": self.first, "paths": self.paths}


_Found = tuple[dict[str, Floats], dict[str, Floats]]


def _all_years(scheme: Scheme) -> list[int]:
    names = scheme.entries.get("programme", ())
    return [year for name in names for year in by_year(scheme, f"programme.{name}.quantity")]


def _costs(scheme: Scheme, at: _At, span: Span) -> _Found:
    """The planned cost of each programme, the same on every path."""
    series: dict[str, Floats] = {}
    for name in scheme.entries.get("programme", ()):
        planned = cost_by_year(scheme, name)
        row = [planned.get(year, 0.0) for year in range(span.first, span.end)]
        series[f"programme_cost.{name}"] = np.tile(np.array(row), (at.paths, 1))
    return series, {}


def _talents(scheme: Scheme, at: _At, span: Span) -> _Found:
    tracks = talent_tracks.tracks(scheme)
    if not tracks:
        return {}, {}
    start = min(year for track in tracks for year in track.seats)
    market = talent_tracks.labour(scheme)
    years = max(1, span.end - start, _settled(tracks) - start)
    found = talent.run(tracks, market, **at.asked, years=years)
    return _talent_series(found, tracks, span), _talent_measures(scheme, found, tracks)


def _settled(tracks: Sequence[Track]) -> int:
    """The year after the last window of the last call ends."""
    return max(max(track.seats) + 1 - (-_months(track) // 12) for track in tracks)


def _months(track: Track) -> int:
    """From the call to the end of the window."""
    until_start = track.decision_months + track.waiting_months
    return until_start + track.course_months + track.window_months


def _talent_series(found: Pipeline, tracks: Sequence[Track], span: Span) -> dict[str, Floats]:
    start = found.first_year
    series = {
        f"talents.{state}": span.place(found.stocks[:, :, place], start, carry=True)
        for place, state in enumerate(talent.STATES)
    }
    for place, event in enumerate(talent.EVENTS):
        series[f"talent_events.{event}"] = span.place(found.events[:, :, place], start)
    net = found.hired - found.anyway
    for place, track in enumerate(tracks):
        seats = np.array([[track.seats.get(start + y, 0) for y in range(found.peak.shape[1])]])
        seats = np.repeat(seats.astype(np.float64), found.peak.shape[0], axis=0)
        teaching = np.ceil(found.peak[:, :, place] / track.seats_per_instructor - 1e-9)
        series |= {
            f"track_seats.{track.name}": span.place(seats, start),
            f"track_completed.{track.name}": span.place(found.completed[:, :, place], start),
            f"track_hired.{track.name}": span.place(found.hired[:, :, place], start),
            f"track_net.{track.name}": span.place(net[:, :, place], start),
            f"track_in_class.{track.name}": span.place(found.peak[:, :, place], start),
            f"track_instructors.{track.name}": span.place(teaching, start),
        }
    return series


def _talent_measures(scheme: Scheme, found: Pipeline, tracks: Sequence[Track]) -> dict[str, Floats]:
    """A year means a year with places; hired and net are of those who completed in it."""
    with_places = len({year for track in tracks for year in track.seats})
    completed = found.completed.sum(axis=(1, 2))
    hired, anyway = found.hired.sum(axis=(1, 2)), found.anyway.sum(axis=(1, 2))
    once = found.events[:, :, talent.EVENTS.index("first_completions")].sum(axis=1)
    cost = sum(sum(cost_by_year(scheme, track.name).values()) for track in tracks)
    return {
        "talents_completed_a_year": completed / with_places,
        "talents_completed_once_a_year": once / with_places,
        "talents_hired_a_year": hired / with_places,
        "talents_net_a_year": (hired - anyway) / with_places,
        "talents_hired_share": _ratio(hired, completed),
        "talents_net_share": _ratio(hired - anyway, completed),
        "talents_cost_per_hire": _ratio(np.full_like(hired, cost), hired),
        "talents_cost_per_net_job": _ratio(np.full_like(hired, cost), hired - anyway),
    }


def _ratio(above: Floats, below: Floats) -> Floats:
    """NaN where there is nothing to divide by."""
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _compute(scheme: Scheme, at: _At, span: Span) -> _Found:
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for supply in compute_supply.supplies(scheme):
        found = compute_supply.delivered(supply, **at.asked)
        name = supply.name
        series |= _placed(
            span,
            found.first_year,
            {
                f"gpu_hours.{name}": found.hours,
                f"gpu_cards.{name}": found.cards,
                f"gpu_cost.{name}": found.cost,
                f"gpu_spent.{name}": found.spent,
            },
        )
        measures[f"gpu_cost_per_hour.{name}"] = _ratio(found.cost.sum(1), found.hours.sum(1))
    return series, measures


def _space(scheme: Scheme, at: _At, span: Span) -> _Found:
    series: dict[str, Floats] = {}
    for space in hub_space.spaces(scheme):
        found = hub_space.occupied(space, **at.asked)
        name = space.name
        series |= _placed(
            span,
            found.first_year,
            {
                f"space_days.{name}": found.days,
                f"space_firms.{name}": found.firms,
                f"space_support.{name}": found.support,
            },
        )
    return series, {}


def _rules(scheme: Scheme, at: _At, span: Span) -> _Found:
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for desk in rule_decisions.desks(scheme):
        found = rule_decisions.decided(desk, **at.asked)
        name = desk.name
        series |= _placed(
            span,
            found.first_year,
            {
                f"rules_decided.{name}": found.decided,
                f"rules_removed.{name}": found.removed,
                f"rules_waiting.{name}": found.waiting,
                f"rules_in_time.{name}": found.in_time,
            },
        )
        arrived = found.arrived.sum(axis=1)
        weeks = np.nansum(found.weeks * found.arrived, axis=1)
        measures[f"rules_weeks.{name}"] = _ratio(weeks, arrived)
        measures[f"rules_in_time_share.{name}"] = _ratio(found.in_time.sum(1), arrived)
    return series, measures


def _key_talents(scheme: Scheme, at: _At, span: Span) -> _Found:
    series: dict[str, Floats] = {}
    measures: dict[str, Floats] = {}
    for treatment in key_talents.treatments(scheme):
        found = key_talents.kept(treatment, **at.asked)
        name = treatment.name
        series |= _placed(
            span,
            found.first_year,
            {
                f"key_talents.{name}": found.stock,
                f"key_talents_left.{name}": found.left,
                f"key_talents_more.{name}": found.more,
            },
        )
        cost = sum(cost_by_year(scheme, name).values())
        more = found.more.sum(axis=1)
        measures[f"key_talent_cost_per_year_kept.{name}"] = _ratio(np.full_like(more, cost), more)
    return series, measures


def _placed(span: Span, start: int, found: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: span.place(figures, start) for name, figures in found.items()}
