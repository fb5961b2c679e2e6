"""Who signs in to the demonstration. Everyone shares one password, which the command prints."""

from dataclasses import dataclass

from koga.operate.parties import services
from koga.operate.parties.models import Person

PASSWORD = "hannuri-demo-2026"


@dataclass(frozen=True, slots=True)
class Login:
    """One demonstration login: what they sign in as, in which office, with which roles."""

    login: str
    office_ko: str
    office_en: str
    roles: tuple[str, ...]


PEOPLE = (
    Login("operator", "장부 담당", "books officer", ("operator",)),
    Login("preparer", "기획 담당", "planning officer", ("preparer",)),
    Login("approver", "기관장", "director", ("approver",)),
    Login("auditor", "감사 담당", "auditor", ("auditor",)),
)


def settle() -> dict[str, Person]:
    """Add everyone with their roles for all agencies."""
    found = {}
    for one in PEOPLE:
        person = services.add_person(
            login=one.login,
            password=PASSWORD,
            office_ko=one.office_ko,
            office_en=one.office_en,
        )
        for role in one.roles:
            services.grant_role(person=person, role=role)
        found[one.login] = person
    return found
