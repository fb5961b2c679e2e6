"""The desk: signing in, the queue, editing without losing anything, signing, wrong roles."""

import re
from datetime import date

import pytest
from django.test import Client

from koga.core.journal import Entry, Posting
from koga.operate.ledger import selectors as ledger_reads
from koga.operate.ledger import services as ledger
from koga.operate.parties.models import Person
from koga.publish import selectors
from koga.publish.models import Statement
from tests.publish.books import HALF, agency, drafted, person, record, signed

pytestmark = pytest.mark.django_db

PASSWORD = "long enough to pass"
LINE = {
    "code": "guidance", "text_ko": "안내서", "text_en": "Guidance", "value": "3", "unit": "count",
    "evidence": "고시",
}  # fmt: skip


def desk(who: Person, language: str = "en") -> Client:
    """A browser in which someone is signed in."""
    client = Client(headers={"accept-language": language})
    client.force_login(who)
    return client


@pytest.fixture
def maker() -> Person:
    return person("maker", "preparer")


@pytest.fixture
def checker() -> Person:
    return person("checker", "approver")


@pytest.fixture
def draft(maker: Person) -> Statement:
    agency("hub", ("seed", "grant", "KRW"))
    record("hub", "seed", "hub-1", 1000, date(2026, 2, 1))
    return drafted("hub", maker)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_given_nobody_signed_in_when_any_page_is_asked_for_then_the_sign_in_page() -> None:
    response = Client().get("/desk/statements/")

    assert response.status_code == 302
    assert response["Location"].startswith("/desk/sign-in/?next=")


def test_given_the_right_password_when_signing_in_then_the_queue(maker: Person) -> None:
    response = Client().post(
        "/desk/sign-in/", {"login": "maker", "password": PASSWORD, "next": "/desk/due/"}
    )

    assert (response.status_code, response["Location"]) == (302, "/desk/due/")


def test_given_an_address_elsewhere_when_signing_in_then_it_is_not_followed(maker: Person) -> None:
    response = Client().post(
        "/desk/sign-in/",
        {"login": "maker", "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert response["Location"] == "/desk/"


def test_given_ten_failures_when_the_right_password_follows_then_still_refused(
    maker: Person,
) -> None:
    client = Client(headers={"accept-language": "en"})
    for _ in range(10):
        wrong = client.post("/desk/sign-in/", {"login": "maker", "password": "wrong"})
        assert "the login or the password is wrong" in text(wrong)

    last = client.post("/desk/sign-in/", {"login": "maker", "password": PASSWORD})

    assert last.status_code == 422
    assert "too many failed attempts" in text(last)


def test_given_a_form_without_its_token_when_posted_then_refused(maker: Person) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/desk/sign-in/", {"login": "maker"}).status_code == 403


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "나를 기다리는 일"), ("en", "What waits for me")]
)
def test_given_a_language_when_the_queue_is_read_then_in_it(
    draft: Statement, maker: Person, language: str, words: str
) -> None:
    assert words in text(desk(maker, language).get("/desk/"))


def test_given_the_language_button_when_pressed_then_kept_in_a_cookie(maker: Person) -> None:
    client = desk(maker, "ko")

    client.post("/desk/language/", {"language": "en", "next": "/desk/"})

    assert "What waits for me" in text(client.get("/desk/"))


def test_given_a_draft_when_the_approver_looks_then_it_waits_to_be_signed(
    draft: Statement, checker: Person
) -> None:
    assert f"/desk/statements/{draft.pk}/sign/" in text(desk(checker).get("/desk/"))


def test_given_a_line_when_added_by_form_then_it_stands_in_the_statement(
    draft: Statement, maker: Person
) -> None:
    response = desk(maker).post(
        f"/desk/statements/{draft.pk}/line/?section=actions", {**LINE, "hash": draft.content_hash}
    )

    assert response["Location"] == f"/desk/statements/{draft.pk}/"
    assert "Guidance" in text(desk(maker).get(response["Location"]))


