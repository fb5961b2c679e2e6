"""The house: light imports, directions of import, every door documented in both languages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("django", "numba", "polars", "altair", "numpy")


@pytest.mark.parametrize("package", ["koga.core", "koga.cli", "koga.core.money"])
def test_given_a_light_package_when_imported_then_nothing_heavy_is_loaded(package: str) -> None:
    code = (
        f"import sys, importlib; m = importlib.import_module({package!r});"
        "getattr(m, 'build_app', lambda: None)();"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--version"], (*HEAVY, "scipy")),
        (["check", "schemes/koga-500.toml"], ("django", "numba", "polars", "altair", "scipy")),
        (["simulate", "schemes/small.toml", "--engine", "fast", "--paths", "8", "--seed", "1"],
         ("django", "polars", "altair", "vl_convert", "typst", "pyarrow")),
    ],
)  # fmt: skip
def test_given_a_command_when_run_then_it_loads_no_more_than_it_needs(
    root: Path, arguments: list[str], heavy: tuple[str, ...]
) -> None:
    code = (
        f"import sys; sys.argv = ['koga', *{arguments!r}]; from koga.cli import main\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )

    assert ran.stdout.splitlines()[-1] == "[]"


def test_given_the_rooms_when_their_imports_are_read_then_they_run_downwards(root: Path) -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports")],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout


def test_given_the_generated_pages_when_made_anew_then_they_are_the_committed_ones(
    root: Path,
) -> None:
    ran = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.stdout + ran.stderr == ""


def test_given_a_page_for_people_when_listed_then_it_stands_in_both_languages(root: Path) -> None:
    pages = [
        path
        for folder in ("how-to", "reference", "concepts", "operating")
        for path in (root / "docs" / folder).glob("*.md")
    ]
    english = {path.name.removesuffix(".md") for path in pages if ".ko." not in path.name}
    korean = {path.name.removesuffix(".ko.md") for path in pages if ".ko." in path.name}

    assert english == korean


def test_given_the_documents_when_their_links_are_followed_then_none_is_dead(root: Path) -> None:
    dead = []
    for page in [*root.glob("*.md"), *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.relative_to(root)} -> {target}")
    assert dead == []


def test_given_the_public_settings_when_read_then_no_database_sign_in_or_session() -> None:
    code = (
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'koga.web.settings_public';"
        "django.setup(); from django.conf import settings;"
        "from django.db import connection;"
        "print(connection.settings_dict['ENGINE'], settings.INSTALLED_APPS,"
        " settings.MIDDLEWARE)"
    )

    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert "django.db.backends.dummy" in told
    assert not re.search(r"contrib\.(auth|sessions|admin)|koga\.(operate|publish)", told)
