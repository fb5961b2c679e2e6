"""What schemes share: sectors that several put money in, and managers several rely on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from koga.plan.schemes import scheme as schemes
from koga.plan.schemes.shape import Scheme


@dataclass(frozen=True, slots=True)
class Shared:
    """One row: in which kind of thing, which one, and each scheme's part.

    kind: sector, year or manager. code: a sector code of the open tables, a year, a manager's
    name. amounts_won: by scheme, in the order asked for; None where the scheme says no sum.
    shared_won: the second largest of them, what at least two of the schemes bring; None where
    fewer than two say a sum.
    """

    kind: str
    code: str
    label_ko: str
    label_en: str
    amounts_won: tuple[int | None, ...]
    shared_won: int | None


def table(found: Sequence[Scheme]) -> tuple[Shared, ...]:
    """What two schemes or more have in common: sectors, equity by year, managers."""
    return (*_sectors(found), *_years(found), *_managers(found))


def _row(kind: str, code: str, ko: str, en: str, amounts: Sequence[int | None]) -> Shared:
    said = sorted((won for won in amounts if won is not None), reverse=True)
    return Shared(kind, code, ko, en, tuple(amounts), said[1] if len(said) > 1 else None)


def _sectors(found: Sequence[Scheme]) -> Iterator[Shared]:
    """Sectors by their code in the open tables; `other` is no sector in common."""
    by_scheme = [_sector_won(each) for each in found]
    codes = dict.fromkeys(code for won in by_scheme for code in won if code != "other")
    for code in codes:
        amounts = [won.get(code) for won in by_scheme]
        if sum(amount is not None for amount in amounts) > 1:
            ko, en = next(names for each in found for names in _names(each, code))
            yield _row("sector", code, ko, en, amounts)


def _sector_won(scheme: Scheme) -> dict[str, int]:
    """Money of a scheme by sector code: its weight of the size, or the sum it says."""
    total = scheme.amount("size.all.total") if "size.all.total" in scheme.leaves else 0
    found: dict[str, int] = {}
    for name in scheme.entries.get("sector", ()):
        path = f"sector.{name}"
        code = str(scheme.plain.get(f"{path}.code", "other"))
        if f"{path}.amount.total" in scheme.leaves:
            won = scheme.amount(f"{path}.amount.total")
        elif f"{path}.weight" in scheme.leaves:
            won = round(scheme.number(f"{path}.weight") * total)
        else:
            continue
        found[code] = found.get(code, 0) + won
    return found


def _names(scheme: Scheme, code: str) -> Iterator[tuple[str, str]]:
    for name in scheme.entries.get("sector", ()):
        if scheme.plain.get(f"sector.{name}.code") == code:
            path = f"sector.{name}"
            yield str(scheme.plain[f"{path}.name_ko"]), str(scheme.plain[f"{path}.name_en"])


def _years(found: Sequence[Scheme]) -> Iterator[Shared]:
    """Equity committed by year: what meets in one market."""
    by_scheme = [_equity_won(each) for each in found]
    for year in sorted({year for won in by_scheme for year in won}):
        amounts = [won.get(year) for won in by_scheme]
        if sum(amount is not None for amount in amounts) > 1:
            yield _row("year", str(year), f"{year}년 지분투자", f"equity of {year}", amounts)


def _equity_won(scheme: Scheme) -> dict[int, int]:
    found: dict[int, int] = {}
    for cell in schemes.committed(scheme):
        if cell.instrument in ("direct_equity", "indirect"):
            found[cell.year] = found.get(cell.year, 0) + cell.amount_won
    return found


def _managers(found: Sequence[Scheme]) -> Iterator[Shared]:
    """Managers named by more than one scheme, by their Korean name."""
    by_scheme = [_manager_won(each) for each in found]
    names = dict.fromkeys(name for managers in by_scheme for name in managers)
    for name in names:
        having = [managers[name] for managers in by_scheme if name in managers]
        if len(having) > 1:
            amounts = [managers[name][1] if name in managers else None for managers in by_scheme]
            yield _row("manager", name, name, having[0][0], amounts)


def _manager_won(scheme: Scheme) -> dict[str, tuple[str, int | None]]:
    found: dict[str, tuple[str, int | None]] = {}
    for key in scheme.entries.get("manager", ()):
        path = f"manager.{key}"
        won = scheme.amount(f"{path}.amount") if f"{path}.amount" in scheme.leaves else None
        ko, en = (str(scheme.plain[f"{path}.name_{side}"]) for side in ("ko", "en"))
        found[ko] = (en, won)
    return found
