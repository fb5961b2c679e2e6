"""The factors of a path: the market's and every sector's year, standard normal, with memory.

z_y = m z_{y-1} + sqrt(1 - m²) e_y for the market and, on their own, for each sector, m the memory;
z_0 is drawn from the stationary law, so every year has variance one. The years of a factor are made
from as many independent normals, ordered by how much of the variance of the cumulated factor each
carries (principal components of its running sum), so that the first coordinate of a quasi-random
point moves what matters most: the market over the whole horizon. A shift of that first coordinate
by d makes bad decades common; its likelihood ratio is exp(-d x - d²/2), x the unshifted normal.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from koga.plan.engine import draws, sobol
from koga.plan.engine.compiled import lean
from koga.plan.model import Counts, Floats

Draws: TypeAlias = Literal["sobol", "counter"]

_FACTORS = np.uint64(0xFAC7)
SECTOR_IMPORTANCE = 0.2
"""How a sector's component is ranked against one of the market with the same variance."""


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors of a range of paths.

    values: by path, factor (the market, then the sectors) and year. weights: likelihood ratio by
    path, ones where nothing was shifted.
    """

    values: Floats
    weights: Floats

    @property
    def market(self) -> Floats:
        """The market's factor by path and year."""
        return self.values[:, 0]


@lru_cache(maxsize=16)
def loadings(years: int, memory: float) -> tuple[Floats, Floats]:
    """The matrix from independent normals to the years of a factor, and each normal's variance.

    The variance is that of the running sum, largest first. The matrix A has A Aᵀ = memory^|i-j|.
    """
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    covariance = np.asarray(memory, dtype=float) ** apart
    running = np.tril(np.ones((years, years)))
    values, vectors = np.linalg.eigh(running @ covariance @ running.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    summed = vectors * np.sqrt(values)
    matrix: Floats = np.ascontiguousarray(np.diff(summed, axis=0, prepend=0.0))
    return matrix, values


@lru_cache(maxsize=16)
def order(years: int, sectors: int, memory: float) -> Counts:
    """Which coordinate of a point each normal takes: -1 where it is drawn by the counter.

    Rows: the market, then the sectors; columns: their components.
    """
    _, values = loadings(years, memory)
    importance = np.sqrt(values)[None, :] * np.full((sectors + 1, 1), SECTOR_IMPORTANCE)
    importance[0] = np.sqrt(values)
    ranked = np.argsort(-importance, axis=None, kind="stable")[: sobol.DIMENSIONS]
    places = np.full(importance.size, -1, dtype=np.int64)
    places[ranked] = np.arange(ranked.size)
    return places.reshape(importance.shape)


def drawn(
    *,
    years: int,
    sectors: int,
    memory: float,
    seed: int,
    first: int,
    paths: int,
    source: Draws = "counter",
    shift: float = 0.0,
) -> Factors:
    """The factors of paths `first` … `first + paths - 1`, a pure function of the arguments.

    shift: added to the market's first component, in standard deviations; negative for bad decades.
    """
    matrix, _ = loadings(years, memory)
    places = order(years, sectors, memory)
    if source == "counter":
        places = np.full_like(places, -1)
    directions, digital = sobol.scrambled(seed)
    made = np.empty((paths, sectors + 1, years))
    weights = np.empty(paths)
    room = np.empty(max(0, int(places.max()) + 1)), np.empty(years)
    columns = np.ascontiguousarray(matrix.T)
    _fill(seed, first, shift, columns, places, directions, digital, *room, made, weights)
    return Factors(made, weights)


@lean
def _fill(
    seed: int,
    first: int,
    shift: float,
    columns: Floats,
    places: Counts,
    directions: sobol.Digits,
    digital: sobol.Digits,
    point: Floats,
    normals: Floats,
    made: Floats,
    weights: Floats,
) -> None:
    for path in range(made.shape[0]):
        start = draws.opened(seed, first + path, _FACTORS)
        sobol.fill(directions, digital, first + path, point)
        for row in range(made.shape[1]):
            _normals(start, row, places, point, normals)
            if row == 0:
                weights[path] = np.exp(-shift * normals[0] - 0.5 * shift * shift)
                normals[0] += shift
            _combine(normals, columns, made[path, row])


@lean
def _normals(start: np.uint64, row: int, places: Counts, point: Floats, normals: Floats) -> None:
    """The independent normals of one factor: from the point, or counted where it has no place."""
    years = normals.size
    for year in range(years):
        place = places[row, year]
        if place >= 0:
            normals[year] = draws.normal(point[place])
        else:
            word = draws.numbered(start, np.uint64(row * years + year))
            normals[year] = draws.normal(draws.uniform(word))


@lean
def _combine(normals: Floats, columns: Floats, made: Floats) -> None:
    """The years of one factor: columns of the loadings weighed with the normals."""
    years = made.size
    made[:] = 0.0
    for component in range(years):
        weight = normals[component]
        for year in range(years):
            made[year] += columns[component, year] * weight
