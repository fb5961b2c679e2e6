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

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from koga.core.problems import ensure
from koga.plan.model import Floats
from koga.plan.needs import Needs
from koga.plan.schemes.shape import Scheme

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
_BLOCK = 3
"""Months of a quarter."""


@dataclass(frozen=True, slots=True)
class Track:
    """One kind of course with what becomes of its people. Rates are yearly unless named monthly.

    seats: by year of the call. found_work: (months since completion, share who found work by then).
    window_months: in which a job counts as found after the course, beyond a year in steps of three.
    anyway_share: of those who
    complete, who would have found work in the window without it. Others: as in the scheme.
    """

    name: str
    seats: Mapping[int, int]
    applicants_per_seat: float
    applicants_deviation: float
    take_up_share: float
    repeat_share: float
    intakes: int
    decision_months: int
    waiting_months: int
    course_months: int
    completion_share: float
    seats_per_instructor: float
    course_size: float
    course_deviation: float
    cohort_deviation: float
    found_work: tuple[tuple[int, float], ...]
    window_months: int
    anyway_share: float
    ai_share: float
    founder_share: float
    study_rate: float
    study_years: float
    abroad_rate: float
    leaving_rate: float
    new_job_loss_rate: float
    job_loss_rate: float
    switch_rate: float
    return_rate: float
    closing_rate: float
    again_months: float


@dataclass(frozen=True, slots=True)
class Labour:
    """The market those who complete look for work in.

    reference: completers a year at which `found_work` was measured, against the openings then.
    others: who complete comparable courses elsewhere in this market, a year, then and later.
    growth: of openings a year. volatility, memory: of hiring from year to year.
    """

    reference: float
    others: float
    elasticity: float
    growth: float
    volatility: float
    memory: float


OPEN = Labour(
    reference=math.inf, others=0.0, elasticity=0.0, growth=0.0, volatility=0.0, memory=0.0
)
"""A labour market nobody crowds and that does not move."""


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


def tracks(scheme: Scheme) -> tuple[Track, ...]:
    """The tracks of a scheme: training programmes with a `track`."""
    names = scheme.entries.get("programme", ())
    return tuple(
        _track(scheme, name)
        for name in names
        if f"programme.{name}.track.course_months" in scheme.leaves
    )


def _track(scheme: Scheme, name: str) -> Track:
    path = f"programme.{name}"
    needs = Needs(scheme)

    def said(key: str) -> float:
        return needs.needed(f"{path}.track.{key}")

    plain = (
        "applicants_per_seat", "applicants_deviation", "take_up_share", "repeat_share",
        "seats_per_instructor", "course_size", "course_deviation", "cohort_deviation",
        "ai_share", "founder_share", "study_rate", "study_years", "abroad_rate",
        "new_job_loss_rate", "job_loss_rate", "switch_rate", "return_rate", "closing_rate",
        "again_months",
    )  # fmt: skip
    found = sorted(
        (int(leaf.path.rpartition(".")[2]), float(scheme.number(leaf.path)))
        for leaf in scheme.under(f"{path}.track.found_work")
    )
    seats = {
        int(leaf.path.rpartition(".")[2]): int(scheme.number(leaf.path))
        for leaf in scheme.under(f"{path}.quantity")
        if not leaf.path.endswith(".total")
    }
    return Track(
        name=name,
        seats=seats,
        found_work=tuple(found),
        window_months=_window(12 * needs.given(f"{path}.placement_window_years", 1.0)),
        completion_share=needs.needed(f"{path}.completion_share"),
        anyway_share=needs.needed(f"{path}.counterfactual_share"),
        leaving_rate=needs.needed(f"{path}.leaving_rate"),
        intakes=int(said("intakes")),
        decision_months=int(said("decision_months")),
        waiting_months=int(said("waiting_months")),
        course_months=int(said("course_months")),
        **{key: said(key) for key in plain},
    )


def _window(months: float) -> int:
    """Whole months, beyond a year in steps of three."""
    return round(months) if months <= 12 else _BLOCK * round(months / _BLOCK)


def labour(scheme: Scheme) -> Labour:
    """The labour market of a scheme; where it describes none, one nobody crowds."""
    table = "labour_market"
    if f"{table}.elasticity" not in scheme.leaves:
        return OPEN
    needs = Needs(scheme)
    return Labour(
        reference=needs.needed(f"{table}.reference_completers"),
        others=needs.given(f"{table}.other_completers"),
        elasticity=needs.needed(f"{table}.elasticity"),
        growth=needs.given(f"{table}.vacancies_growth"),
        volatility=needs.given(f"{table}.volatility"),
        memory=needs.given(f"{table}.memory"),
    )


def followed(track: Track) -> int:
    """Months since completion followed intake by intake; after them the hazard is constant."""
    last = max(track.window_months, *(month for month, _ in track.found_work), 1)
    return -(-last // _BLOCK) * _BLOCK


def finding(track: Track, months: int) -> Floats:
    """The hazard of finding work in each month since completion, in calm and open markets."""
    hazards = np.zeros(months)
    before, cumulated, last = 0, 0.0, 0.0
    for month, share in track.found_work:
        reached = -math.log1p(-min(share, 1 - 1e-12))
        last = (reached - cumulated) / (month - before)
        hazards[before:month] = last
        before, cumulated = month, reached
    hazards[before:] = last
    return hazards


def found_within(track: Track, months: int) -> float:
    """F(m): the share that found work within so many months, the table drawn out.

    Uses the same hazards as the pipeline, so it is exact between the months of the table too.
    """
    return float(-np.expm1(-finding(track, months).sum()))


def interim(track: Track, completed: Mapping[int, float], *, as_of: int) -> float:
    """The employment rate an interim report would print: everybody who completed so far, so soon.

    completed: how many completed at the end of each month. as_of: the month of the report. The same
    people give a higher rate later, and the same month after another spread of completions another.
    """
    shares = {
        month: found_within(track, as_of - month) if as_of > month else 0.0 for month in completed
    }
    whole = sum(number for month, number in completed.items() if month <= as_of)
    found = sum(n * shares[month] for month, n in completed.items() if month <= as_of)
    return found / whole if whole else math.nan


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
    from koga.plan.programmes import talent_laws, talent_paths

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


def key_of(*parts: object) -> int:
    """A stream's number from its name: the same on every machine and in every scheme."""
    spelled = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.sha256(spelled).digest()[:7], "big")
