"""The card of a finding on the public site: sentences, failure with its reason, its PDF."""

import re
from collections.abc import Callable

import pytest

from koga.site import effects
from koga.site.edition import Edition
from tests.release.sample_findings import EXPORTS, JOBS, SKILLS
from tests.site.conftest import Answer


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_finding_when_its_card_is_asked_for_as_a_page_then_it_is_one_pdf(
    visit: Callable[..., Answer], language: str
) -> None:
    answer = visit(f"/{language}/effects/{JOBS}.pdf")
    again = visit(f"/{language}/effects/{JOBS}.pdf", HTTP_IF_NONE_MATCH=answer.headers["ETag"])

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.body.startswith(b"%PDF-") and answer.body.count(b"/Type /Page\n") <= 1
    assert again.status == 304


@pytest.mark.parametrize("path", ["/ko/effects/no-such", "/en/effects/no-such.pdf"])
def test_given_no_such_finding_when_asked_for_then_404(
    visit: Callable[..., Answer], path: str
) -> None:
    assert visit(path).status == 404


def test_given_a_failed_finding_when_listed_then_no_number_stands_beside_it(
    edition: Edition,
) -> None:
    rows = {row["finding"]: row for row in effects.effects(edition, "en")["rows"]}

    assert rows[EXPORTS]["estimate"] == ""
    assert rows[EXPORTS]["heading"].startswith("The effect of bio equipment grants cannot be told")
    assert rows[JOBS]["estimate"] == "2.2 employees"


def test_given_a_registered_plan_when_shown_then_it_has_neither_numbers_nor_checks(
    edition: Edition,
) -> None:
    shown = effects.told(edition, SKILLS, "en")

    assert (shown.lines, shown.net, shown.checks, shown.events) == ((), (), (), ())
    assert "outcomes are not opened yet" in shown.heading


def test_given_a_hidden_cohort_when_plotted_then_its_place_stands_without_a_number(
    edition: Edition,
) -> None:
    shown = effects.told(edition, JOBS, "en")
    table = next(each for each in effects.drawn(edition, JOBS, "en") if each["name"] == "groups")

    assert shown.groups[-1].value is None
    assert [cell["said"] for cell in table["rows"][-1]["cells"]] == ["–", "–", "–"]
    assert "Places with fewer than five units are hidden." in shown.not_said


def test_given_the_tables_of_a_card_when_read_then_their_first_heading_is_written_large(
    visit: Callable[..., Answer],
) -> None:
    text = visit(f"/en/effects/{JOBS}").text

    assert '<th scope="col">Half-years since support</th>' in text
    assert not re.search(r'<th scope="col">[a-z]', text)