def test_given_a_mistake_in_a_form_when_saved_then_it_is_named_and_nothing_typed_is_lost(
    draft: Statement, maker: Person
) -> None:
    typed = {**LINE, "value": "many", "text_en": "", "hash": draft.content_hash}
    response = desk(maker).post(f"/desk/statements/{draft.pk}/line/?section=actions", typed)

    assert response.status_code == 422
    assert "“many” is not a number" in text(response)
    assert 'value="many"' in text(response)
    assert "안내서" in text(response)


def test_given_two_editors_when_the_second_saves_then_told_and_saving_again_keeps_both(
    draft: Statement, maker: Person
) -> None:
    other = person("other", "preparer")
    page = f"/desk/statements/{draft.pk}/line/?section=actions"
    desk(maker).post(page, {**LINE, "text_en": "First", "hash": draft.content_hash})
    second = desk(other)
    told = second.post(page, {**LINE, "text_en": "Second", "hash": draft.content_hash})

    assert told.status_code == 422
    assert "someone else changed this draft" in text(told)
    assert "Second" in text(told)
    newest = re.search(r'name="hash" value="([0-9a-f]{64})"', text(told))
    assert newest is not None
    second.post(page, {**LINE, "text_en": "Second", "hash": newest[1]})

    kept = selectors.content_of(Statement.objects.get())
    assert [line.text_en for line in kept.lines if line.basis == "typed"] == ["First", "Second"]


def test_given_the_sign_page_when_signed_then_done_and_linked(
    draft: Statement, checker: Person
) -> None:
    client = desk(checker)
    shown = text(client.get(f"/desk/statements/{draft.pk}/sign/"))
    assert draft.content_hash in shown
    assert "1,000" in shown

    response = client.post(
        f"/desk/statements/{draft.pk}/sign/", {"hash": draft.content_hash}, follow=True
    )

    assert "Signed. The next release carries it." in text(response)
    assert Statement.objects.get().signed_by == checker


def test_given_a_draft_changed_after_the_review_when_signed_then_refused(
    draft: Statement, maker: Person, checker: Person
) -> None:
    reviewed = draft.content_hash
    desk(maker).post(
        f"/desk/statements/{draft.pk}/line/?section=actions", {**LINE, "hash": reviewed}
    )

    response = desk(checker).post(f"/desk/statements/{draft.pk}/sign/", {"hash": reviewed})

    assert response.status_code == 422
    assert "what was reviewed" in text(response)


@pytest.mark.parametrize("role", ["operator", "auditor", "preparer"])
def test_given_the_wrong_role_when_signing_then_403(draft: Statement, role: str) -> None:
    response = desk(person("wrong", role)).post(
        f"/desk/statements/{draft.pk}/sign/", {"hash": draft.content_hash}
    )

    assert response.status_code == 403
    assert Statement.objects.get().state == "draft"


@pytest.mark.parametrize("address", ["line/?section=actions", "promise/", "answer/x/"])
def test_given_the_wrong_role_when_editing_then_403(draft: Statement, address: str) -> None:
    client = desk(person("reader", "auditor"))

    assert client.get(f"/desk/statements/{draft.pk}/").status_code == 200
    assert client.get(f"/desk/statements/{draft.pk}/{address}").status_code == 403


def test_given_a_person_of_another_agency_when_reading_a_draft_then_403(draft: Statement) -> None:
    agency("labs")

    client = desk(person("elsewhere", "preparer", "labs"))

    assert client.get(f"/desk/statements/{draft.pk}/").status_code == 403


@pytest.mark.parametrize(
    "address",
    ["statements/999/", "statements/1/line/?section=news", "statements/1/line/99/",
     "statements/1/answer/none/", "entries/999/", "nowhere/"],
)  # fmt: skip
def test_given_an_address_of_nothing_when_asked_for_then_404(
    draft: Statement, maker: Person, address: str
) -> None:
    number = str(draft.pk)
    address = address.replace("statements/1/", f"statements/{number}/")

    assert desk(maker).get(f"/desk/{address}").status_code == 404


@pytest.mark.parametrize("period", ["soon", "2026-H3", "0000", "9999", "2026-H1\x00"])
def test_given_a_period_that_is_none_when_asked_for_then_told(
    maker: Person, draft: Statement, period: str
) -> None:
    client = desk(maker)

    assert client.get("/desk/due/", {"period": period}).status_code == 422
    told = client.post("/desk/statements/start/", {"agency": "hub", "period": period})
    assert told.status_code == 422


