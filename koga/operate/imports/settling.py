"""Agencies and programmes that an import brings with it."""

from collections.abc import Iterable, Mapping
from datetime import date

from koga.core.problems import Problem
from koga.operate.imports.awards import Award
from koga.operate.imports.mapping import DeclaredAgency, RegisterMapping
from koga.operate.imports.places import Places
from koga.operate.parties import services as parties
from koga.operate.parties.models import Agency, AgencyName
from koga.operate.support import services as support


def agencies(
    mapping: RegisterMapping, places: Places, touched: Iterable[str], snapshot: bool
) -> list[Problem]:
    """Make the agencies rows need, with their dated names and successions; returns warnings.

    A declared agency no row needs is made only where a succession names it.
    """
    wanted = set(touched)
    if not wanted:
        return []
    ends = {end for row in mapping.successions for end in (row.code, row.successor)}
    warnings: list[Problem] = []
    for agency in mapping.agencies:
        if agency.code in wanted | ends:
            warnings += _declared(agency, mapping.agency_kind)
    for code, name in places.new_agencies.items():
        if code in wanted:
            parties.create_agency(code=code, name_ko=name, name_en=name, kind=mapping.agency_kind)
    for row in mapping.successions:
        agency = Agency.objects.get(code=row.code)
        if agency.successor_id is None:
            parties.succeed_agency(code=row.code, successor=row.successor, on=row.on)
    for (code, name), rows in places.other_names.items():
        if code in wanted:
            warnings.append(Problem("imports.other_name", code, name, {"rows": rows}))
    return warnings


def _declared(agency: DeclaredAgency, kind: str) -> list[Problem]:
    """The agency with every declared name; a name the books have for that day stays."""
    first = agency.names[0]
    parties.create_agency(
        code=agency.code, name_ko=first.ko, name_en=first.en, kind=agency.kind or kind,
        since=first.since,
    )  # fmt: skip
    borne: dict[date | None, AgencyName] = {
        name.valid_from: name for name in AgencyName.objects.filter(agency_id=agency.code)
    }
    warnings = []
    for name in agency.names:
        there = borne.get(name.since)
        if there is not None and (there.name_ko, there.name_en) != (name.ko, name.en):
            warnings.append(Problem("imports.name_differs", agency.code, name.ko))
        elif there is None and name.since is not None:
            parties.rename_agency(
                code=agency.code, name_ko=name.ko, name_en=name.en, since=name.since
            )
    return warnings


def programmes(places: Places, first: Mapping[str, Award]) -> None:
    """Make the programmes accepted rows need, in the kind and unit of the first row of each."""
    for code, award in first.items():
        known = places.new_programmes.get(code)
        if known is not None and code not in places.programmes:
            support.create_programme(
                programme=code,
                agency=known.agency,
                name_ko=known.name,
                name_en=known.name,
                instrument=award.instrument,
                unit=award.unit,
                sector=award.sector,
                legal_basis=known.legal_basis,
            )
