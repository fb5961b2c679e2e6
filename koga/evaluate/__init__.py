"""What came of it: panels from release tables, effects, design checks, findings. No Django.

`from koga import evaluate` is light: its rooms (`evaluate.did`, `evaluate.panel`, …) are loaded
when first named.
"""

import importlib
from types import ModuleType

ROOMS = {
    "panel": "panels.panel",
    "finding": "finding",
    "did": "effects.did",
    "rd": "effects.rd",
    "sdid": "effects.sdid",
    "experiment": "effects.experiment",
    "survival": "effects.survival",
    "followed": "effects.followed",
    "honest": "effects.honest",
    "density": "effects.density",
}
"""Modules reached as attributes, and where they stand."""


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return importlib.import_module(f"koga.evaluate.{ROOMS[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
