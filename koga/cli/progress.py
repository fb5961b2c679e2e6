"""A progress bar on a terminal, and nothing anywhere else."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

Step = Callable[[str, int], None]
"""Told what has been done and how much of it."""


@contextlib.contextmanager
def bar(ko: str, en: str, *, quiet: bool, total: int | None = None) -> Iterator[Step | None]:
    """A bar on standard error while the body runs; None where nobody watches.

    total: how much all steps add up to; without it each step tells how far its own part is.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    from koga.cli.answer import language

    with Progress(console=Console(stderr=True), transient=True) as shown:
        title = ko if language() == "ko" else en
        task = shown.add_task(title, total=total)

        def step(part: str, amount: int) -> None:
            if total is None:
                shown.update(task, description=f"{title}: {part}", completed=amount)
            else:
                shown.update(task, description=title, advance=amount)

        yield step


@contextlib.contextmanager
def steps() -> Iterator[Callable[[str, int, int], None] | None]:
    """One bar for each step of an import: read, map, post."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    words = {"read": "읽기/read", "map": "풀이/map", "post": "기입/post"}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(words[step], total=total)
            shown.update(tasks[step], completed=done, total=total)

        yield report
