"""Tables of a release as Polars frames, whichever version of koga made the release."""

from pathlib import Path

import polars as pl

from koga.release.cells import parquet_schema
from koga.release.tables import Table


def scan(place: Path) -> pl.LazyFrame:
    """A Parquet file, read only as far as it is asked for."""
    return pl.scan_parquet(place)


def blank_frame(table: Table) -> pl.LazyFrame:
    """A table without rows."""
    return pl.LazyFrame(schema=parquet_schema(table))


def completed(table: Table, frame: pl.LazyFrame) -> pl.LazyFrame:
    """A frame with every column declared today; those it was made without are blank."""
    there = frame.collect_schema().names()
    wanted = parquet_schema(table)
    missing = [name for name in wanted if name not in there]
    return frame.with_columns(pl.lit(None, dtype=wanted[name]).alias(name) for name in missing)
