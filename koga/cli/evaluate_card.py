"""`koga evaluate register | card | withheld | rerun`: from a plan to a card anyone can doubt."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from koga.cli import answer, setup_django
from koga.core.problems import Problem, Refusal

if TYPE_CHECKING:
    from koga.evaluate.cards.card import Card
    from koga.evaluate.cards.card_reading import Told

LANGUAGES = ("ko", "en")
JsonOption = Annotated[bool, typer.Option("--json", help="한 JSON 문서로 답함 / answer as JSON")]
AsOption = Annotated[str, typer.Option("--as", help="누구로서 하는지(로그인) / login who acts")]


def register(group: typer.Typer) -> None:
    """Add the commands of this file to `koga evaluate`."""
    group.command(
        "register",
        help="평가 계획을 결과를 열기 전에 등록함 / register a plan before outcomes are opened",
    )(register_plan)
    group.command("card", help="평가 카드를 만듦(HTML, PDF) / the card of a finding (HTML, PDF)")(
        card
    )
    group.command(
        "withheld", help="평가에 쓴 비공개 표를 꺼냄 / write the withheld panel of a plan"
    )(withheld)
    group.command(
        "rerun",
        help="비공개 표로 공개된 평가를 다시 셈함 / compute a published finding again from its "
        "withheld table",
    )(rerun)


def register_plan(
    plan: Annotated[Path, typer.Argument(help="계획 파일(TOML) / plan file")],
    login: AsOption,
    reason: Annotated[
        str, typer.Option(help="고치는 까닭(공개됨) / why it is amended (published)")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Register a plan with its hash and the day; another text under its code needs a reason."""
    setup_django()
    from koga.evaluate.panels import planned
    from koga.operate.outcomes import selectors, services
    from koga.operate.parties.services import require_person

    with answer.answering(as_json):
        text = planned.load(plan).text
        services.register_plan(text, person=require_person(login), reason=reason, where=plan.name)
        held = selectors.plan_named(planned.parse(text).code)
        opened = selectors.opened_at(planned.parse(text).series, planned.parse(text).metric)
    told = {
        "plan": held.plan,
        "version": held.version,
        "sha256": held.sha256,
        "registered_at": held.at.isoformat(),
        "outcomes_opened_at": None if opened is None else opened.isoformat(),
    }
    if as_json:
        answer.document(told)
        return
    answer.say(
        f"등록: {held.plan} 판 {held.version}  sha256 {held.sha256}",
        f"registered: {held.plan} version {held.version}  sha256 {held.sha256}",
    )
    if opened is not None and opened < held.at:
        answer.say(
            f"  결과는 이미 {opened:%Y-%m-%d}에 열렸고, 카드에 그렇게 적힙니다.",
            f"  outcomes were opened on {opened:%Y-%m-%d} already, and the card will say so.",
        )


