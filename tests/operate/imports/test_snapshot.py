"""A register exported again: what changed is corrected, what vanished waits for a decision."""

from dataclasses import replace
from datetime import date

import pytest

from koga.core.problems import Refusal
from koga.operate.imports import selectors, services
from koga.operate.imports.models import Vanished
from koga.operate.ledger import selectors as ledger
from koga.operate.ledger import services as ledger_services
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.operate.support.models import Record, RecordChange
from tests.operate.imports import registers
from tests.operate.imports.conftest import Run
from tests.operate.imports.test_awards import books_total

pytestmark = pytest.mark.django_db


def changed(row: registers.Line, amount: int) -> registers.Line:
    return replace(row, amount=amount, national=0, city=amount)


def test_given_changed_and_vanished_rows_when_snapshot_then_corrections_and_a_list(
    run: Run,
) -> None:
    rows = registers.lines(40)
    run(registers.as_csv(rows))
    again = [changed(row, row.amount + 1000) for row in rows[:5]] + rows[5:37]

    outcome = run(registers.as_csv(again), snapshot=True, reason="자료 정정")

    assert (outcome.added, outcome.corrected, outcome.unchanged) == (0, 5, 32)
    assert outcome.vanished == ["HN-38", "HN-39", "HN-40"]
    assert outcome.corrected_totals == {"KRW": 5000}
    assert books_total() == sum(row.amount for row in rows) + 5000
    assert Record.objects.count() == 40
    assert all(check.ok for check in ledger.checks())


def test_given_a_corrected_amount_when_read_then_old_new_reason_and_entry_stand_there(
    run: Run,
) -> None:
    rows = registers.lines(3)
    run(registers.as_csv(rows))

    run(registers.as_csv([changed(rows[0], 77_000), *rows[1:]]), snapshot=True, reason="오기")

    change = RecordChange.objects.get(field="amount")
    record = Record.objects.get(record="HN-1")
    line = next(line for line in ledger.lines(record.agency_id) if line.kind != "import")
    assert (change.old, change.new, change.reason) == (str(rows[0].amount), "77000", "오기")
    assert (record.version, record.amount, record.entry) == (2, 77_000, change.entry)
    assert (line.kind, line.amount) == ("import_correction", 77_000 - rows[0].amount)
    assert change.correction == "HN-1.v2.amount"


def test_given_only_words_changed_when_snapshot_then_a_correction_without_an_entry(
    run: Run,
) -> None:
    rows = registers.lines(2)
    run(registers.as_csv(rows))

    outcome = run(registers.as_csv([replace(rows[0], title="새 제목"), rows[1]]), snapshot=True)

    change = RecordChange.objects.get()
    assert outcome.corrected == 1
    assert (change.field, change.new, change.entry) == ("title", "새 제목", "")
    assert sum(head["entries"] for head in ledger.heads()) == 2


def test_given_a_changed_row_without_snapshot_when_imported_then_refused_and_told_how(
    run: Run,
) -> None:
    rows = registers.lines(2)
    run(registers.as_csv(rows))

    outcome = run(registers.as_csv([changed(rows[0], 5), rows[1]]))

    assert [problem.code for problem in outcome.refused[1]] == ["imports.changed"]
    assert "--snapshot" in outcome.refused[1][0].message("en")
    assert Record.objects.get(record="HN-1").amount == rows[0].amount


def test_given_another_agency_when_snapshot_then_one_ledger_gives_and_the_other_takes(
    run: Run,
) -> None:
    rows = registers.lines(12)
    run(registers.as_csv(rows))
    other = next(row for row in rows if row.agency != rows[0].agency)
    moved = replace(rows[0], agency=other.agency, programme=other.programme)
    before = Record.objects.get(record="HN-1")

    run(registers.as_csv([moved, *rows[1:]]), snapshot=True)

    after = Record.objects.get(record="HN-1")
    assert after.agency_id != before.agency_id
    assert books_total() == sum(row.amount for row in rows)
    assert after.entry.startswith(f"{after.agency_id}#")
    assert all(check.ok for check in ledger.checks())


def test_given_a_closed_period_when_corrected_then_the_open_one_takes_it_and_says_which(
    run: Run, operator: Person
) -> None:
    row = replace(registers.lines(1)[0], day=date(2025, 2, 1))
    run(registers.as_csv([row]))
    record = Record.objects.get()
    ledger_services.close_period(record.agency_id, date(2025, 6, 30), actor=operator.opaque_id)

    run(registers.as_csv([changed(row, row.amount + 7)]), snapshot=True)

    line = list(ledger.lines(record.agency_id))[-1]
    record.refresh_from_db()
    assert (line.effective, line.relates_to) == (date(2025, 7, 1), "2025-Q1")
    assert record.counted_on == date(2025, 7, 1)


