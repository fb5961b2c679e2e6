"""The desk's import pages: upload, mapping, dry run, posting, decisions; and who may not."""

import csv
import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from koga.operate.imports import mapping as mappings
from koga.operate.imports import mapping_text
from koga.operate.imports.models import Batch, Upload, Vanished
from koga.operate.parties import services as parties
from koga.operate.parties.models import Person
from koga.operate.support.models import Record
from tests.operate.imports import registers
from tests.operate.imports.conftest import Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(operator: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The operator signed in, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    client = Client()
    client.force_login(operator)
    return client


def send(desk: Client, content: bytes, name: str = "register.csv", **fields: str) -> Upload:
    file = SimpleUploadedFile(name, content)
    answer = desk.post("/desk/imports/new/", {"file": file, **fields})
    assert answer.status_code == 302, answer.content.decode()
    return Upload.objects.latest("pk")


def with_mapping(desk: Client, upload: Upload, text: str, **fields: str) -> None:
    answer = desk.post(
        f"/desk/imports/uploads/{upload.pk}/",
        {"act": "text", "mapping_text": text, **fields},
    )
    assert answer.status_code == 302


def expected_of(page: str) -> str:
    return re.findall(r'name="expected" value="([0-9a-f]{64})"', page)[0]


def test_given_an_upload_when_prepared_checked_and_posted_then_the_books_hold_it(
    desk: Client, tmp_path: Path
) -> None:
    rows = registers.lines(30)
    upload = send(desk, registers.as_csv(rows))
    with_mapping(desk, upload, registers.MAPPING)
    kept = tmp_path / "var" / "uploads" / upload.file_hash

    preview = desk.get(f"/desk/imports/uploads/{upload.pk}/").content.decode()
    waiting = kept.exists()
    checked = desk.post(f"/desk/imports/uploads/{upload.pk}/check/").content.decode()
    nothing = Record.objects.count()
    answer = desk.post(
        f"/desk/imports/uploads/{upload.pk}/post/", {"expected": expected_of(checked)}
    )

    batch = Batch.objects.get()
    assert f"{rows[0].amount:,} KRW" in preview
    assert f"{sum(row.amount for row in rows):,} KRW" in checked
    assert "kim" in checked
    assert (waiting, kept.exists(), nothing) == (True, False, 0)
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/imports/{batch.pk}/")
    assert (Record.objects.count(), batch.operator.login) == (30, "kim")


def test_given_the_same_confirmation_twice_when_posted_then_one_batch(desk: Client) -> None:
    upload = send(desk, registers.as_csv(registers.lines(5)))
    with_mapping(desk, upload, registers.MAPPING)
    checked = desk.post(f"/desk/imports/uploads/{upload.pk}/check/").content.decode()
    confirm = {"expected": expected_of(checked)}

    first = desk.post(f"/desk/imports/uploads/{upload.pk}/post/", confirm)
    second = desk.post(f"/desk/imports/uploads/{upload.pk}/post/", confirm)

    assert first["Location"] == second["Location"]
    assert (Batch.objects.count(), Record.objects.count()) == (1, 5)


def test_given_books_that_moved_since_the_dry_run_when_posted_then_refused_and_shown_anew(
    desk: Client, run: Run
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(8)))
    with_mapping(desk, upload, registers.MAPPING)
    checked = desk.post(f"/desk/imports/uploads/{upload.pk}/check/").content.decode()
    run(registers.as_csv(registers.lines(4)))

    answer = desk.post(
        f"/desk/imports/uploads/{upload.pk}/post/", {"expected": expected_of(checked)}
    )

    assert answer.status_code == 422
    assert expected_of(answer.content.decode()) != expected_of(checked)
    assert Record.objects.count() == 4


