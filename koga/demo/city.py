"""The fictional city as it is written in `city.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from koga.core.dates import Period


@dataclass(frozen=True)
class City:
    """The written city: its tables of agencies, programmes and periods.

    folder: where keys, registers and releases go. scale: multiple of the small registers.
    seed: what its registers are drawn with.
    """

    folder: Path
    scale: int
    seed: int = 20250306

    @cached_property
    def written(self) -> Mapping[str, Any]:
        """`city.toml` as read."""
        with (Path(__file__).parent / "city.toml").open("rb") as source:
            return tomllib.load(source)

    @cached_property
    def periods(self) -> list[Period]:
        """Its half-years, in order."""
        return [Period.parse(name) for name in self.written["periods"]]

    def programmes(self, period: Period) -> list[Mapping[str, Any]]:
        """The programmes that run in a half-year."""
        return [
            programme
            for programme in self.written["programme"]
            if programme.get("from", "0000") <= period.name <= programme.get("until", "9999")
        ]

    def agencies(self, period: Period) -> list[str]:
        """The agencies that exist in a half-year."""
        return [
            agency["code"]
            for agency in self.written["agency"]
            if "succeeded" not in agency or agency["succeeded"]["on"] > period.end
        ]
