"""Agencies that are renamed and merged; people who may act only in the roles they hold now."""

from datetime import date

import pytest

from koga.core.problems import Refusal
from koga.operate.parties import selectors, services

pytestmark = pytest.mark.django_db


def agency(code: str = "hub") -> None:
    services.create_agency(code=code, name_ko="가나센터", name_en="Gana Centre")


def codes(refused: pytest.ExceptionInfo[Refusal]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_given_a_renamed_agency_when_asked_by_day_then_the_name_of_that_day() -> None:
    agency()
    services.rename_agency(
        code="hub", name_ko="다라원", name_en="Dara Institute", since=date(2025, 7, 1)
    )

    assert selectors.agency_named("hub", date(2025, 6, 30)).name_en == "Gana Centre"
    assert selectors.agency_named("hub", date(2025, 7, 1)).name_en == "Dara Institute"


def test_given_an_agency_named_only_later_when_asked_before_then_its_first_name() -> None:
    services.create_agency(code="a", name_ko="가", name_en="A", since=date(2025, 1, 1))

    assert selectors.agency_named("a", date(2020, 1, 1)).name_en == "A"


def test_given_an_agency_that_exists_when_created_again_then_it_keeps_its_name() -> None:
    agency()

    services.create_agency(code="hub", name_ko="다른 이름", name_en="Other")

    assert selectors.agency_named("hub", date(2026, 1, 1)).name_en == "Gana Centre"


def test_given_a_succession_when_it_would_come_back_to_itself_then_refused() -> None:
    agency("a")
    agency("b")
    services.succeed_agency(code="a", successor="b", on=date(2025, 1, 1))

    with pytest.raises(Refusal) as refused:
        services.succeed_agency(code="b", successor="a", on=date(2026, 1, 1))

    assert codes(refused) == ["parties.succession_circle"]


def test_given_a_role_for_one_agency_when_acting_for_another_then_refused() -> None:
    agency("a")
    agency("b")
    person = services.add_person(
        login="kim", password="spring-rain-77", role="preparer", agency="a"
    )

    services.require_role(person, "preparer", "a")
    with pytest.raises(Refusal) as refused:
        services.require_role(person, "preparer", "b")

    assert codes(refused) == ["parties.role"]


def test_given_a_role_for_all_when_acting_for_one_then_allowed_until_withdrawn() -> None:
    agency()
    person = services.add_person(login="lee", password="spring-rain-77", role="approver")

    assert selectors.holds(person, "approver", "hub")
    services.withdraw_role(person=person, role="approver")
    assert not selectors.holds(person, "approver", "hub")
    services.grant_role(person=person, role="approver")
    assert selectors.holds(person, "approver")


def test_given_a_person_who_left_when_they_act_then_refused() -> None:
    person = services.add_person(login="park", password="spring-rain-77", role="operator")
    person.is_active = False
    person.save()

    assert not selectors.holds(person, "operator")
    with pytest.raises(Refusal):
        services.require_person("park")


@pytest.mark.parametrize("password", ["short", "1234567890", "password123"])
def test_given_a_weak_password_when_a_person_is_added_then_refused(password: str) -> None:
    with pytest.raises(Refusal) as refused:
        services.add_person(login="choi", password=password)

    assert codes(refused) == ["parties.password"]
    assert selectors.find_person("choi") is None


def test_given_nothing_right_when_a_person_is_added_then_everything_is_said() -> None:
    with pytest.raises(Refusal) as refused:
        services.add_person(login=" ", password="x")

    assert codes(refused) == ["parties.login", "parties.password"]


def test_given_an_unknown_role_when_adding_then_no_person_is_half_saved() -> None:
    with pytest.raises(Refusal):
        services.add_person(login="jung", password="spring-rain-77", role="king")

    assert selectors.find_person("jung") is None


def test_given_a_taken_login_when_added_again_then_refused() -> None:
    services.add_person(login="kim", password="spring-rain-77")

    with pytest.raises(Refusal) as refused:
        services.add_person(login="kim", password="autumn-moon-88")

    assert codes(refused) == ["parties.login_taken"]


def test_given_a_person_when_named_in_the_books_then_only_by_an_opaque_id() -> None:
    first = services.add_person(login="kim.minsu", password="spring-rain-77")
    second = services.add_person(login="kim.minji", password="spring-rain-77")

    assert first.opaque_id != second.opaque_id
    assert "kim" not in first.opaque_id
