"""A statement is drafted by one, signed by another, equal to the books, and then never changes."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from koga.core.problems import Refusal
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.publish import selectors, services
from koga.publish.models import State, Statement
from koga.publish.typed import Answer, NewPromise, Typed
from tests.publish.books import (
    HALF,
    LATER,
    agency,
    codes,
    drafted,
    person,
    post,
    record,
    signed,
    typed_line,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def maker() -> Person:
    return person("maker", "preparer")


@pytest.fixture
def checker() -> Person:
    return person("checker", "approver")


@pytest.fixture
def hub() -> str:
    """An agency that gave a grant of 1,000 won and 12.5 GPU-hours in the half."""
    agency("hub", ("seed", "grant", "KRW"), ("gpu", "compute", "GPU-HOUR-H100"))
    record("hub", "seed", "hub-1", 1000, date(2026, 2, 1))
    record("hub", "gpu", "hub-2", 12500, date(2026, 5, 1))
    return "hub"


def test_given_records_when_drafted_then_the_quantities_are_those_of_the_ledger(
    hub: str, maker: Person
) -> None:
    content = selectors.content_of(drafted(hub, maker))

    assert [(line.section, line.code, line.value, line.unit) for line in content.lines] == [
        ("actions", "award", Decimal(1), "count"),
        ("actions", "gpu_hours", Decimal("12.5"), "GPU-HOUR-H100"),
        ("resources", "delivered", Decimal("12.5"), "GPU-HOUR-H100"),
        ("resources", "delivered", Decimal(1000), "KRW"),
    ]
    assert {line.basis for line in content.lines} == {"ledger"}
    assert content.nil == ("timeliness", "advice", "results", "limits", "promises")


def test_given_budget_commit_deliver_and_lapse_when_drafted_then_stages_are_what_entered_them(
    maker: Person,
) -> None:
    agency("hub", ("seed", "grant", "KRW"))
    day = date(2026, 3, 1)
    post("hub", "budget", "available:seed", "source:city", "KRW", 100, day, "b")
    post("hub", "commit", "committed:seed", "available:seed", "KRW", 70, day, "c")
    post("hub", "deliver", "delivered:seed", "committed:seed", "KRW", 40, day, "d")
    post("hub", "lapse", "lapsed:seed", "available:seed", "KRW", 30, day, "l")

    content = selectors.content_of(drafted("hub", maker))

    assert {line.code: line.value for line in content.lines if line.section == "resources"} == {
        "available": 100,
        "committed": 70,
        "delivered": 40,
        "lapsed": 30,
    }
    assert [line.value for line in content.lines if line.code == "award"] == [1]


def test_given_an_amended_commitment_when_drafted_then_what_was_taken_back_is_not_counted(
    maker: Person,
) -> None:
    agency("hub", ("seed", "grant", "KRW"))
    day = date(2026, 3, 1)
    post("hub", "budget", "available:seed", "source:city", "KRW", 100, day, "b")
    post("hub", "commit", "committed:seed", "available:seed", "KRW", 70, day, "c")
    post("hub", "commit", "available:seed", "committed:seed", "KRW", 20, day, "amended")

    content = selectors.content_of(drafted("hub", maker))

    stages = {line.code: line.value for line in content.lines if line.section == "resources"}
    assert stages == {"available": 100, "committed": 50}


def test_given_a_draft_when_a_second_person_signs_then_it_is_signed_with_its_hash(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = drafted(hub, maker)

    done = services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert (done.state, done.signed_by, done.prepared_by) == (State.SIGNED, checker, maker)
    assert done.content_hash == selectors.content_of(done).hash() == draft.content_hash
    assert done.ledger_lines == 2


def test_given_the_preparer_also_holds_approver_when_signing_then_refused(
    hub: str, maker: Person
) -> None:
    parties.grant_role(person=maker, role="approver")
    draft = drafted(hub, maker)

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=maker, reviewed_hash=draft.content_hash)

    assert codes(refused) == ["publish.same_person"]
    assert Statement.objects.get().state == State.DRAFT


def test_given_an_editor_who_was_not_the_last_when_signing_then_refused(
    hub: str, maker: Person
) -> None:
    first = person("first", "preparer")
    parties.grant_role(person=first, role="approver")
    draft = drafted(hub, first)
    draft = services.put_line(
        statement=draft, person=maker, expected_hash=draft.content_hash,
        line=typed_line(), place=None,
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=first, reviewed_hash=draft.content_hash)

    assert codes(refused) == ["publish.same_person"]


def test_given_a_write_past_the_services_when_signed_by_its_preparer_then_the_database_refuses(
    hub: str, maker: Person
) -> None:
    draft = drafted(hub, maker)

    with pytest.raises(IntegrityError), transaction.atomic():
        Statement.objects.filter(pk=draft.pk).update(
            state=State.SIGNED, signed_by=maker, signed_at=datetime(2026, 8, 1, tzinfo=UTC)
        )


def test_given_a_signed_statement_when_written_past_the_services_then_the_database_refuses(
    hub: str, maker: Person, checker: Person
) -> None:
    done = signed(hub, maker, checker)
    acts = (
        lambda: Statement.objects.filter(pk=done.pk).update(period="2025-H1"),
        lambda: done.lines.update(value="9"),
        lambda: done.lines.all().delete(),
        lambda: done.lines.create(place=99, section="limits", code="x", basis="typed"),
        lambda: Statement.objects.filter(pk=done.pk).delete(),
    )

    for act in acts:
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            act()


@pytest.mark.parametrize("role", ["operator", "preparer", "auditor"])
def test_given_the_wrong_role_when_signing_then_refused(hub: str, maker: Person, role: str) -> None:
    draft = drafted(hub, maker)

    with pytest.raises(Refusal) as refused:
        services.sign(
            agency=hub, period=HALF, person=person("other", role), reviewed_hash=draft.content_hash
        )

    assert codes(refused) == ["parties.role"]


@pytest.mark.parametrize("role", ["operator", "approver", "auditor"])
def test_given_the_wrong_role_when_drafting_then_refused(hub: str, role: str) -> None:
    with pytest.raises(Refusal) as refused:
        drafted(hub, person("other", role))

    assert codes(refused) == ["parties.role"]


def test_given_a_role_for_another_agency_when_drafting_then_refused(hub: str) -> None:
    agency("other")

    with pytest.raises(Refusal) as refused:
        drafted(hub, person("elsewhere", "preparer", "other"))

    assert codes(refused) == ["parties.role"]


def test_given_a_role_withdrawn_after_the_page_was_opened_when_signing_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = drafted(hub, maker)
    parties.withdraw_role(person=checker, role="approver")

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert codes(refused) == ["parties.role"]


def test_given_an_edit_after_the_review_when_signing_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    reviewed = drafted(hub, maker)
    services.put_line(
        statement=reviewed, person=maker, expected_hash=reviewed.content_hash,
        line=typed_line(), place=None,
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=reviewed.content_hash)

    assert codes(refused) == ["publish.hash_changed"]


def test_given_two_editors_at_once_when_the_second_saves_then_refused_and_nothing_is_lost(
    hub: str, maker: Person
) -> None:
    other = person("other", "preparer")
    opened = drafted(hub, maker)
    services.put_line(
        statement=opened, person=maker, expected_hash=opened.content_hash,
        line=typed_line(text_en="first"), place=None,
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        services.put_line(
            statement=opened, person=other, expected_hash=opened.content_hash,
            line=typed_line(text_en="second"), place=None,
        )  # fmt: skip

    assert codes(refused) == ["publish.edited_meanwhile"]
    kept = selectors.content_of(Statement.objects.get())
    assert [line.text_en for line in kept.lines if line.basis == "typed"] == ["first"]


def test_given_the_books_moved_after_the_draft_when_signing_then_line_stated_and_booked_are_named(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = drafted(hub, maker)
    record(hub, "seed", "hub-3", 500, date(2026, 6, 30))

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert codes(refused) == ["publish.ledger_differs", "publish.ledger_differs"]
    said = [problem.message("en") for problem in refused.value.problems]
    assert said[0].startswith("hub actions award: the statement says 1 count, the books say 2")
    assert said[1].startswith("hub resources delivered seed: the statement says 1,000 KRW, "
                              "the books say 1,500 KRW")  # fmt: skip

    recounted = drafted(hub, maker)
    done = services.sign(
        agency=hub, period=HALF, person=checker, reviewed_hash=recounted.content_hash
    )
    assert done.state == State.SIGNED


def test_given_a_figure_of_the_ledger_left_out_when_signing_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = drafted(hub, maker)
    content = selectors.content_of(draft)
    services._swap(
        draft, replace(content, lines=content.lines[1:]), maker, expected_hash=draft.content_hash
    )
    draft.refresh_from_db()

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert "publish.ledger_differs" in codes(refused)


def test_given_sections_neither_filled_nor_nil_when_signing_then_each_is_named(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = services.draft(agency=hub, period=HALF, person=maker)

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert [(p.code, p.value) for p in refused.value.problems] == [
        ("publish.section_missing", name)
        for name in ("timeliness", "advice", "results", "limits", "promises")
    ]


def test_given_an_agency_that_did_nothing_when_signed_then_it_is_a_nil_return(
    maker: Person, checker: Person
) -> None:
    agency("quiet", ("none", "grant", "KRW"))

    done = signed("quiet", maker, checker)

    assert selectors.content_of(done).is_nil


def test_given_nil_declared_over_booked_figures_when_signing_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    draft = drafted(hub, maker)
    draft = services.declare_nil(
        statement=draft, person=maker, expected_hash=draft.content_hash,
        sections=["actions", *draft.nil],
    )  # fmt: skip

    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=HALF, person=checker, reviewed_hash=draft.content_hash)

    assert codes(refused) == ["publish.nil_contradicted"]


def test_given_a_signed_statement_when_drafted_again_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    signed(hub, maker, checker)

    with pytest.raises(Refusal) as refused:
        drafted(hub, maker)

    assert codes(refused) == ["publish.already_signed"]


def test_given_a_signed_statement_when_restated_then_a_second_version_beside_the_first(
    hub: str, maker: Person, checker: Person
) -> None:
    first = signed(hub, maker, checker)
    record(hub, "seed", "hub-3", 500, date(2026, 6, 30))

    services.restate(agency=hub, period=HALF, person=maker, reason="누락된 교부 반영")
    second = signed(hub, maker, checker)

    assert (first.version, second.version) == (1, 2)
    old, new = selectors.content_of(first), selectors.content_of(second)
    assert [line.value for line in old.lines if line.programme == "seed"] == [1000]
    assert [line.value for line in new.lines if line.programme == "seed"] == [1500]


def test_given_no_reason_when_restating_then_refused(
    hub: str, maker: Person, checker: Person
) -> None:
    signed(hub, maker, checker)

    with pytest.raises(Refusal) as refused:
        services.restate(agency=hub, period=HALF, person=maker, reason="  ")

    assert codes(refused) == ["publish.restate_reason"]


def made(target: int = 40, **changes: object) -> NewPromise:
    right = {
        "text_ko": "마흔 기업 입주",
        "text_en": "Admit 40 firms",
        "target": Decimal(target),
        "target_rule": "at_least",
        "unit": "firms",
        "due_on": date(2026, 12, 31),
    }
    return NewPromise(**{**right, **changes})  # type: ignore[arg-type]


NIL = ("timeliness", "advice", "results", "limits")


def test_given_a_promise_when_the_next_statement_is_drafted_then_it_waits_for_its_answer(
    hub: str, maker: Person, checker: Person
) -> None:
    signed(hub, maker, checker, typed=Typed(nil=NIL, promises=(made(),)))
    draft = drafted(hub, maker, LATER)

    [carried] = selectors.content_of(draft).promises
    assert (carried.promise, carried.made_in, carried.state) == ("hub-2026-H1-1", "2026-H1", "")
    with pytest.raises(Refusal) as refused:
        services.sign(agency=hub, period=LATER, person=checker, reviewed_hash=draft.content_hash)
    assert codes(refused) == ["publish.promise_unanswered"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"state": "met", "now": Decimal(39), "evidence": "x"}, "publish.promise_contradicted"),
        ({"state": "on_track", "now": Decimal(39), "evidence": "x"},
         "publish.promise_contradicted"),
        ({"state": "met", "now": Decimal(43)}, "publish.evidence_missing"),
        ({"state": "late", "evidence": "x"}, "publish.value_missing"),
        ({"state": "dropped"}, "publish.promise_reason"),
        ({"state": "forgotten"}, "publish.promise_unanswered"),
    ],
)  # fmt: skip
def test_given_a_wrong_answer_to_a_promise_when_saved_then_refused(
    hub: str, maker: Person, checker: Person, answer: dict[str, object], code: str
) -> None:
    signed(hub, maker, checker, typed=Typed(nil=NIL, promises=(made(),)))
    draft = drafted(hub, maker, LATER)

    with pytest.raises(Refusal) as refused:
        services.answer_promise(
            statement=draft, person=maker, expected_hash=draft.content_hash,
            answer=Answer("hub-2026-H1-1", **answer),  # type: ignore[arg-type]
        )  # fmt: skip

    assert codes(refused) == [code]


def test_given_promises_met_and_late_when_a_third_is_drafted_then_only_the_late_one_goes_on(
    hub: str, maker: Person, checker: Person
) -> None:
    signed(hub, maker, checker, typed=Typed(nil=NIL, promises=(made(), made(90))))
    answers = (
        Answer("hub-2026-H1-1", "met", Decimal(43), evidence="결정 2건"),
        Answer("hub-2026-H1-2", "late", Decimal(43), evidence="결정 2건"),
    )
    empty = ("actions", "resources", *NIL, "promises")
    signed(hub, maker, checker, LATER, typed=Typed(nil=empty, answers=answers))

    draft = drafted(hub, maker, LATER.next)

    assert [one.promise for one in selectors.content_of(draft).promises] == ["hub-2026-H1-2"]


def test_given_an_agency_merged_into_another_when_the_successor_drafts_then_it_answers_for_both(
    hub: str, maker: Person
) -> None:
    agency("new", ("next", "grant", "KRW"))
    record("new", "next", "new-1", 7, date(2026, 6, 1))
    parties.succeed_agency(code=hub, successor="new", on=date(2026, 5, 20))

    content = selectors.content_of(drafted("new", maker))

    figures = {line.programme: line.value for line in content.lines if line.section == "resources"}
    assert figures == {"seed": 1000, "gpu": Decimal("12.5"), "next": 7}