def card(
    source: Annotated[
        Path,
        typer.Argument(
            help="koga evaluate … --json의 답, 또는 공개판 폴더 / a finding's JSON, or a release"
        ),
    ],
    out: Annotated[Path, typer.Option(help="쓸 폴더 / folder to write to")],
    finding: Annotated[str, typer.Option(help="공개판의 평가 코드 / finding of a release")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write the card of a finding in both languages, as HTML and as a page of A4.

    Exits 1 where the finding failed a check: the card says so in its heading.
    """
    with answer.answering(as_json):
        told, foot = _of_release(source, finding) if source.is_dir() else _of_file(source)
        files = _write(told, out, foot)
    about = told[0]
    if as_json:
        answer.document({"finding": about.code, "state": about.state, "files": files})
    else:
        for file in files:
            print(file)
    if about.state == "fail":
        raise SystemExit(answer.NO)


def _of_file(source: Path) -> "tuple[Told, str]":
    from koga.evaluate.cards import card_reading

    if not source.exists():
        raise Refusal(Problem("evaluate.no_file", str(source)))
    try:
        document = json.loads(source.read_bytes())
    except (OSError, ValueError) as trouble:
        problem = Problem("evaluate.finding_file", str(source), type(trouble).__name__)
        raise Refusal(problem) from None
    told = card_reading.of_document(document, source.stem)
    return told, f"koga evaluate card · {source.name}"


def _of_release(source: Path, finding: str) -> "tuple[Told, str]":
    from koga.evaluate.cards import card_reading
    from koga.release.read import open_release

    release = open_release(source)
    rows = {row["finding"]: row for row in release.rows("findings")}
    if finding not in rows:
        expected = {"expected": ", ".join(rows) or "-"}
        if not finding:
            raise Refusal(Problem("evaluate.option", "--finding", "", expected))
        raise Refusal(Problem("evaluate.no_finding", "--finding", finding, expected))
    row = rows[finding]
    programmes = {each["programme"]: each for each in release.rows("programmes")}
    told = card_reading.of_rows(
        row, programmes[row["programme"]],
        estimates=release.rows("finding_estimates"), checks=release.rows("finding_checks"),
        points=release.rows("finding_points"),
    )  # fmt: skip
    return told, f"{release.manifest.release} · sha256 {release.manifest.sha256}"


def _write(told: "Told", out: Path, foot: str) -> list[str]:
    """Both languages as HTML and PDF with their stylesheet; the names of the files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_public")
    from koga.documents import finding_card
    from koga.site import alone

    made: Sequence[Card] = [told.card(language) for language in LANGUAGES]
    contents = {alone.STYLESHEET: alone.stylesheet().encode()}
    for each in made:
        contents[f"card.{each.language}.html"] = alone.html(each).encode()
        contents[f"card.{each.language}.pdf"] = finding_card.pdf(each, foot=foot)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (out / name).write_bytes(content)
    except OSError as trouble:
        raise Refusal(
            Problem("evaluate.card_target", "--out", f"{out}: {trouble.strerror}")
        ) from None
    return [str(out / name) for name in sorted(contents)]


def withheld(
    plan: Annotated[str, typer.Argument(help="등록된 계획의 코드 / code of a registered plan")],
    period: Annotated[str, typer.Option(help="공개판의 기간 / period of the release")],
    out: Annotated[Path, typer.Option(help="쓸 파일(CSV) / file to write")],
    login: AsOption,
    as_json: JsonOption = False,
) -> None:
    """Write the panel a finding rests on, for operators and auditors; it never enters a release."""
    setup_django()
    from koga.core.dates import Period
    from koga.operate.parties.services import require_person
    from koga.publish import findings, selectors

    with answer.answering(as_json):
        ends = selectors.last_signed_ends(Period.parse(period, "--period"))
        panel = findings.withheld_panel(plan, ends, person=require_person(login))
        try:
            out.write_bytes(panel.csv())
        except OSError as trouble:
            problem = Problem("evaluate.card_target", "--out", f"{out}: {trouble.strerror}")
            raise Refusal(problem) from None
    told = {"plan": plan, "rows": panel.frame.height, "sha256": panel.sha256, "file": str(out)}
    if as_json:
        answer.document(told)
    else:
        answer.say(
            f"{panel.frame.height:,}줄  sha256 {panel.sha256}",
            f"{panel.frame.height:,} rows  sha256 {panel.sha256}",
        )


def rerun(
    release: Annotated[Path, typer.Argument(help="공개판 폴더 / folder of a release")],
    finding: Annotated[str, typer.Argument(help="평가 코드 / code of the finding")],
    table: Annotated[Path, typer.Argument(help="비공개 표(CSV) / the withheld table")],
    as_json: JsonOption = False,
) -> None:
    """Hold the table against the signed hash, estimate anew and compare every figure published."""
    from koga.evaluate.cards import finding_rows
    from koga.release.read import open_release

    with answer.answering(as_json):
        opened = open_release(release)
        try:
            content = table.read_bytes()
        except OSError:
            problem = Problem("evaluate.no_file", str(table))
            raise Refusal(problem) from None
        found = finding_rows.rerun(opened, finding, content)
    if as_json:
        answer.document(_rerun_json(found))
    elif not found.held:
        answer.say(
            "이 표는 공개판이 해시로 밝힌 비공개 표가 아닙니다.",
            "This is not the withheld table whose hash the release carries.",
        )
    else:
        for where, was, now in found.differing:
            print(f"  {where}: {was} ≠ {now}")
        answer.say(
            f"추정치 {found.estimates:,}줄 가운데 다른 값 {len(found.differing):,}개",
            f"{found.estimates:,} estimates compared, {len(found.differing):,} figures differ",
        )
    if not found.ok:
        raise SystemExit(answer.NO)


def _rerun_json(found: Any) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "finding": found.finding,
        "table_is_the_withheld_one": found.held,
        "estimates": found.estimates,
        "differing": [
            {"where": where, "published": was, "computed": now}
            for where, was, now in found.differing
        ],
    }
