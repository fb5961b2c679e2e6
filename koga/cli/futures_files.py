"""What `koga simulate --out DIR` writes: tables, charts and sheets of one simulation."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from koga.core.problems import Problem, Refusal

if TYPE_CHECKING:
    from koga.figures.charts import Figure
    from koga.plan.result import Result
    from koga.plan.schemes.shape import Scheme
    from koga.plan.tornado import Tornado

LANGUAGES = ("ko", "en")
PIXELS_SCALE = 2
SUMS = "SHA256SUMS"


def write(
    folder: Path,
    result: "Result",
    swings: "Tornado | None",
    beside: Sequence["Scheme"] = (),
) -> list[str]:
    """Write every file of a result into a folder and name them; the same result, the same bytes.

    beside: schemes the sheet says the overlap with.

    Parquet tables `by_year`, `measures`, `assumptions`, `tails`; each chart as SVG and PNG in both
    languages; the sheet as HTML and PDF; the scheme as it was simulated. All are written apart and
    moved in when whole, their sums last: a folder whose `sha256sum -c SHA256SUMS` holds is one
    whole result.
    """
    sums: dict[str, str] = {}
    with _writing(folder) as apart:
        for name, body in _files(result, swings, beside):
            (apart / name).write_bytes(body)
            sums[name] = hashlib.sha256(body).hexdigest()
        (folder / SUMS).unlink(missing_ok=True)
        for name in sums:
            os.replace(apart / name, folder / name)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
        (apart / SUMS).write_text(lines, encoding="utf-8")
        os.replace(apart / SUMS, folder / SUMS)
    return [*sums, SUMS]


def require_writable(folder: Path) -> None:
    """Make the folder and refuse where it takes no files, before anything long is computed."""
    with _writing(folder):
        pass


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[Path]:
    """A folder apart inside another; a `Refusal` where files cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as apart:
            yield Path(apart)
    except OSError as fault:
        raise Refusal(Problem("cli.write", str(folder), str(fault.strerror))) from None


def _files(
    result: "Result", swings: "Tornado | None", beside: Sequence["Scheme"]
) -> Iterator[tuple[str, bytes]]:
    from koga.documents import sheet
    from koga.plan.schemes import writing

    yield from _tables(result)
    yield "scheme.toml", writing.text(result.scheme).encode()
    for language in LANGUAGES:
        drawn = _figures(result, swings, language)
        for name, figure in drawn:
            yield f"{name}.{language}.svg", figure.wide.encode()
            yield f"{name}.{language}.png", _png(figure)
        printed = sheet_of(result, [figure for _, figure in drawn], language, beside)
        yield f"sheet.{language}.html", sheet.html(printed).encode()
        yield f"sheet.{language}.pdf", sheet.pdf(printed)


def _figures(
    result: "Result", swings: "Tornado | None", language: str
) -> list[tuple[str, "Figure"]]:
    from koga.figures import futures

    drawn = list(futures.all_of(result, language))
    if swings is not None:
        drawn.append(("tornado", tornado_figure(swings, result, language)))
    return drawn


def tornado_figure(found: "Tornado", result: "Result", language: str) -> "Figure":
    """The chart of a tornado."""
    from koga.documents import futures_values
    from koga.figures import bands, futures

    drawn = [
        bands.Swing(
            each.leaf.label_ko if language == "ko" else each.leaf.label_en,
            each.at_low.mean or 0,
            each.at_high.mean or 0,
            futures_values.number_words(each.leaf, each.low, language),
            futures_values.number_words(each.leaf, each.high, language),
        )
        for each in found.swings
    ]
    label = result.label(found.measure, language)
    return futures.tornado(
        drawn, found.base, language, name="tornado", label=label, paths=found.paths,
        seed=found.seed,
    )  # fmt: skip


def sheet_of(
    result: "Result",
    drawn: Sequence["Figure"],
    language: str,
    beside: Sequence["Scheme"] = (),
) -> Any:
    """The sheet of a result with the tables other rooms add to it."""
    from koga.documents import futures_fiscal, futures_sheet

    further = futures_fiscal.tables(result, language, stressed=_stressed(result))
    return futures_sheet.sheet(result, drawn, language, further=further, beside=beside)


@lru_cache(maxsize=1)
def _stressed_of(asked: "_Once") -> Any:
    from koga.plan import build
    from koga.plan.budget import reverse

    return reverse.reverse(build.build(asked.result.scheme, apart=False))


class _Once:
    """A result remembered by itself, so that both languages search once."""

    def __init__(self, result: "Result") -> None:
        self.result = result

    def __hash__(self) -> int:
        return hash(self.result.scheme.sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once) and other.result is self.result


def _stressed(result: "Result") -> Any:
    """The reverse stress of the scheme's protected rank."""
    return _stressed_of(_Once(result))


def _tables(result: "Result") -> Iterator[tuple[str, bytes]]:
    import io

    import polars

    from koga.plan.schemes import rows

    told = rows.release_rows([result.scheme], [])["scheme_values"]
    assumptions = polars.DataFrame(told, infer_schema_length=None)
    tables = {"by_year": result.by_year, "measures": result.measures, "assumptions": assumptions}
    if result.tails is not None:
        tables["tails"] = result.tails.frame()
    for name, table in tables.items():
        buffer = io.BytesIO()
        table.write_parquet(buffer, statistics=False)
        yield f"{name}.parquet", buffer.getvalue()


def _png(figure: "Figure") -> bytes:
    """A chart as pixels on white, in the type of the sheets."""
    from koga.documents import typesetting

    return typesetting.picture(figure.wide, scale=PIXELS_SCALE)
