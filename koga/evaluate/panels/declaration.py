"""What a person declares of a table before any outcome is looked at: which column is what."""

from dataclasses import dataclass, fields
from typing import Any, Literal

Design = Literal["did", "rd", "sdid", "experiment", "survival"]
NEEDS: dict[str, tuple[str, ...]] = {
    "did": ("outcome", "unit", "time", "first_treated"),
    "rd": ("outcome", "score"),
    "sdid": ("outcome", "unit", "time", "treated"),
    "experiment": ("outcome", "treated"),
    "survival": ("outcome", "treated"),
}
"""Columns a design cannot do without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """The columns of a table by the part they play; each a heading of the file.

    design: did, rd, sdid, experiment or survival.
    outcome: the figure that may have changed; in the unit of the file. For survival: months.
    unit, time: who and when; unit and time together name one row.
    first_treated: the first period of support (did).
    treated: 1 where supported, 0 where not (sdid: by row; rd: who took it up; experiment); for
        survival 1 where the event was seen, 0 where observation ended first.
    score, cutoff: application score and the score from which support is due (rd). `cutoff` is a
        number, or a heading where every round has its own.
    rounds: the heading that names the round a score belongs to (rd).
    group: the heading by which curves are told apart (survival).
    covariates: figures from before support.
    weights: sampling or population weights, 0 or more.
    cluster: units that share a fate (a district); else every unit is its own.
    control: whom to compare with: never treated, or not yet treated as well (did).
    """

    design: Design
    outcome: str
    unit: str = ""
    time: str = ""
    first_treated: str = ""
    treated: str = ""
    score: str = ""
    cutoff: float | str = 0.0
    rounds: str = ""
    group: str = ""
    covariates: tuple[str, ...] = ()
    weights: str = ""
    cluster: str = ""
    control: Literal["never", "not-yet"] = "never"

    def parts(self) -> list[tuple[str, str]]:
        """Every part that is declared with its heading, covariates as x1, x2, …"""
        single = ("outcome", "unit", "time", "first_treated", "treated", "score", "rounds", "group")
        found = [(part, getattr(self, part)) for part in (*single, "weights", "cluster")]
        if isinstance(self.cutoff, str):
            found.append(("cutoff", self.cutoff))
        found += [(f"x{place}", name) for place, name in enumerate(self.covariates, start=1)]
        return [(part, name) for part, name in found if name]

    def as_json(self) -> dict[str, Any]:
        """The declared parts, blank ones left out."""
        told = {part.name: getattr(self, part.name) for part in fields(self)}
        if self.design != "did":
            told.pop("control")
        if self.design != "rd":
            told.pop("cutoff")
        del told["design"]
        return {key: value for key, value in told.items() if value not in ("", ())}
