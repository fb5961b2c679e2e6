"""Indices that a publisher puts into its releases, so that anyone computes the same comparison.

A benchmark is a TOML file (`benchmark, name_ko, name_en, kind, source, values`) beside a CSV of
`date,value`; its licence is the publisher's to mind. A release carries it up to its period's end.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from koga.core import performance_reading
from koga.core.problems import Problem, Refusal
from koga.release.fund_tables import INDEX_KINDS

_SAID = ("benchmark", "name_ko", "name_en", "kind", "source")


def rows(files: Iterable[Path], through: date) -> Iterator[dict[str, Any]]:
    """Rows of the table, by index and day; a `Refusal` where a file is not a benchmark."""
    read = sorted((_read(path) for path in files), key=lambda one: str(one[0]["benchmark"]))
    for said, values in read:
        for day, value in values:
            if day <= through:
                yield {**said, "day": day, "value": value}


def _read(path: Path) -> tuple[dict[str, str], list[tuple[date, Decimal]]]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        said = {name: str(told[name]) for name in _SAID}
        with (path.parent / str(told["values"])).open(encoding="utf-8-sig", newline="") as source:
            cells = list(csv.DictReader(source))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as trouble:
        raise Refusal(Problem("benchmark.unreadable", str(path), str(trouble))) from None
    if said["kind"] not in INDEX_KINDS:
        raise Refusal(Problem("benchmark.kind", str(path), said["kind"]))
    index = performance_reading.read_index(cells, path.name, kind=said["kind"])
    days = zip(index.days, index.values, strict=True)
    return said, [(day, _decimal(value)) for day, value in days]


def _decimal(value: Any) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
