"""Tracks of a talent pipeline and the labour market behind them, as a scheme describes them."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from koga.plan.model import Floats
from koga.plan.needs import Needs
from koga.plan.schemes.shape import Scheme

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


def key_of(*parts: object) -> int:
    """A stream's number from its name: the same on every machine and in every scheme."""
    spelled = "\x1f".join(str(part) for part in parts).encode()
    return int.from_bytes(hashlib.sha256(spelled).digest()[:7], "big")