def test_given_damaged_rows_when_posted_then_they_are_listed_and_downloadable(
    desk: Client,
) -> None:
    upload = send(desk, registers.damaged())
    with_mapping(desk, upload, registers.MAPPING)
    checked = desk.post(f"/desk/imports/uploads/{upload.pk}/check/").content.decode()
    desk.post(f"/desk/imports/uploads/{upload.pk}/post/", {"expected": expected_of(checked)})
    batch = Batch.objects.get()

    page = desk.get(f"/desk/imports/{batch.pk}/").content.decode()
    file = desk.get(f"/desk/imports/{batch.pk}/refused.csv").content.decode("utf-8-sig")

    lines = list(csv.DictReader(io.StringIO(file)))
    assert {int(line["row"]) for line in lines} == set(registers.DAMAGES)
    assert "2025.02.30" in page
    assert not any(line["value"].startswith(("=", "+", "-", "@")) for line in lines)


def test_given_a_shipped_mapping_when_chosen_then_its_faults_with_this_file_are_shown(
    desk: Client,
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)), mapping="berlin-grants.toml")

    page = desk.get(f"/desk/imports/uploads/{upload.pk}/").content.decode()

    assert "row_no" in page
    assert "check/" not in page.split("칸마다")[0].split("desk-main")[-1]


def test_given_no_mapping_when_uploaded_then_a_draft_from_the_column_names(desk: Client) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)))

    fields = mappings.document_of(upload.mapping_text)["fields"]
    assert fields["amount"] == {"column": "금액"}
    assert fields["awarded_on"] == {"column": "결정일"}
    assert fields["amount_national"] == {"column": "국비"}


def test_given_the_editor_when_fields_are_chosen_then_it_writes_a_mapping_that_imports(
    desk: Client,
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)))
    form = {
        "act": "compose", "register": "hannuri", "prefix": "HN", "source_system": "대장",
        "identity": ["번호"], "date_formats": "%Y.%m.%d", "multiplier": "", "rounding": "",
        "field-agency": "c:기관", "field-programme": "c:사업", "field-amount": "c:금액",
        "field-awarded_on": "c:결정일", "field-instrument": "=constant",
        "text-instrument": "grant", "field-unit": "=constant", "text-unit": "KRW",
        "field-title": "=template", "text-title": "{사업}: {과제명}",
    }  # fmt: skip

    answer = desk.post(f"/desk/imports/uploads/{upload.pk}/", form)
    page = desk.get(f"/desk/imports/uploads/{upload.pk}/").content.decode()

    upload.refresh_from_db()
    mapping = mappings.parse(upload.mapping_text)
    assert answer.status_code == 302
    assert (mapping.identity, mapping.fields["unit"].constant) == (("번호",), "KRW")
    assert f"{registers.lines(1)[0].programme}: {registers.lines(1)[0].title}" in page


@pytest.mark.parametrize("text", ["register = ", "fields = 3", "[fields]\namount = 3", ""])
def test_given_a_mapping_with_mistakes_when_saved_then_it_is_kept_and_the_faults_are_shown(
    desk: Client, text: str
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)))
    with_mapping(desk, upload, text)

    page = desk.get(f"/desk/imports/uploads/{upload.pk}/")

    upload.refresh_from_db()
    assert (page.status_code, upload.mapping_text) == (200, text)
    assert 'id="mapping-problems"' in page.content.decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b""), ("a.xlsx", b"PK\x03\x04 broken"), ("a.csv", b"%PDF-1.4 x"), ("b.csv", b" ")],
)
def test_given_a_file_that_is_no_register_when_uploaded_then_told_and_not_kept(
    desk: Client, tmp_path: Path, name: str, content: bytes
) -> None:
    answer = desk.post("/desk/imports/new/", {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 422
    assert Upload.objects.count() == 0
    assert list((tmp_path / "var" / "uploads").glob("*")) == []


def test_given_no_file_when_uploading_then_told(desk: Client) -> None:
    answer = desk.post("/desk/imports/new/", {})

    assert answer.status_code == 422
    assert "파일을 고르십시오" in answer.content.decode()


def test_given_an_upload_when_discarded_then_file_and_draft_are_gone(
    desk: Client, tmp_path: Path
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)))

    desk.post(f"/desk/imports/uploads/{upload.pk}/discard/")

    assert Upload.objects.count() == 0
    assert list((tmp_path / "var" / "uploads").glob("*")) == []


