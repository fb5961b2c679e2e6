"""`koga release build|verify|diff|explain` and `koga key new`.

`verify`, `diff` and `explain` need no database and no settings, only the folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, progress

if TYPE_CHECKING:
    from koga.release.diff import Diff
    from koga.release.explain import Explanation
    from koga.release.manifest import Manifest, Total
    from koga.release.verify import Verdict

JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
FolderArgument = Annotated[Path, typer.Argument(help="공개판 폴더 / folder of the release")]
SHOWN_MAX = 20
"""Lines of a long list shown to people; `--json` gives all."""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    release = typer.Typer(help="서명된 공개판 / signed releases", no_args_is_help=True)
    release.command("build", help="만들고 서명함 / build and sign")(build)
    release.command("verify", help="서명, 기록, 모든 파일을 확인함 / check signature, log, files")(
        verify
    )
    release.command("diff", help="두 공개판의 차이와 까닭 / what changed, and why")(diff)
    release.command("explain", help="숫자가 더한 행들 / the rows behind a figure")(explain)
    app.add_typer(release, name="release")
    key = typer.Typer(help="서명키 / signing keys", no_args_is_help=True)
    key.command("new", help="서명키와 공개키를 만듦 / make a signing key")(key_new)
    key.command("show", help="공개키를 다시 보여 줌 / show the public key again")(key_show)
    app.add_typer(key, name="key")


def key_new(
    file: Annotated[Path, typer.Argument(help="서명키 파일 / file of the signing key")] = Path(
        "var/keys/release.key"
    ),
    name: Annotated[
        str, typer.Option(help="누가 서명하는지, 예: city.example/koga / who signs")
    ] = "koga",
    as_json: JsonOption = False,
) -> None:
    """Make a signing key: the secret in FILE (owner only), the public key in FILE.pub."""
    from koga.release import keys

    with answer.answering(as_json):
        made = keys.new_key(file, name=name)
        _tell_key(file, made.public.text, as_json)


def key_show(
    file: Annotated[Path, typer.Argument(help="서명키 파일 / file of the signing key")],
    as_json: JsonOption = False,
) -> None:
    """Print the public key of a signing key, never the secret."""
    from koga.release import keys

    with answer.answering(as_json):
        _tell_key(file, keys.load(file).public.text, as_json)


def _tell_key(file: Path, public: str, as_json: bool) -> None:
    from koga.release.keys import public_path

    if as_json:
        places = {"private_key": str(file), "public_key": str(public_path(file))}
        answer.document(places | {"key": public})
        return
    answer.say(
        f"서명키(비밀): {file}\n공개키: {public_path(file)} — 공보처럼 다른 곳에도 실으십시오.",
        f"Signing key (secret): {file}\nPublic key: {public_path(file)} — print it elsewhere too.",
    )
    print(public)


def build(
    period: Annotated[str, typer.Option(help="기간: 2026, 2026-H1, 2026-Q3 / period")],
    key: Annotated[Path, typer.Option(help="서명키 파일 / signing key")],
    out: Annotated[Path, typer.Option(help="새 폴더 / new folder")],
    previous: Annotated[
        Path | None, typer.Option(help="앞선 공개판 폴더 / the release before")
    ] = None,
    benchmark: Annotated[
        list[Path] | None,
        typer.Option(help="실을 지수 파일(TOML), 여러 번 / index to carry, may be repeated"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Build and sign the release of a period from the books."""
    from koga.cli import setup_django

    setup_django()
    from koga.publish import services

    with answer.answering(as_json):
        made = services.build_release(
            period=period, key_file=key, out=out, previous=previous, benchmarks=benchmark or ()
        )
        if as_json:
            answer.document({"release": made.release, "files": _files(made)})
        else:
            answer.say(f"{made.release}: {out}에 서명해 두었습니다.", f"{made.release}: {out}")
            print(made.sha256)


