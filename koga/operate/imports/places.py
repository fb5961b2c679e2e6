"""Which agency and programme a row belongs to: known to the mapping, to the books, or new."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from koga.core.problems import Problem
from koga.operate.imports import identity
from koga.operate.imports.mapping import RegisterMapping
from koga.release.tables import INSTRUMENTS, SECTORS

NAME_MAX = {"agency": 200, "programme": 300}


@dataclass(frozen=True, slots=True)
class KnownProgramme:
    """What a row needs to know of a programme."""

    code: str
    agency: str
    name: str
    instrument: str
    sector: str
    unit: str
    legal_basis: str = ""


@dataclass(slots=True)
class Places:
    """Agencies and programmes of one import.

    agencies: codes in the books. programmes: those in the books by code.
    new_agencies: code -> name; new_programmes: by code, in the order first met.
    other_names: (agency, name) a row used although the agency is known by another.
    """

    mapping: RegisterMapping
    agencies: frozenset[str]
    programmes: Mapping[str, KnownProgramme]
    new_agencies: dict[str, str] = field(default_factory=dict)
    new_programmes: dict[str, KnownProgramme] = field(default_factory=dict)
    other_names: dict[tuple[str, str], int] = field(default_factory=dict)
    _declared: dict[str, str] = field(default_factory=dict)
    _codes: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for agency in self.mapping.agencies:
            self._declared[agency.code] = agency.code
            self._declared |= dict.fromkeys(agency.values, agency.code)

    def of_row(
        self, text: Mapping[str, str], number: int, problems: list[Problem]
    ) -> tuple[str, str]:
        """Codes of a row's agency and programme; blank with a problem where there is none."""
        if self.mapping.programmes_existing:
            return self._existing(text, number, problems)
        agency = self._agency(text, number, problems)
        programme = self._programme(text, agency, number, problems) if agency else ""
        if not agency and not text["programme"]:
            problems.append(Problem("imports.blank", f"row {number}, programme", "programme"))
        return agency, programme

    def _existing(
        self, text: Mapping[str, str], number: int, problems: list[Problem]
    ) -> tuple[str, str]:
        value, where = text["programme"], f"row {number}, programme"
        known = self.programmes.get(value)
        if not value:
            problems.append(Problem("imports.blank", where, "programme"))
        elif known is None:
            problems.append(Problem("imports.programme_unknown", where, value))
        return (known.agency, known.code) if known else ("", "")

    def _agency(self, text: Mapping[str, str], number: int, problems: list[Problem]) -> str:
        value, where = text["agency"], f"row {number}, agency"
        if not value:
            problems.append(Problem("imports.blank", where, "agency"))
            return ""
        if value in self._declared:
            return self._declared[value]
        if value in self.agencies:
            return value
        name = text["agency_name"] or value
        prefix = self.mapping.agency_prefix
        code = identity.code_of(f"{prefix}{value}", identity.AGENCY_MAX)
        if not identity.code_of(value, identity.AGENCY_MAX) or len(name) > NAME_MAX["agency"]:
            problems.append(Problem("imports.code", where, value))
            return ""
        if code not in self.agencies and self.mapping.agencies_existing:
            problems.append(Problem("imports.agency_unknown", where, value))
            return ""
        if code not in self.agencies:
            first = self.new_agencies.setdefault(code, name)
            if first != name:
                key = (code, name)
                self.other_names[key] = self.other_names.get(key, 0) + 1
        return code

    def _programme(
        self, text: Mapping[str, str], agency: str, number: int, problems: list[Problem]
    ) -> str:
        value, where = text["programme"], f"row {number}, programme"
        name = text["programme_name"] or value
        if not value:
            problems.append(Problem("imports.blank", where, "programme"))
            return ""
        code = self._programme_code(value, agency)
        if not code or len(name) > NAME_MAX["programme"]:
            problems.append(Problem("imports.code", where, value))
            return ""
        known = self.programmes.get(code) or self.new_programmes.get(code)
        if known is None:
            known = KnownProgramme(
                code, agency, name, text["instrument"], text["sector"], text["unit"],
                text["legal_basis"],
            )  # fmt: skip
            self.new_programmes[code] = known
        if known.agency != agency:
            details = {"agency": known.agency}
            problems.append(Problem("imports.programme_agency", where, value, details))
        return code

    def _programme_code(self, value: str, agency: str) -> str:
        key = (agency, value)
        if key not in self._codes:
            code = value if value in self.programmes else identity.code_of(value, 90)
            if self.mapping.per_agency and code and value not in self.programmes:
                code = identity.shortened(f"{agency}.{code}", identity.PROGRAMME_MAX)
            self._codes[key] = code
        return self._codes[key]

    def unit_of(self, programme: str) -> str:
        """The unit of a programme of the books, where the mapping takes units from there."""
        known = self.programmes.get(programme) if self.mapping.programmes_existing else None
        return known.unit if known else ""

    def kind_of(
        self, text: Mapping[str, str], programme: str, number: int, problems: list[Problem]
    ) -> tuple[str, str]:
        """Instrument and sector of a row: its own, else its programme's."""
        known = self.programmes.get(programme) or self.new_programmes.get(programme)
        instrument = text["instrument"] or (known.instrument if known else "")
        sector = text["sector"] or (known.sector if known else "")
        for name, value, words in (
            ("instrument", instrument, INSTRUMENTS),
            ("sector", sector, SECTORS),
        ):
            if value and value not in words:
                expected = {"expected": ", ".join(words)}
                problems.append(Problem("imports.choice", f"row {number}, {name}", value, expected))
        if not instrument and programme:
            problems.append(Problem("imports.blank", f"row {number}, instrument", "instrument"))
        return instrument, sector