def test_given_the_same_snapshot_twice_when_posted_then_the_second_changes_nothing(
    run: Run,
) -> None:
    rows = registers.lines(10)
    run(registers.as_csv(rows))
    again = registers.as_csv([changed(rows[0], 9), *rows[1:9]])
    run(again, snapshot=True)

    outcome = run(again, snapshot=True)

    assert (outcome.added, outcome.corrected, outcome.unchanged) == (0, 0, 9)
    assert outcome.vanished == ["HN-10"]
    assert Vanished.objects.count() == 1


def test_given_a_refused_row_in_a_snapshot_when_it_has_its_key_then_it_has_not_vanished(
    run: Run,
) -> None:
    rows = [list(row.texts()) for row in registers.lines(3)]
    run(registers.texts_as_csv(rows))
    rows[1][7] = "많이"

    outcome = run(registers.texts_as_csv(rows), snapshot=True)

    assert (list(outcome.refused), outcome.vanished) == ([2], [])


def test_given_a_vanished_record_when_withdrawn_then_reversed_and_visible(
    run: Run, operator: Person
) -> None:
    rows = registers.lines(6)
    run(registers.as_csv(rows))
    run(registers.as_csv(rows[:5]), snapshot=True)

    entries = services.decide_vanished(
        ["HN-6"], decision="withdraw", reason="잘못 올림", person=operator
    )

    record = Record.objects.get(record="HN-6")
    change = RecordChange.objects.get()
    assert record.withdrawn and record.version == 2
    assert (change.field, change.reason, [change.entry]) == ("*", "잘못 올림", entries)
    assert books_total() == sum(row.amount for row in rows[:5])
    assert selectors.waiting() == []


def test_given_a_kept_record_when_the_snapshot_comes_again_then_it_is_not_listed(
    run: Run, operator: Person
) -> None:
    rows = registers.lines(6)
    run(registers.as_csv(rows))
    run(registers.as_csv(rows[:5]), snapshot=True)

    entries = services.decide_vanished(
        ["HN-6"], decision="keep", reason="대장 누락", person=operator
    )
    outcome = run(registers.as_csv(rows[:5]), snapshot=True)

    assert (entries, outcome.vanished) == ([], [])
    assert books_total() == sum(row.amount for row in rows)


def test_given_a_vanished_record_when_it_comes_back_then_the_list_is_closed(run: Run) -> None:
    rows = registers.lines(6)
    run(registers.as_csv(rows))
    run(registers.as_csv(rows[:5]), snapshot=True)

    outcome = run(registers.as_csv(rows), snapshot=True)

    assert (outcome.unchanged, outcome.vanished) == (6, [])
    assert Vanished.objects.get().decision == "returned"


def test_given_a_withdrawn_record_when_it_comes_back_then_only_a_snapshot_revives_it(
    run: Run, operator: Person
) -> None:
    rows = registers.lines(6)
    run(registers.as_csv(rows))
    run(registers.as_csv(rows[:5]), snapshot=True)
    services.decide_vanished(["HN-6"], decision="withdraw", reason="오류", person=operator)

    plain = run(registers.as_csv(rows))
    revived = run(registers.as_csv(rows), snapshot=True)

    assert [problem.code for problem in plain.refused[6]] == ["imports.withdrawn"]
    assert (revived.corrected, Record.objects.get(record="HN-6").withdrawn) == (1, False)
    assert books_total() == sum(row.amount for row in rows)


def test_given_a_register_without_key_when_a_row_changes_then_one_goes_and_one_comes(
    run: Run,
) -> None:
    rows = registers.lines(5)
    run(registers.as_csv(rows), registers.WITHOUT_KEY)

    outcome = run(
        registers.as_csv([changed(rows[0], 3), *rows[1:]]), registers.WITHOUT_KEY, snapshot=True
    )

    assert (outcome.added, outcome.corrected, len(outcome.vanished)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("decision", "reason", "record", "code"),
    [
        ("drop", "까닭", "HN-6", "imports.decision"),
        ("keep", " ", "HN-6", "imports.reason"),
        ("withdraw", "까닭", "HN-1", "imports.not_vanished"),
    ],
)
def test_given_a_decision_that_cannot_be_taken_when_asked_then_refused(
    run: Run, operator: Person, decision: str, reason: str, record: str, code: str
) -> None:
    rows = registers.lines(6)
    run(registers.as_csv(rows))
    run(registers.as_csv(rows[:5]), snapshot=True)

    with pytest.raises(Refusal) as refused:
        services.decide_vanished([record], decision=decision, reason=reason, person=operator)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert len(selectors.waiting()) == 1


def test_given_who_is_no_operator_when_deciding_then_refused(run: Run) -> None:
    other = parties.add_person(login="lee", password="spring-rain-77", role="approver")

    with pytest.raises(Refusal) as refused:
        services.decide_vanished(["HN-1"], decision="keep", reason="x", person=other)

    assert refused.value.problems[0].code == "parties.role"
