"""Someone who may import, and the shortest way to do it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from koga.operate.imports import mapping as mappings
from koga.operate.imports import services
from koga.operate.imports.services import Outcome
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from tests.operate.imports import registers

Run = Callable[..., Outcome]


@pytest.fixture
def operator(db: None) -> Person:
    """An operator for all agencies."""
    return parties.add_person(login="kim", password="spring-rain-77", role="operator")


@pytest.fixture
def run(operator: Person, tmp_path: Path) -> Run:
    """Imports bytes as a register by a mapping's text."""

    def importing(content: bytes, mapping: str = registers.MAPPING, **named: Any) -> Outcome:
        path = registers.write(tmp_path, named.pop("name", "register.csv"), content)
        named.setdefault("person", operator)
        return services.import_awards(path, mappings.parse(mapping), **named)

    return importing
