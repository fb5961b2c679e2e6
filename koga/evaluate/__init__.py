"""What came of it: panels from release tables, effects, design checks, findings. No Django.

`from koga import evaluate` is light: its rooms (`evaluate.did`, `evaluate.panel`, …) are loaded
when first named.
"""

import importlib
from types import ModuleType

ROOMS = (
    "panel",
    "finding",
    "did",
    "rd",
    "sdid",
    "experiment",
    "survival",
    "followed",
    "honest",
    "density",
)
"""Modules reached as attributes."""


def __getattr__(name: str) -> ModuleType:
    if name in ROOMS:
        return importlib.import_module(f"koga.evaluate.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
