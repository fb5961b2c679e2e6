"""A release from the books: what is in, who is late, what was corrected; the same bytes twice."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from koga.core.dates import Period
from koga.core.problems import Refusal
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.publish import services, typed
from koga.release import keys
from koga.release.read import open_release
from koga.release.verify import verify
from tests.publish.books import HALF, LATER, agency, codes, drafted, person, record, signed

pytestmark = pytest.mark.django_db

IN_TIME = datetime(2026, 8, 20, 3, tzinfo=UTC)
LATE = datetime(2026, 9, 10, 3, tzinfo=UTC)


@pytest.fixture
def maker() -> Person:
    return person("maker", "preparer")


@pytest.fixture
def checker() -> Person:
    return person("checker", "approver")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "keys" / "release.key"
    keys.new_key(file, name="city.example/koga")
    return file


@pytest.fixture
def two() -> None:
    """Two agencies that each gave one grant in either half of 2026."""
    for code in ("hub", "labs"):
        agency(code, (f"{code}-seed", "grant", "KRW"))
        record(code, f"{code}-seed", f"{code}-1", 1000, date(2026, 3, 1))
        record(code, f"{code}-seed", f"{code}-2", 300, date(2026, 8, 1))


def built(key: Path, out: Path, period: str = "2026-H1", **more: Any) -> Any:
    """A verified release."""
    services.build_release(period=period, key_file=key, out=out, schemes=[], **more)
    failed = [check for check in verify(out, keys.load(key).public) if not check.ok]
    assert failed == []
    return open_release(out)


def rows(release: Any, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in release.rows(table)]


def test_given_one_agency_signed_and_one_not_when_built_then_the_other_stays_out_and_is_counted(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=LATE)

    release = built(key, tmp_path / "out")

    assert rows(release, "records", "record", "amount") == [("hub-1", 1000)]
    assert rows(release, "flows", "agency", "quarter", "amount") == [("hub", "2026-Q1", 1000)]
    assert rows(release, "agencies", "agency", "reported") == [("hub", True), ("labs", False)]
    assert rows(release, "due", "agency", "state", "days_late", "records_left_out") == [
        ("hub", "signed_late", 12, 0),
        ("labs", "missing", 12, 1),
    ]
    assert release.manifest.head.signed_on == LATE


def test_given_the_same_books_when_built_twice_then_every_byte_is_the_same(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    signed("labs", maker, checker, at=LATE)
    for name in ("one", "two"):
        built(key, tmp_path / name)

    def hashes(folder: Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_given_the_last_signature_before_a_due_date_when_built_then_it_is_not_yet_due(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    services.set_duty(agency="labs", every="half", since=date(2026, 1, 1), days=90)
    signed("hub", maker, checker, at=IN_TIME)

    release = built(key, tmp_path / "out")

    assert rows(release, "due", "agency", "state", "days_late") == [
        ("hub", "signed", 0),
        ("labs", "not_yet_due", 0),
    ]


def test_given_a_reason_for_being_late_when_built_then_it_stands_in_the_agencys_words(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    services.say_why_late(agency="labs", period=HALF, person=maker, text="전산 이전 중")
    signed("hub", maker, checker, at=LATE)

    assert rows(built(key, tmp_path / "out"), "due", "agency", "reason") == [
        ("hub", None),
        ("labs", "전산 이전 중"),
    ]


def test_given_a_nil_return_when_built_then_it_counts_as_reported(
    key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    agency("quiet", ("none", "grant", "KRW"))
    signed("quiet", maker, checker, at=IN_TIME)

    release = built(key, tmp_path / "out")

    assert rows(release, "due", "agency", "state") == [("quiet", "nil")]
    assert rows(release, "statements", "nil", "ledger_lines") == [(True, 0)]
    assert {row[1] for row in rows(release, "statement_lines", "section", "basis")} == {"nil"}


def test_given_an_agency_that_fell_silent_when_the_next_is_built_then_what_it_signed_stays_in(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    signed("labs", maker, checker, at=IN_TIME)
    first = built(key, tmp_path / "first")
    signed("hub", maker, checker, LATER, at=datetime(2027, 3, 20, tzinfo=UTC))

    second = built(key, tmp_path / "second", "2026-H2", previous=tmp_path / "first")

    assert len(list(first.rows("records"))) == 2
    assert [row[0] for row in rows(second, "records", "record")] == ["hub-1", "hub-2", "labs-1"]
    late = {(row["agency"], row["period"]): row for row in second.rows("due")}
    assert late["labs", "2026-H2"]["state"] == "missing"
    assert late["labs", "2026-H2"]["days_late"] == 19
    assert late["labs", "2026-H2"]["last_period"] == "2026-H1"
    assert late["labs", "2026-H2"]["records_left_out"] == 1


def test_given_a_restated_figure_when_built_then_the_old_and_new_value_stand_with_the_reason(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    record("hub", "hub-seed", "hub-9", 50, date(2026, 3, 9))
    services.restate(agency="hub", period=HALF, person=maker, reason="늦게 확인된 교부")
    signed("hub", maker, checker, at=LATE)

    release = built(key, tmp_path / "out")

    told = rows(release, "corrections", "table", "row", "field", "old", "new", "reason")
    reason = "늦게 확인된 교부"
    assert told == [
        ("statements", "hub/2026-H1", "version", "1", "2", reason),
        ("statement_lines", "hub/2026-H1/actions/1", "value", "1", "2", reason),
        ("statement_lines", "hub/2026-H1/resources/1", "value", "1000", "1050", reason),
    ]
    assert rows(release, "statements", "version", "days_late") == [(2, 0)]


def test_given_books_that_moved_after_the_signature_when_built_then_stated_and_booked_are_shown(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    record("hub", "hub-seed", "hub-9", 50, date(2026, 3, 9))

    release = built(key, tmp_path / "out")

    told = rows(release, "corrections", "row", "field", "old", "new")
    assert told == [
        ("hub/2026-H1/actions/1", "value", "1", "2"),
        ("hub/2026-H1/resources/1", "value", "1000", "1050"),
    ]


def test_given_an_agency_merged_away_when_its_successor_signs_then_its_records_are_covered(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    parties.succeed_agency(code="labs", successor="hub", on=date(2026, 5, 1))
    signed("hub", maker, checker, at=IN_TIME)

    release = built(key, tmp_path / "out")

    assert [row[0] for row in rows(release, "records", "record")] == ["hub-1", "labs-1"]
    assert rows(release, "due", "agency", "period") == [("hub", "2026-H1")]
    assert rows(release, "agencies", "agency", "reported", "successor") == [
        ("hub", True, None),
        ("labs", True, "hub"),
    ]


def test_given_nothing_signed_when_built_then_refused_and_no_folder_left(
    two: None, key: Path, maker: Person, tmp_path: Path
) -> None:
    drafted("hub", maker)

    with pytest.raises(Refusal) as refused:
        services.build_release(period="2026-H1", key_file=key, out=tmp_path / "out", schemes=[])

    assert codes(refused) == ["publish.nothing_signed"]
    assert not (tmp_path / "out").exists()


def test_given_statements_of_later_periods_when_an_earlier_release_is_built_then_they_stay_out(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    signed("hub", maker, checker, LATER, at=LATE)

    release = built(key, tmp_path / "out")

    assert rows(release, "statements", "period") == [("2026-H1",)]
    assert [row[0] for row in rows(release, "records", "record")] == ["hub-1"]
    assert release.manifest.head.signed_on == IN_TIME


def test_given_a_publisher_when_built_then_the_release_bears_its_name(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    services.describe_publisher(name_ko="한누리시", name_en="Hannuri")
    signed("hub", maker, checker, at=IN_TIME)

    head = built(key, tmp_path / "out").manifest.head

    assert (head.release, head.organisation_ko) == ("city-2026-H1", "한누리시")
    assert head.title_en == "Hannuri: support for growth, 2026 H1"


def test_given_two_editions_of_one_period_when_built_then_the_second_is_numbered(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    signed("hub", maker, checker, at=IN_TIME)
    built(key, tmp_path / "one")
    signed("labs", maker, checker, at=LATE)

    second = built(key, tmp_path / "two", previous=tmp_path / "one")

    assert second.manifest.release == "city-2026-H1-2"


def test_given_a_parent_that_stays_out_when_built_then_no_record_points_to_it(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    from koga.operate.support.models import Record

    Record.objects.filter(record="hub-1").update(parent_id="labs-1")
    signed("hub", maker, checker, at=IN_TIME)

    assert rows(built(key, tmp_path / "out"), "records", "parent") == [(None,)]


def test_given_yearly_and_quarterly_duties_when_read_then_each_period_has_its_due_date() -> None:
    from koga.publish import selectors

    agency("yearly", ("y", "grant", "KRW"))
    agency("quarterly", ("q", "grant", "KRW"))
    services.set_duty(agency="yearly", every="year", since=date(2025, 1, 1), days=90)
    services.set_duty(agency="quarterly", every="quarter", since=date(2026, 1, 1), days=30)

    owed = selectors.owed_through(Period.parse("2026-H1"))

    assert [(one.agency, one.period.name, one.due_on) for one in owed] == [
        ("quarterly", "2026-Q1", date(2026, 4, 30)),
        ("quarterly", "2026-Q2", date(2026, 7, 30)),
        ("yearly", "2025", date(2026, 3, 31)),
    ]


def test_given_schemes_of_others_when_built_then_our_figures_answer_only_our_own_targets(
    two: None, key: Path, maker: Person, checker: Person, tmp_path: Path
) -> None:
    services.describe_publisher(name_ko="한누리시", name_en="Hannuri", own_schemes=["small"])
    line = {
        "section": "results", "code": "talents_completed", "text_ko": "마친 사람",
        "text_en": "people who completed", "value": 12, "unit": "people", "denominator": 20,
        "denominator_ko": "시작한 사람", "denominator_en": "people who started",
        "window_start": date(2026, 1, 1), "window_end": date(2026, 6, 30), "method": "대장",
        "evidence": "대장",
    }  # fmt: skip
    nil = ["timeliness", "advice", "limits", "promises"]
    said = typed.parse({"nil": nil, "line": [line]}, "lines")
    signed("hub", maker, checker, at=IN_TIME, typed=said)

    services.build_release(period="2026-H1", key_file=key, out=tmp_path / "out")
    release = open_release(tmp_path / "out")

    told = rows(release, "targets", "scheme", "target", "period", "reported_value")
    answered = {row[0] for row in told if row[3] is not None}
    assert answered == {"small"}
    assert {row[0] for row in told} > answered
