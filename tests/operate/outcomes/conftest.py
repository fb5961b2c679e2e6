"""A programme, people with their roles, and the shortest ways to import and register."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from koga.operate.ledger import clock
from koga.operate.outcomes import mapping as mappings
from koga.operate.outcomes import services
from koga.operate.outcomes.services import Outcome
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.operate.support import services as support

OUTCOMES = """
kind = "outcomes"
series = "insured"
source_system = "고용보험(시험)"
units = "business"
[fields.unit]
column = "사업자등록번호"
[fields.month]
column = "기준월"
[fields.metric]
constant = "employment"
[fields.value]
column = "인원"
[fields.source]
constant = "고용보험"
[fields.coverage]
constant = "part"
"""
APPLICATIONS = """
kind = "applications"
series = "seed-rounds"
[fields.programme]
constant = "seed"
[fields.round]
column = "회차"
[fields.unit]
column = "번호"
[fields.answer]
column = "결과"
map = { "선정" = "accepted", "탈락" = "refused" }
[fields.score]
column = "점수"
[fields.cutoff]
constant = "70"
[fields.decided_on]
column = "결정일"
[fields.asked]
column = "신청액"
"""
PLAN = """
plan = "seed-jobs"
programme = "seed"
design = "did"
[question]
ko = "씨앗 보조를 받은 기업은 더 고용하는가?"
en = "Do firms with a seed grant employ more?"
[estimand]
ko = "지원받은 기업의 평균 효과"
en = "The average effect on supported firms"
[units]
ko = "기업"
en = "firms"
[outcome]
series = "insured"
metric = "employment"
name = { ko = "고용 인원", en = "people employed" }
unit = { ko = "명", en = "people" }
[window]
period = "quarter"
from = "2025-Q1"
to = "2025-Q4"
[comparison]
ko = "지원받지 않은 기업"
en = "firms never supported"
[rerun]
ko = "한누리시 감사위원회"
en = "the city's audit board"
"""
MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
Run = Callable[..., Outcome]


@pytest.fixture
def operator(db: None) -> Person:
    """An operator for all agencies."""
    return parties.add_person(login="kim", password="spring-rain-77", role="operator")


@pytest.fixture
def preparer(db: None) -> Person:
    """A preparer of one agency, which runs the programme `seed`."""
    parties.create_agency(code="hub", name_ko="허브", name_en="Hub")
    support.create_programme(
        programme="seed", agency="hub", name_ko="씨앗 보조", name_en="Seed grants",
        instrument="grant", unit="KRW",
    )  # fmt: skip
    return parties.add_person(login="lee", password="spring-rain-77", role="preparer", agency="hub")


@pytest.fixture
def run(operator: Person, tmp_path: Path) -> Run:
    """Imports text as a file by a mapping's text, on the morning of 2 March 2026."""

    def importing(text: str, mapping: str = OUTCOMES, **named: Any) -> Outcome:
        path = tmp_path / "file.csv"
        path.write_text(text)
        kind = "outcomes" if 'kind = "outcomes"' in mapping else "applications"
        named.setdefault("person", operator)
        with clock.stopped_at(named.pop("at", MORNING)):
            return services.import_file(path, mappings.parse(mapping, kind), **named)

    return importing
