"""A register into the books: once, twice, in every form, with equal rows, with people in it."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from koga.core.problems import Refusal
from koga.operate.imports import mapping as mappings
from koga.operate.imports import services
from koga.operate.imports.models import Batch, Register
from koga.operate.ledger import selectors as ledger
from koga.operate.ledger import services as ledger_services
from koga.operate.parties import services as parties
from koga.operate.parties.models import Agency, Person
from koga.operate.support.models import Programme, Record
from tests.operate.imports import registers
from tests.operate.imports.conftest import Run

pytestmark = pytest.mark.django_db


def books_total(unit: str = "KRW") -> int:
    return sum(
        ledger.balance(account_ledger, account, unit)
        for programme in Programme.objects.all()
        for account in [f"delivered:{programme.programme}"]
        for account_ledger, _ in ledger.accounts_named(account)
    )


def test_given_a_register_when_imported_then_books_and_records_hold_its_sum(run: Run) -> None:
    rows = registers.lines(60)

    outcome = run(registers.as_csv(rows))

    total = sum(row.amount for row in rows)
    assert (outcome.read, outcome.added, outcome.refused) == (60, 60, {})
    assert outcome.totals == {"KRW": total}
    assert books_total() == total
    assert sum(Record.objects.values_list("amount", flat=True)) == total
    assert all(check.ok for check in ledger.checks())


def test_given_a_record_when_read_then_its_entry_and_batch_lead_back_to_the_row(run: Run) -> None:
    rows = registers.lines(5)

    outcome = run(registers.as_csv(rows))

    record = Record.objects.get(record="HN-4")
    line = next(line for line in ledger.lines(record.agency_id) if line.reference == record.record)
    batch = Batch.objects.get(pk=record.batch)
    assert record.entry == f"{line.ledger}#{line.seq}"
    assert (record.row_number, record.source_number, record.version) == (4, "4", 1)
    assert (batch.pk, batch.operator.login) == (outcome.batch, "kim")
    assert batch.mapping_text == registers.MAPPING
    assert (record.amount_national or 0) + (record.amount_city or 0) == record.amount


def test_given_the_same_file_when_imported_again_then_nothing_is_added(run: Run) -> None:
    content = registers.as_csv(registers.lines(40))
    run(content)

    again = run(content)

    assert (again.added, again.unchanged, again.totals) == (0, 40, {"KRW": 0})
    assert Record.objects.count() == 40
    assert sum(head["entries"] for head in ledger.heads()) == 40


@pytest.mark.parametrize("mapping", [registers.MAPPING, registers.WITHOUT_KEY])
def test_given_one_mapping_when_the_register_comes_in_other_forms_then_rows_are_known(
    run: Run, mapping: str
) -> None:
    rows = registers.lines(25)
    first = run(registers.as_csv(rows), mapping)

    for name, form in registers.FORMS.items():
        again = run(form(rows), mapping, name=name)
        assert (name, again.added, again.unchanged) == (name, 0, 25)
    assert first.added == 25


def test_given_equal_rows_without_a_key_when_imported_twice_then_all_stay_and_none_is_added(
    run: Run,
) -> None:
    row = registers.lines(1)[0]
    content = registers.as_csv([row, row, registers.lines(2)[1], row])

    first = run(content, registers.WITHOUT_KEY)
    again = run(content, registers.WITHOUT_KEY)

    assert (first.added, again.added, again.unchanged) == (4, 0, 4)
    assert first.totals["KRW"] == row.amount * 3 + registers.lines(2)[1].amount


def test_given_one_more_of_the_equal_rows_when_imported_then_only_that_one_is_added(
    run: Run,
) -> None:
    row = registers.lines(1)[0]
    run(registers.as_csv([row, row]), registers.WITHOUT_KEY)

    more = run(registers.as_csv([row, row, row]), registers.WITHOUT_KEY)

    assert (more.added, more.unchanged) == (1, 2)


def test_given_a_dry_run_when_answered_then_it_says_what_the_import_says_and_writes_nothing(
    run: Run,
) -> None:
    content = registers.damaged()

    dry = run(content, dry_run=True)
    nothing = (Record.objects.count(), Batch.objects.count(), Agency.objects.count(),
               Register.objects.count(), ledger.heads())  # fmt: skip
    real = run(content)

    assert nothing == (0, 0, 0, 0, [])
    assert dry.batch is None
    for name in ("read", "added", "unchanged", "corrected", "vanished", "totals", "rounding"):
        assert getattr(dry, name) == getattr(real, name)
    assert {row: [p.code for p in found] for row, found in dry.refused.items()} == {
        row: [p.code for p in found] for row, found in real.refused.items()
    }


def test_given_people_when_imported_then_only_an_opaque_number_is_kept(run: Run) -> None:
    person = replace(registers.lines(1)[0], recipient="개인 홍가나", title="홍가나의 과제")
    other = replace(person, number=2)

    run(registers.as_csv([person, other]))

    first, second = Record.objects.order_by("record")
    assert (first.recipient, first.recipient_id, first.title) == ("", "", "")
    assert first.recipient_class == "person"
    assert first.region == "한누리시 온새구"
    assert first.opaque_person == second.opaque_person != ""
    assert "홍가나" not in " ".join(map(str, Record.objects.values()))
    assert "홍가나" not in " ".join(f"{line.key} {line.reference}" for line in ledger.lines())


def test_given_a_person_in_a_register_without_key_when_hashed_then_the_name_cannot_be_guessed(
    run: Run,
) -> None:
    from koga.operate.imports import identity

    person = replace(registers.lines(1)[0], recipient="개인 홍가나")
    run(registers.as_csv([person]), registers.WITHOUT_KEY)

    columns = sorted(registers.COLUMNS[1:])
    cells = dict(zip(registers.COLUMNS, person.texts(), strict=True))
    cells["결정일"] = person.day.isoformat()
    for name in ("금액", "국비", "시비"):
        cells[name] = cells[name].replace(",", "")
    guess = identity.digest_of([part for name in columns for part in (name, cells[name])])
    assert guess.hexdigest() not in Record.objects.get().identity


def test_given_classes_of_recipients_when_imported_then_each_is_what_the_pattern_says(
    run: Run,
) -> None:
    names = ("쿠나래랩스", "개인 홍가나", "교육생 여럿", "")
    rows = [
        replace(row, recipient=name) for row, name in zip(registers.lines(4), names, strict=True)
    ]

    run(registers.as_csv(rows))

    kinds = Counter(Record.objects.values_list("recipient_class", "recipient"))
    assert kinds == Counter(
        {("named", "쿠나래랩스"): 1, ("person", ""): 1, ("aggregate", "교육생 여럿"): 1,
         ("none", ""): 1}
    )  # fmt: skip


def test_given_an_amount_of_zero_when_imported_then_the_record_stands_without_an_entry(
    run: Run,
) -> None:
    row = replace(registers.lines(1)[0], amount=0, national=0, city=0)

    outcome = run(registers.as_csv([row, registers.lines(2)[1]]))

    assert outcome.added == 2
    assert Record.objects.get(record="HN-1").entry == ""
    assert sum(head["entries"] for head in ledger.heads()) == 1


def test_given_a_negative_amount_when_imported_then_the_sides_are_turned(run: Run) -> None:
    row = replace(registers.lines(1)[0], amount=-500, national=-500, city=0)
    texts = list(row.texts())
    texts[7] = "△500"

    run(registers.texts_as_csv([texts]))

    record = Record.objects.get()
    account = f"delivered:{record.programme_id}"
    assert ledger.balance(record.agency_id, account, "KRW") == -500
    assert ledger.balance(record.agency_id, "source:external", "KRW") == 500


def test_given_a_closed_period_when_a_late_row_comes_then_it_counts_in_the_open_one(
    run: Run, operator: Person
) -> None:
    first = replace(registers.lines(1)[0], day=date(2025, 2, 1))
    run(registers.as_csv([first]))
    record = Record.objects.get()
    ledger_services.close_period(record.agency_id, date(2025, 3, 31), actor=operator.opaque_id)

    late = replace(first, number=2, day=date(2025, 2, 20))
    outcome = run(registers.as_csv([first, late]))

    line = list(ledger.lines(record.agency_id))[-1]
    assert outcome.added == 1
    assert (line.effective, line.relates_to) == (date(2025, 4, 1), "2025-Q1")
    assert Record.objects.get(record="HN-2").counted_on == date(2025, 4, 1)


def test_given_a_child_when_imported_then_it_stands_under_its_parent_and_is_not_counted_twice(
    run: Run,
) -> None:
    mapping = registers.MAPPING + '[fields.parent]\ncolumn = "지역"\n'
    rows = [list(row.texts()) for row in registers.lines(4)]
    for row, parent in zip(rows, ("", "1", "2", "77"), strict=True):
        row[5] = parent

    outcome = run(registers.texts_as_csv(rows), mapping)

    amounts = [line.amount for line in registers.lines(4)]
    assert [p.code for p in outcome.refused[4]] == ["imports.parent"]
    assert Record.objects.get(record="HN-3").parent_id == "HN-2"
    assert outcome.totals == {"KRW": amounts[0]}
    assert books_total() == sum(amounts[:3])


def test_given_parents_in_a_circle_when_imported_then_they_are_refused(run: Run) -> None:
    mapping = registers.MAPPING + '[fields.parent]\ncolumn = "지역"\n'
    rows = [list(row.texts()) for row in registers.lines(3)]
    for row, parent in zip(rows, ("2", "1", ""), strict=True):
        row[5] = parent

    outcome = run(registers.texts_as_csv(rows), mapping)

    assert outcome.added == 1
    assert [outcome.refused[row][0].code for row in (1, 2)] == ["imports.parent_circle"] * 2


def test_given_who_is_no_operator_when_importing_then_refused(run: Run) -> None:
    reader = parties.add_person(login="lee", password="spring-rain-77", role="auditor")

    with pytest.raises(Refusal) as refused:
        run(registers.as_csv(registers.lines(1)), person=reader)

    assert [problem.code for problem in refused.value.problems] == ["parties.role"]
    assert Record.objects.count() == 0


def test_given_an_operator_of_one_agency_when_importing_another_then_nothing_goes_in(
    run: Run,
) -> None:
    run(registers.as_csv(registers.lines(30)))
    code = Record.objects.order_by("record").first().agency_id  # type: ignore[union-attr]
    own = parties.add_person(login="lee", password="spring-rain-77", role="operator", agency=code)
    before = Record.objects.count()

    with pytest.raises(Refusal) as refused:
        run(registers.as_csv(registers.lines(60)), person=own)

    assert {problem.code for problem in refused.value.problems} == {"parties.role"}
    assert Record.objects.count() == before


def test_given_programmes_of_the_books_when_mapped_to_them_then_agency_and_unit_come_from_there(
    run: Run,
) -> None:
    parties.create_agency(code="hub", name_ko="허브", name_en="Hub")
    from koga.operate.support import services as support

    support.create_programme(
        programme="hub-compute", agency="hub", name_ko="GPU", name_en="GPU",
        instrument="compute", unit="GPU-HOUR-H100", sector="ai",
    )  # fmt: skip
    mapping = """
        register = "gpu"
        version = 1
        prefix = "GPU"
        source_system = "GPU 이용 대장"
        identity = ["번호"]
        programmes = { existing = true }
        [fields]
        programme = { column = "사업" }
        awarded_on = { column = "결정일" }
        amount = { column = "시간" }
    """
    content = "번호,사업,결정일,시간\n1,hub-compute,2026-03-01,1.5\n2,hub-nothing,2026-03-01,1\n"

    outcome = run(content.encode(), mapping)

    record = Record.objects.get()
    assert (record.agency_id, record.unit, record.amount) == ("hub", "GPU-HOUR-H100", 1500)
    assert (record.instrument, record.sector) == ("compute", "ai")
    assert [p.code for p in outcome.refused[2]] == ["imports.programme_unknown"]


def test_given_declared_agencies_when_imported_then_names_have_their_days_and_successors(
    run: Run,
) -> None:
    from koga.operate.parties import selectors as parties_selectors

    mapping = (
        registers.MAPPING
        + """
        [[agency]]
        code = "hub"
        values = ["한누리AI허브재단"]
        names = [{ ko = "옛 허브", en = "Old Hub" },
                 { from = 2025-07-01, ko = "한누리AI허브재단", en = "Hannuri AI Hub" }]
        [[agency]]
        code = "growth"
        values = ["한누리성장공사"]
        names = [{ en = "Growth" }]
        [[succession]]
        from = "growth"
        to = "hub"
        on = 2025-12-31
    """
    )

    run(registers.as_csv(registers.lines(30)), mapping)

    assert parties_selectors.agency_named("hub", date(2025, 6, 30)).name_ko == "옛 허브"
    assert parties_selectors.agency_named("hub", date(2025, 7, 1)).name_en == "Hannuri AI Hub"
    assert Agency.objects.get(code="growth").successor_id == "hub"


def test_given_a_rounding_when_it_is_needed_then_it_is_recorded_and_shares_still_sum(
    run: Run,
) -> None:
    mapping = registers.MAPPING + '[amounts]\nmultiplier = 1000\nrounding = "half_up"\n'
    rows = [list(row.texts()) for row in registers.lines(3)]
    rows[0][7:] = ["1.0005", "0.5002", "0.5003"]
    rows[1][7:] = ["2", "1", "1"]
    rows[2][7:] = ["0.33333", "", ""]

    outcome = run(registers.texts_as_csv(rows), mapping)

    record = Record.objects.get(record="HN-1")
    assert record.amount == 1001
    assert record.amount == (record.amount_national or 0) + (record.amount_city or 0)
    assert outcome.totals == {"KRW": 1001 + 2000 + 333}
    amount = next(one for one in outcome.rounding if one["field"] == "amount")
    assert (amount["rows"], amount["total"]) == (2, "0.17")
    assert Batch.objects.get().rounding == outcome.rounding


def test_given_a_wrong_check_digit_when_imported_then_it_warns_and_goes_in(run: Run) -> None:
    mapping = registers.MAPPING.replace(
        "[recipient]", '[fields.recipient_id]\ncolumn = "지역"\n[recipient]\nnumber = "business"'
    )
    rows = [list(row.texts()) for row in registers.lines(2)]
    rows[0][4:6] = ["쿠나래랩스", "123-45-67890"]
    rows[1][4:6] = ["쿠나래랩스", "123-45-67891"]

    outcome = run(registers.texts_as_csv(rows), mapping)

    assert outcome.added == 2
    assert [(p.code, p.where) for p in outcome.warnings] == [
        ("identifiers.check_digit", "row 1, recipient_id")
    ]


def test_given_a_fault_in_the_middle_when_posting_then_nothing_is_left(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CHUNK", 10)
    real, calls = services.support.add_records, []

    def failing(rows: object) -> None:
        calls.append(rows)
        if len(calls) == 3:
            raise RuntimeError("the machine stops")
        real(rows)  # type: ignore[arg-type]

    monkeypatch.setattr(services.support, "add_records", failing)
    with pytest.raises(RuntimeError), transaction.atomic():
        run(registers.as_csv(registers.lines(60)))

    assert (Record.objects.count(), Batch.objects.count(), ledger.heads()) == (0, 0, [])


@pytest.mark.parametrize("name", mappings.shipped())
def test_given_a_shipped_mapping_when_checked_then_it_has_no_problem(name: str) -> None:
    mapping = mappings.load(name)

    assert mapping.register == Path(name).stem
