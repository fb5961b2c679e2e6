"""The talent pipeline of ten tracks over ten years against vectorised NumPy doing less of it."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy

from koga.plan.programmes import talent, talent_tracks
from koga.plan.schemes import scheme

PATHS, YEARS, TRACKS, RUNS, BOUND = 500, 10, 10, 5, 1.0
SCHEMES = Path(__file__).resolve().parents[1] / "schemes"


def plain(tracks: list[talent_tracks.Track], draws: numpy.random.Generator) -> numpy.ndarray:
    """Courses and first searches alone, month by month, all paths at once; who was hired.

    Neither applications, crowding, hiring and work after, nor the same path again on its own.
    """
    hired = numpy.zeros(PATHS)
    for track in tracks:
        hazards = talent_tracks.finding(track, 24)
        stay = track.completion_share ** (1 / track.course_months)
        for seats in track.seats.values():
            people = draws.binomial(numpy.full(PATHS, seats), track.take_up_share)
            for _ in range(track.course_months):
                people -= draws.binomial(people, 1 - stay)
            effect = numpy.exp(0.1 * draws.standard_normal(PATHS))
            for hazard in hazards:
                total = hazard * effect + 0.005
                going = draws.binomial(people, -numpy.expm1(-total))
                hired += draws.binomial(going, hazard * effect / total)
                people -= going
    return hired


def measures() -> Iterator[dict[str, Any]]:
    """One measure: median of interleaved runs; both give about the same share hired."""
    first = talent_tracks.tracks(scheme.load(SCHEMES / "koga-500.toml"))[0]
    years = dict.fromkeys(range(2025, 2025 + YEARS), 1000)
    tracks = [
        replace(first, name=f"track {n}", seats=years, intakes=1, repeat_share=0.0)
        for n in range(TRACKS)
    ]
    calm = talent_tracks.OPEN
    talent.run(tracks, calm, seed=1, first=0, paths=2, years=YEARS + 3)
    own, peer = [], []
    for run in range(RUNS):
        start = time.perf_counter()
        found = talent.run(tracks, calm, seed=run, first=0, paths=PATHS, years=YEARS + 3)
        between = time.perf_counter()
        hired = plain(tracks, numpy.random.default_rng(run))
        own.append(between - start)
        peer.append(time.perf_counter() - between)
    ratio = statistics.median(own) / statistics.median(peer)
    alike = bool(abs(found.hired.sum(axis=(1, 2)).mean() / hired.mean() - 1) < 0.05)
    yield {
        "name": f"talent pipeline, {TRACKS} tracks × {YEARS} years × {PATHS} paths / NumPy",
        "ratio": round(ratio, 3),
        "bound": BOUND,
        "ok": ratio <= BOUND and alike,
        "seconds": {"own": statistics.median(own), "peer": statistics.median(peer)},
    }
