"""An empty set of books, made or brought up to date."""

import os
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection

from koga.core.problems import Problem, Refusal
from koga.web.databases import database


def require_books() -> None:
    """Refuse where the database of the settings holds no books, or cannot be reached."""
    from koga.operate.parties.models import Person

    try:
        Person.objects.exists()
    except DatabaseError:
        place = str(connection.settings_dict["NAME"])
        raise Refusal(Problem("web.no_books", "KOGA_DATABASE_URL", place)) from None
    finally:
        connection.close()


def initialise(*, name_ko: str = "", name_en: str = "", schemes: Sequence[str] = ()) -> str:
    """Make the tables (and var/ for an embedded file); returns where the books are."""
    chosen = database()
    if chosen["ENGINE"].endswith("sqlite3"):
        Path(chosen["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_books")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    if name_ko or name_en:
        from koga.publish import services

        services.describe_publisher(
            name_ko=name_ko or name_en, name_en=name_en or name_ko, own_schemes=schemes
        )
    return str(settings.DATABASES["default"]["NAME"])