def verify(
    folder: FolderArgument,
    public_key: Annotated[
        str, typer.Option(help="공개키 파일(또는 그 한 줄) / public key, a file or its line")
    ],
    since: Annotated[
        Path | None, typer.Option(help="앞선 체크포인트 파일 / an earlier checkpoint")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a release, trusting the public key (and an earlier checkpoint) alone."""
    from koga.release.verify import verdict

    with answer.answering(as_json):
        with progress.bar("확인", "verifying", quiet=as_json) as step:
            found = verdict(folder, public_key, since, progress=step)
        if as_json:
            answer.document(_verdict_json(found))
        else:
            _print_verdict(found)
    if not found.ok:
        raise SystemExit(answer.NO)


def _verdict_json(found: "Verdict") -> dict[str, Any]:
    held = found.manifest
    return {
        "ok": found.ok,
        "release": held.release if held else None,
        "period": held.period if held else None,
        "manifest": held.sha256 if held else None,
        "files": _files(held) if held else [],
        "checks": [
            {"name": each.name, "ok": each.ok, "file": each.file, "detail": each.detail}
            for each in found.checks
        ],
    }


def _files(held: "Manifest") -> list[dict[str, Any]]:
    return [
        {
            "path": each.path,
            "bytes": each.bytes,
            "rows": each.rows,
            "sums": [_total(total) for total in held.totals_of(each.table)] if each.table else [],
            "sha256": each.sha256,
        }
        for each in held.files
    ]


def _total(total: "Total") -> dict[str, Any]:
    """A total as answers give it: amount and unit, and what else keeps it apart."""
    return {"column": total.column, "amount": total.sum, "rows": total.rows, **total.by}


def _print_verdict(found: "Verdict") -> None:
    failed = [each for each in found.checks if not each.ok]
    if found.manifest:
        head = found.manifest.head
        print(head.title_ko if answer.language() == "ko" else head.title_en)
        print(f"{found.manifest.release}  {found.manifest.sha256}")
    for each in failed[:SHOWN_MAX]:
        print(f"✗ {each.name}: {each.file}  {each.detail}")
    done = len(found.checks) - len(failed)
    if failed:
        answer.say(
            f"확인되지 않았습니다: {len(failed)}건이 맞지 않습니다.",
            f"Does not verify: {len(failed)} of {len(found.checks)} checks fail.",
        )
    else:
        answer.say(f"확인되었습니다: 검사 {done}건.", f"Verified: {done} checks.")


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="앞선 공개판 / earlier release")],
    after: Annotated[Path, typer.Argument(metavar="B", help="뒤 공개판 / later release")],
    as_json: JsonOption = False,
) -> None:
    """Compare two releases; exit 1 where a change or a removed row has no explanation."""
    from koga.release import diff as differences
    from koga.release.read import open_release

    with answer.answering(as_json):
        found = differences.diff(open_release(before), open_release(after))
        if as_json:
            answer.document(_diff_json(found))
        else:
            _print_diff(found)
    if not found.explained:
        raise SystemExit(answer.NO)


def _diff_json(found: "Diff") -> dict[str, Any]:
    return {
        "explained": found.explained,
        "before": found.before,
        "after": found.after,
        "tables": [
            {
                "table": each.table,
                "rows": list(each.rows),
                "added": each.added,
                "changed": [_change(c) for c in each.changes if c.field != "*"],
                "removed": [_change(c) for c in each.changes if c.field == "*"],
                "unexplained": len(each.unexplained),
            }
            for each in found.tables
        ],
        "totals": [_totals(old, new) for old, new in found.totals],
        "leaks": [
            {"table": leak.table, "row": leak.row, "what": leak.what,
             "by": [" ".join(place) for place in leak.by]}
            for leak in found.leaks
        ],
    }  # fmt: skip


def _change(change: Any) -> dict[str, Any]:
    return {
        "row": change.row,
        "field": change.field,
        "old": _cell(change.old),
        "new": _cell(change.new),
        "explained": change.explained or None,
        "reason": change.reason or None,
    }


def _totals(old: "Total | None", new: "Total | None") -> dict[str, Any]:
    either = new or old
    known = {"table": either.table, "column": either.column, **either.by} if either else {}
    return known | {"before": old.sum if old else 0, "after": new.sum if new else 0}


def _cell(value: Any) -> Any:
    """A cell as JSON and people see it: integers as they are, decimals without idle zeros."""
    from decimal import Decimal

    from koga.release.cells import decimal_text

    if isinstance(value, Decimal):
        return decimal_text(value)
    return value if value is None or isinstance(value, int) else str(value)


def _print_diff(found: "Diff") -> None:
    print(f"{found.before} → {found.after}")
    for each in found.tables:
        if not each.added and not each.changes:
            continue
        gone = sum(change.field == "*" for change in each.changes)
        answer.say(
            f"{each.table}: {each.rows[0]}행 → {each.rows[1]}행, 늘어남 {len(each.added)}, "
            f"고쳐짐 {len(each.changes) - gone}, 빠짐 {gone}, 까닭 없음 {len(each.unexplained)}",
            f"{each.table}: {each.rows[0]} → {each.rows[1]} rows, {len(each.added)} added, "
            f"{len(each.changes) - gone} changed, {gone} removed, "
            f"{len(each.unexplained)} unexplained",
        )
        told = [change for change in each.changes if change.explained not in ("moves",)]
        for change in told[:SHOWN_MAX]:
            why = " ".join(part for part in (change.explained, change.reason) if part) or "?"
            moved = f"{_cell(change.old)} → {_cell(change.new)}"
            print(f"  {change.row} {change.field}: {moved}  [{why}]")
        if len(told) > SHOWN_MAX:
            print(f"  … +{len(told) - SHOWN_MAX}")
    for leak in found.leaks[:SHOWN_MAX]:
        answer.say(
            f"빼기로 드러남: {leak.table} {leak.row} ({leak.what})",
            f"told by subtraction: {leak.table} {leak.row} ({leak.what})",
        )


def explain(
    folder: FolderArgument,
    figure: Annotated[
        str,
        typer.Argument(
            help="예: records.amount[unit=KRW,agency=X], statement:AGENCY:PERIOD:SECTION:LINE"
            " / such as these"
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Show the rows a published figure sums, with their files and lines."""
    from koga.release import explain as explanations
    from koga.release.read import open_release

    with answer.answering(as_json):
        found = explanations.explain(open_release(folder), figure)
        if as_json:
            answer.document(_explanation_json(found))
        else:
            _print_explanation(found)


def _explanation_json(found: "Explanation") -> dict[str, Any]:
    told: dict[str, Any] = {
        "figure": found.figure,
        "conditions": found.conditions,
        "totals": [_sum(unit, amount) for unit, amount in found.totals.items()],
        "rows": len(found.lines),
        "lines": [
            {"file": each.file, "line": each.line, "row": each.row} | _sum(each.unit, each.value)
            for each in found.lines
        ],
    }
    if found.statement is not None and found.source is not None:
        stated: Mapping[str, Any] = found.statement
        told["statement"] = {name: _cell(value) for name, value in stated.items()}
        told["source"] = {"file": found.source.file, "line": found.source.line}
        told["agrees"] = found.agrees
    return told


def _sum(unit: str, amount: int) -> dict[str, Any]:
    return {"amount": amount, "unit": unit} if unit else {"count": amount}


def _print_explanation(found: "Explanation") -> None:
    from koga.core import units

    print(found.figure)
    if found.statement is not None and found.source is not None:
        value = _cell(found.statement["value"])
        print(f"  {value} {found.statement['unit'] or ''}  [{found.statement['basis']}]")
        print(f"  {found.source.file}:{found.source.line}")
    for unit, amount in found.totals.items():
        shown = units.as_decimal(amount, unit) if unit else amount
        print(f"= {shown:,} {unit}".rstrip())
    for each in found.lines[:SHOWN_MAX]:
        shown = units.as_decimal(each.value, each.unit) if each.unit else each.value
        print(f"  {each.file}:{each.line}  {each.row}  {shown:,} {each.unit}".rstrip())
    if len(found.lines) > SHOWN_MAX:
        print(f"  … +{len(found.lines) - SHOWN_MAX}")
