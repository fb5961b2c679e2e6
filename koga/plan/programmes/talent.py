"""The talent pipeline: people by state, month by month, with the time they have been in it.

applied → admitted → enrolled → completed → searching → AI work in the region, other work, founder
or study → searching again …, or gone abroad or out of the labour force; those who drop out or are
not enrolled stay counted. Everybody is counted once, in one state.

Time in state (semi-Markov): courses last their months; the hazard of finding work falls with the
months since completion; a job is new for four quarters and settled after. In a step a person with
hazards h_1 … h_n leaves with chance 1 - exp(-Σh), to i with share h_i / Σh. Courses are followed
from one month in which somebody looks (a class begins, a year ends) to the next, everything after
them by quarter, with hazards summed month by month: who arrives in a state stays to the quarter's
end, and completers, openings and hiring move from quarter to quarter. Nothing else is lost by it: a
binomial of a binomial is one. People apply at the beginning of a month.

Finding work: the scheme gives the share F(m) who found work within m months (Kaplan-Meier: those
who left for study or abroad are censored). With H = -log(1 - F) the hazard of month m is the
increase of H, evenly within each interval; after the last m it stays what it was last. On a path it
is multiplied with the intake's own effect, the state of hiring and the crowding of completers
against openings, ((completers + others) / ((reference + others) × growth of openings)) **
-elasticity, at most 1; completers are those of all tracks in the last four quarters.

Without the course: hazard κh, κ = log(1 - c) / log(1 - F(w)), for the counterfactual share c within
the window w, under the same crowding and hiring. Net = hired in the window less hired without.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan.model import Floats
from koga.plan.programmes import talent_laws, talent_paths
from koga.plan.programmes.talent_tracks import Labour, Track

STATES = (
    "applied",
    "admitted",
    "enrolled",
    "searching",
    "ai_work",
    "other_work",
    "founder",
    "study",
    "abroad",
    "left",
    "dropped",
    "not_enrolled",
)
"""Where a person can be; exactly one of them."""
EVENTS = (
    "applications",
    "persons",
    "admissions",
    "starts",
    "completions",
    "first_completions",
    "drops",
    "hires",
)
"""What happens in a year. `persons` and `first_completions` count each person once."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What became of people: arrays over paths, years and (states, events or tracks).

    stocks: people at each year's end by `STATES`. events: in each year by `EVENTS`.
    completed, hired, anyway: by track and year of completion: who completed, who of them found work
    within the window, how many would have without the course (an expectation given the path).
    peak: most people enrolled at once in a year, by track.
    """

    first_year: int
    tracks: tuple[str, ...]
    stocks: Floats
    events: Floats
    completed: Floats
    hired: Floats
    anyway: Floats
    peak: Floats


def run(
    found: Sequence[Track], market: Labour, *, seed: int, first: int, paths: int, years: int
) -> Pipeline:
    """The pipeline on the paths `first`, `first + 1`, …; whole persons, a pure function.

    years: from the first year with places. Common draws: an intake's uniforms depend on the seed,
    the path, its track's name, its year and its number alone.
    """
    return _run(found, market, seed=seed, first=first, paths=paths, years=years, expected=False)


def expected(found: Sequence[Track], market: Labour, *, years: int) -> Pipeline:
    """The deterministic path: every draw its mean, intakes and hiring as usual; one path."""
    return _run(found, market, seed=0, first=0, paths=1, years=years, expected=True)


def _run(
    found: Sequence[Track], market: Labour, *, seed: int, first: int, paths: int, years: int,
    expected: bool,
) -> Pipeline:  # fmt: skip
    ensure(bool(found), "a pipeline needs a track")
    start = min(year for track in found for year in track.seats)
    laws = talent_laws.laws(found, market, first_year=start, years=years)
    stocks = np.zeros((paths, years, talent_paths.STOCKS))
    events = np.zeros((paths, years, talent_paths.EVENTS))
    by_track = np.zeros((paths, years, len(found), talent_paths.TRACK_EVENTS))
    room = talent_paths.room(laws)
    talent_paths.run(laws, room, seed, first, expected, stocks, events, by_track)
    return Pipeline(
        first_year=start,
        tracks=tuple(track.name for track in found),
        stocks=stocks,
        events=events,
        completed=by_track[..., talent_paths.T_COMPLETED],
        hired=by_track[..., talent_paths.T_HIRED],
        anyway=by_track[..., talent_paths.T_ANYWAY],
        peak=by_track[..., talent_paths.T_PEAK],
    )
