"""`koga performance | pacing`: returns of a fund, and what a commitment will call and pay."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
