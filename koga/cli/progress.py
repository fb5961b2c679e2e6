"""A progress bar on a terminal, and nothing anywhere else."""

import contextlib
import sys
from collections.abc import Callable, Iterator

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