def test_given_vanished_records_when_decided_on_the_desk_then_withdrawn_with_the_reason(
    desk: Client, run: Run
) -> None:
    run(registers.as_csv(registers.lines(5)))
    run(registers.as_csv(registers.lines(4)), snapshot=True)

    listed = desk.get("/desk/imports/vanished/").content.decode()
    blank = desk.post("/desk/imports/vanished/", {"record": "HN-5", "decision": "withdraw"})
    done = desk.post(
        "/desk/imports/vanished/",
        {"record": "HN-5", "decision": "withdraw", "reason": "잘못 올림"},
    )

    assert 'value="HN-5"' in listed
    assert (blank.status_code, done.status_code) == (422, 302)
    assert Vanished.objects.get().reason == "잘못 올림"
    assert Record.objects.get(record="HN-5").withdrawn


PAGES = ("/desk/imports/", "/desk/imports/new/", "/desk/imports/vanished/")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_either_language_when_pages_are_opened_then_all_is_in_it(
    desk: Client, run: Run, language: str
) -> None:
    run(registers.damaged())
    upload = send(desk, registers.as_csv(registers.lines(3)))
    with_mapping(desk, upload, registers.MAPPING)
    desk.cookies["koga_language"] = language
    number = Batch.objects.get().pk
    pages = [*PAGES, f"/desk/imports/{number}/", f"/desk/imports/uploads/{upload.pk}/"]

    for address in pages:
        page = desk.get(address)
        html = page.content.decode()
        assert (page.status_code, f'<html lang="{language}"' in html) == (200, True)
        assert " style=" not in html and "<script>" not in html and "onclick" not in html


@pytest.mark.parametrize("address", [*PAGES, "/desk/imports/1/"])
def test_given_nobody_signed_in_when_opened_then_to_the_sign_in_page(
    client: Client, address: str
) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/desk/sign-in/")


def test_given_who_is_no_operator_when_uploading_then_forbidden(desk: Client) -> None:
    other = parties.add_person(login="lee", password="spring-rain-77", role="auditor")
    client = Client()
    client.force_login(other)
    upload = send(desk, registers.as_csv(registers.lines(3)))

    assert client.get("/desk/imports/").status_code == 200
    assert client.get("/desk/imports/new/").status_code == 403
    assert client.post(f"/desk/imports/uploads/{upload.pk}/check/").status_code in (403, 404)
    assert client.get(f"/desk/imports/uploads/{upload.pk}/").status_code in (403, 404)


def test_given_a_role_taken_away_after_the_dry_run_when_posting_then_forbidden(
    desk: Client, operator: Person
) -> None:
    upload = send(desk, registers.as_csv(registers.lines(3)))
    with_mapping(desk, upload, registers.MAPPING)
    checked = desk.post(f"/desk/imports/uploads/{upload.pk}/check/").content.decode()
    parties.withdraw_role(person=operator, role="operator")

    answer = desk.post(
        f"/desk/imports/uploads/{upload.pk}/post/", {"expected": expected_of(checked)}
    )

    assert answer.status_code == 403
    assert Record.objects.count() == 0


def test_given_a_post_without_a_token_when_checked_then_forbidden(operator: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)

    assert client.post("/desk/imports/new/", {}).status_code == 403


@pytest.mark.parametrize("name", mappings.shipped())
def test_given_a_mapping_when_written_as_text_then_it_reads_as_the_same(name: str) -> None:
    document = mappings.document_of(mappings.load(name).text)

    assert mappings.document_of(mapping_text.dumps(document)) == document