def test_given_nil_boxes_when_saved_then_exactly_those_are_declared(
    draft: Statement, maker: Person
) -> None:
    desk(maker).post(
        f"/desk/statements/{draft.pk}/edit/",
        {"act": "nil", "nil": ["limits", "advice"], "hash": draft.content_hash},
    )

    assert Statement.objects.get().nil == ["advice", "limits"]


def test_given_a_signed_statement_when_restated_by_form_then_a_new_draft(
    draft: Statement, maker: Person, checker: Person
) -> None:
    done = signed("hub", maker, checker)

    response = desk(maker).post(f"/desk/statements/{done.pk}/restate/", {"reason": "누락"})

    assert response.status_code == 302
    assert Statement.objects.get(version=2).reason == "누락"


def test_given_a_reason_for_being_late_when_saved_then_in_the_register(
    maker: Person, draft: Statement
) -> None:
    client = desk(maker)
    client.post("/desk/due/excuse/", {"agency": "hub", "period": "2026-H1", "reason": "전산 이전"})

    assert "전산 이전" in text(client.get("/desk/due/?period=2026-H1"))


@pytest.fixture
def proposed(maker: Person) -> int:
    agency("fund")
    postings = (
        Posting("investment:firm-1", "KRW", 500), Posting("cash:custodian", "KRW", -500)
    )  # fmt: skip
    entry = Entry("fund", "inv-1", "investment", HALF.end, postings, "firm-1")
    return ledger.propose(entry, maker=maker.opaque_id)


def test_given_a_proposed_entry_when_its_approver_looks_then_exactly_its_lines_are_shown(
    proposed: int, checker: Person
) -> None:
    shown = text(desk(checker).get(f"/desk/entries/{proposed}/"))

    assert "investment:firm-1" in shown
    assert shown.count("500") >= 2


def test_given_a_proposed_entry_when_approved_then_posted_and_its_address_shown(
    proposed: int, checker: Person
) -> None:
    [waiting] = ledger_reads.open_drafts()
    response = desk(checker).post(
        f"/desk/entries/{proposed}/",
        {"verdict": "approve", "content": waiting.content.hex()},
        follow=True,
    )

    assert "fund#1" in text(response)
    assert ledger_reads.balance("fund", "investment:firm-1", "KRW") == 500


@pytest.mark.parametrize("content", ["", "00" * 32, "zz" * 32])
def test_given_another_hash_than_the_drafts_when_approved_then_refused(
    proposed: int, checker: Person, content: str
) -> None:
    response = desk(checker).post(
        f"/desk/entries/{proposed}/", {"verdict": "approve", "content": content}
    )

    assert response.status_code == 422
    assert ledger_reads.balance("fund", "investment:firm-1", "KRW") == 0


def test_given_a_proposed_entry_when_declined_then_nothing_is_posted(
    proposed: int, checker: Person
) -> None:
    desk(checker).post(f"/desk/entries/{proposed}/", {"verdict": "decline"})

    assert ledger_reads.open_drafts() == []
    assert ledger_reads.balance("fund", "investment:firm-1", "KRW") == 0


def test_given_the_proposer_holds_approver_too_when_approving_then_refused(
    proposed: int, maker: Person
) -> None:
    from koga.operate.parties.services import grant_role

    grant_role(person=maker, role="approver")
    response = desk(maker).post(f"/desk/entries/{proposed}/", {"verdict": "approve"})

    assert response.status_code == 422
    assert ledger_reads.balance("fund", "investment:firm-1", "KRW") == 0


def test_given_an_auditor_when_approving_then_403(proposed: int) -> None:
    response = desk(person("reader", "auditor")).post(
        f"/desk/entries/{proposed}/", {"verdict": "approve"}
    )

    assert response.status_code == 403


def test_given_any_desk_page_when_read_then_nothing_inline(draft: Statement, maker: Person) -> None:
    client = desk(maker)
    for address in ("", "due/", "statements/", "statements/start/", f"statements/{draft.pk}/"):
        shown = text(client.get(f"/desk/{address}"))
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", shown)
