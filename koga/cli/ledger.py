"""`koga ledger check | balance | export | grants`: the books, looked at from outside."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, setup_django
from koga.core.problems import Problem, Refusal

if TYPE_CHECKING:
    from koga.operate.ledger.checks import Check

FORMATS = ("csv", "parquet", "xlsx", "beancount")
SHOWN_MAX = 20
"""Offending addresses shown to people; `--json` gives all that were kept."""

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
LedgerOption = Annotated[
    str, typer.Option(help="원장(기관 또는 펀드) 코드, 비우면 모두 / ledger, empty for all")
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help="원장 / the ledger", no_args_is_help=True)
    group.command("check", help="모든 불변식을 다시 셈함 / recompute every invariant")(check)
    group.command("balance", help="한 계정의 잔액 / the balance of one account")(balance)
    group.command("export", help="다른 도구로 내보냄 / the books for other tools")(export)
    group.command("grants", help="최소 권한 SQL을 인쇄함 / print least-privilege SQL")(grants)
    app.add_typer(group, name="ledger")


@contextlib.contextmanager
def _answering(as_json: bool) -> Iterator[None]:
    """`answer.answering`, and a database without books, or none at all, is a problem too."""
    from django.db import DatabaseError

    with answer.answering(as_json):
        try:
            yield
        except DatabaseError as fault:
            raise Refusal(Problem("ledger.no_books", "", str(fault).strip())) from fault


def check(
    against: Annotated[
        Path | None, typer.Option(help="이 공개판의 원장 끝과 견줌 / compare with this release")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every invariant of the books; exit 1 where one does not hold.

    With `--against RELEASE` also whether the books still hold what that release was built from, and
    give the same figures of funds.
    """
    setup_django()
    from koga.operate.ledger import selectors
    from koga.publish import fund_rows
    from koga.release.read import open_release

    with _answering(as_json):
        release = open_release(against) if against else None
        published = list(release.rows("ledger_heads")) if release else None
        found = selectors.checks(published)
        if release is not None:
            found.append(fund_rows.check_published(release))
        good = all(each.ok for each in found)
        if as_json:
            checks = [
                {"name": each.name, "ok": each.ok, "offending": list(each.offending)}
                for each in found
            ]
            answer.document({"ok": good, "checks": checks})
        else:
            _print_checks(found)
    if not good:
        raise SystemExit(answer.NO)


def _print_checks(found: "list[Check]") -> None:
    for each in found:
        print(f"{'✓' if each.ok else '✗'} {each.name}")
        for address in each.offending[:SHOWN_MAX]:
            print(f"    {address}")
        if len(each.offending) > SHOWN_MAX:
            print(f"    … +{len(each.offending) - SHOWN_MAX}")
    failed = sum(not each.ok for each in found)
    if failed:
        answer.say(f"지켜지지 않은 것: {failed}건", f"{failed} of {len(found)} checks fail.")
    else:
        answer.say(f"검사 {len(found)}건 모두 통과", f"All {len(found)} checks hold.")


def balance(
    account: Annotated[str, typer.Argument(help="계정과목, 예: delivered:p1 / account")],
    ledger: LedgerOption = "",
    unit: Annotated[str, typer.Option(help="단위, 여럿일 때 / unit, where there are several")] = "",
    as_of: Annotated[
        str, typer.Option(help="이 날까지 효력 있는 것 / effective on this day or before")
    ] = "",
    as_known: Annotated[
        str, typer.Option(help="이 시각까지 기록된 것 / recorded by this moment")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """One balance in smallest units, a debit positive; of a day, and as known at a moment."""
    setup_django()
    from koga.core.dates import parse_day
    from koga.core.units import as_decimal
    from koga.operate.ledger import selectors

    with _answering(as_json):
        day = parse_day(as_of, "--as-of") if as_of else None
        at = _moment(as_known) if as_known else None
        place, commodity = _only(selectors.accounts_named(account), account, ledger, unit)
        amount = selectors.balance(place, account, commodity, as_of=day, as_known=at)
        seq = selectors.head_known(place, at)
        if as_json:
            known: dict[str, Any] = {"ledger": place, "account": account, "balance": amount}
            dates: dict[str, date | None] = {"as_of": day, "as_known": at}
            answer.document({**known, "unit": commodity, "seq": seq, **dates})
        else:
            print(f"{as_decimal(amount, commodity):,} {commodity}  {place}#{seq}")


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refusal(Problem("ledger.moment", "--as-known", text))
    return at


def _only(found: list[tuple[str, str]], account: str, ledger: str, unit: str) -> tuple[str, str]:
    """The one ledger and unit an account is meant in."""
    meant = [
        (place, commodity)
        for place, commodity in found
        if ledger in ("", place) and unit in ("", commodity)
    ]
    if not meant:
        raise Refusal(Problem("ledger.no_account", "account", account))
    if len(meant) > 1:
        choices = ", ".join(f"{place} {commodity}" for place, commodity in meant)
        raise Refusal(Problem("ledger.ambiguous", "account", account, {"choices": choices}))
    return meant[0]


def export(
    form: Annotated[
        str, typer.Option("--format", help="csv, parquet, xlsx, beancount 중 하나 / one of these")
    ],
    out: Annotated[
        Path | None, typer.Option(help="파일; beancount는 비우면 표준 출력 / file")
    ] = None,
    ledger: LedgerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write every posting for other tools; xlsx is 분개장, 계정별원장 and 합계잔액시산표."""
    setup_django()

    with _answering(as_json):
        if form not in FORMATS:
            raise Refusal(Problem("ledger.format", "--format", form))
        if form == "beancount" and out is None:
            from koga.operate.ledger import export as exports

            sys.stdout.writelines(exports.beancount(ledger or None))
            return
        if out is None:
            raise Refusal(Problem("ledger.out", "--out", ""))
        try:
            lines = _export(form, out, ledger)
        except OSError as fault:
            raise Refusal(Problem("ledger.out", fault.strerror or "", str(out))) from None
        if as_json:
            answer.document({"file": str(out), "format": form, "lines": lines})
        else:
            answer.say(f"{out}: {lines:,}줄", f"{out}: {lines:,} lines")


def _export(form: str, out: Path, ledger: str) -> int:
    """Write beside the file and rename: it is whole or not there."""
    from koga.operate.ledger import export as exports

    part = out.with_name(f".{out.name}.part")
    writers = {
        "csv": exports.csv_file,
        "parquet": exports.lines_parquet,
        "xlsx": exports.workbook,
        "beancount": exports.beancount_file,
    }
    try:
        lines = writers[form](part, ledger or None)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return lines


def grants(
    role: Annotated[str, typer.Argument(help="애플리케이션의 데이터베이스 역할 / database role")],
) -> None:
    """Print SQL that leaves a PostgreSQL role no more than the books need; run it as the owner."""
    setup_django()
    from koga.operate.ledger import guards

    print(guards.grants(role))
