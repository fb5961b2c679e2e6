"""The futures of a scheme as rows of the open table `futures`, and back from such rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from koga.plan import measures, spread
from koga.plan.figure import Figure, Number
from koga.plan.result import Result

ALL = "all"
"""The period of a measure: the whole time simulated."""
PUBLISHED = ("net.", "budget.", "borne.", "talents.", "lost.")
"""Series that are published by year; every measure is."""
_PLACES = 9
Row = dict[str, Any]


def release_rows(result: Result) -> Iterator[Row]:
    """Rows of `futures` with the columns of release.tables, measures first.

    Won are whole; other figures are rounded to nine decimal places.
    """
    for name, each in result.figures.items():
        yield _row(result, name, ALL, each)
    for name, years in result.series.items():
        if name.startswith(PUBLISHED):
            for each in years:
                yield _row(result, name, str(each.year), each)


def _row(result: Result, name: str, period: str, each: Figure) -> Row:
    declared = measures.find(name)
    return {
        "scheme": result.scheme.code,
        "name": name,
        "period": period,
        "label_ko": result.label(name, "ko"),
        "label_en": result.label(name, "en"),
        "unit": each.unit or None,
        "mean": _decimal(each.mean),
        **{key: _decimal(value) for key, value in zip(spread.NAMES, each.quantiles, strict=True)},
        "error": _decimal(each.error),
        "approximate": each.approximate,
        "paths": result.paths,
        "engine": result.engine,
        "engine_version": result.engine_version,
        "seed": result.seed,
        "sha256": result.scheme.sha256,
        "definition_ko": declared.definition_ko,
        "definition_en": declared.definition_en,
    }


def _decimal(value: Number) -> Decimal | None:
    """A figure as the open tables carry it.

    >>> _decimal(5), _decimal(0.1), _decimal(None)
    (Decimal('5'), Decimal('0.1'), None)
    """
    if value is None:
        return None
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(f"{value:.{_PLACES}f}").normalize() + 0


@dataclass(frozen=True, slots=True)
class Published:
    """The futures of one scheme as a release holds them; what charts read.

    labels: by name, in Korean and English. paths, engine, engine_version, seed, sha256: of it.
    """

    figures: Mapping[str, Figure]
    series: Mapping[str, Sequence[Figure]]
    labels: Mapping[str, tuple[str, str]]
    paths: int
    engine: str
    engine_version: str
    seed: int
    sha256: str

    def label(self, name: str, language: str) -> str:
        """A name as people read it."""
        return self.labels[name][0 if language == "ko" else 1]


def published(rows: Iterable[Mapping[str, Any]]) -> Published | None:
    """Rows of one scheme read back; None where there are none."""
    given = list(rows)
    if not given:
        return None
    first = given[0]
    series: dict[str, list[Figure]] = {}
    for row in given:
        if row["period"] != ALL:
            series.setdefault(row["name"], []).append(_figure(row))
    return Published(
        figures={row["name"]: _figure(row) for row in given if row["period"] == ALL},
        series={name: sorted(years, key=lambda each: each.year) for name, years in series.items()},
        labels={row["name"]: (row["label_ko"], row["label_en"]) for row in given},
        paths=first["paths"],
        engine=first["engine"],
        engine_version=first["engine_version"],
        seed=first["seed"],
        sha256=first["sha256"],
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    whole = row["unit"] == measures.MONEY

    def number(key: str) -> Number:
        value = row[key]
        return None if value is None else int(value) if whole else float(value)

    return Figure(
        name=row["name"],
        year=0 if row["period"] == ALL else int(row["period"]),
        unit=row["unit"] or "",
        mean=number("mean"),
        error=number("error"),
        quantiles=tuple(number(key) for key in spread.NAMES),
        approximate=row["approximate"],
        status="" if row["mean"] is not None else "undefined",
        defined=row["paths"],
    )
