"""A fictional city's tables, for every test that needs a release.

`sample_tables` obeys every check; nothing in it is anyone's real figure.
"""

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from koga.core.dates import quarter_of
from koga.release.build import ReleaseHead, build
from koga.release.keys import SigningKey, from_seed
from koga.release.tables import TABLES

Rows = list[dict[str, Any]]
KEY_NAME = "hannuri.example/koga"

# agency, 이름, name, kind, state in the due table
AGENCIES = (
    ("hn-growth", "한누리성장재단", "Hannuri Growth Foundation", "출연기관", "signed"),
    ("hn-ai", "한누리인공지능원", "Hannuri AI Institute", "출연기관", "signed"),
    ("hn-learn", "한누리배움원", "Hannuri Learning Centre", "출연기관", "signed_late"),
    ("hn-space", "한누리공간공사", "Hannuri Space Corporation", "공사", "signed"),
    ("hn-fund", "한누리투자공사", "Hannuri Investment Corporation", "공사", "signed"),
    ("hn-bio", "한누리생명과학센터", "Hannuri Life Science Centre", "출연기관", "signed"),
    ("hn-chip", "한누리반도체지원단", "Hannuri Chip Support Office", "본청", "signed"),
    ("hn-robot", "한누리로봇모빌리티원", "Hannuri Robotics Institute", "출연기관", "signed"),
    ("hn-rule", "한누리규제혁신관", "Hannuri Regulation Office", "본청", "signed"),
    ("hn-youth", "한누리청년지원센터", "Hannuri Youth Centre", "본청", "nil"),
    ("hn-quantum", "한누리양자원", "Hannuri Quantum Institute", "출연기관", "missing"),
    ("hn-harbour", "한누리항만청", "Hannuri Harbour Office", "본청", "missing"),
)
# programme, agency, 이름, name, instrument, sector, unit, smallest and largest amount
PROGRAMMES = (
    ("P-RND", "hn-growth", "한누리 기술개발 보조", "R&D grants", "grant", "ai", "KRW",
     10_000_000, 900_000_000),
    ("P-SCALE", "hn-growth", "한누리 도약 융자", "Scale-up loans", "loan", "other", "KRW",
     50_000_000, 3_000_000_000),
    ("P-GPU", "hn-ai", "GPU 나눔", "GPU sharing", "compute", "ai", "GPU-HOUR-H100",
     500_000, 40_000_000),
    ("P-AI", "hn-ai", "AI 실증 보조", "AI pilot grants", "grant", "ai", "KRW",
     5_000_000, 400_000_000),
    ("P-SEAT", "hn-learn", "한누리 디지털 배움", "Digital training", "training", "ai", "SEAT",
     1, 40),
    ("P-HUB", "hn-space", "한누리 허브 입주", "Hub tenancy", "space", "other", "M2-DAY",
     900, 90_000),
    ("P-EQUITY", "hn-fund", "성장 출자", "Growth equity", "equity", "chips", "KRW",
     300_000_000, 20_000_000_000),
    ("P-BIO", "hn-bio", "바이오 장비 보조", "Bio equipment grants", "grant", "bio", "KRW",
     8_000_000, 600_000_000),
    ("P-CHIP", "hn-chip", "반도체 시제품 보조", "Chip prototype grants", "grant", "chips", "KRW",
     20_000_000, 800_000_000),
    ("P-ROBOT", "hn-robot", "로봇 현장 적용", "Robots at work", "grant", "robotics", "KRW",
     7_000_000, 300_000_000),
)  # fmt: skip
FIRST = ("가온", "다온", "미르", "새벽", "누리", "해솔", "한빛", "푸른", "별하", "아라", "늘솔")
SECOND = ("반도체", "로봇", "바이오", "데이터", "소프트", "양자", "모빌리티", "센서", "항공")
WORK = (
    "AI 검사 장비 실증",
    "청정 생산 공정 개발",
    "펀드 연계 사업화",
    "GPU 기반 모델 학습",
    "시제품 제작",
    "해외 인증 취득",
    "데이터 정비",
    "청년 채용 연계 과제",
    "서울 전시 참가",
    "=SUM 표기 점검, “따옴표”",
)
DISTRICTS = ("가람구", "나래구", "다솜구", "라온구", "마루구")
SILENT = {agency[0] for agency in AGENCIES if agency[4] == "missing"}


def sample_head(period: str = "2026-H1") -> ReleaseHead:
    """What the sample release says of itself."""
    day = {"2025-H2": datetime(2026, 1, 30, 8, tzinfo=UTC)}
    return ReleaseHead(
        release=f"hannuri-{period}",
        period=period,
        title_ko="한누리시 성장지원 공개판",
        title_en="Hannuri City growth support, open release",
        organisation_ko="한누리시",
        organisation_en="Hannuri City",
        signed_on=day.get(period, datetime(2026, 7, 30, 8, 15, tzinfo=UTC)),
    )


def sample_key() -> SigningKey:
    """A key made from a fixed seed: never use it for anything real."""
    return from_seed(KEY_NAME, b"a fictional city's test key 0001")


def sample_tables(records: int = 400, seed: int = 1, period: str = "2026-H1") -> dict[str, Rows]:
    """Every table, with so many records of support up to the end of a half-year."""
    dice = random.Random(seed)
    given = _records(records, dice, period)
    corrections = _corrections(given)
    return {
        "agencies": _agencies(),
        "programmes": _programmes(),
        "records": given,
        "flows": _flows(given),
        "statements": _statements(given, period),
        "statement_lines": _statement_lines(given, period),
        "due": _due(period),
        "promises": _promises(period),
        "corrections": corrections,
        "ledger_heads": _heads(given),
        **_schemes(),
    }


def build_sample(
    out: Path, records: int = 400, *, seed: int = 1, period: str = "2026-H1",
    previous: Path | None = None,
) -> tuple[Path, str]:  # fmt: skip
    """A signed release of the sample in `out`, and the public key that verifies it."""
    key = sample_key()
    tables = sample_tables(records, seed, period)
    build(out, tables=tables, head=sample_head(period), key=key, previous=previous)
    return out, key.public.text


def row_of(table: str, /, **cells: Any) -> dict[str, Any]:
    """A whole row, blank where nothing is given; an unknown column is a mistake in the test."""
    columns = TABLES[table].names
    unknown = cells.keys() - set(columns)
    if unknown:
        raise KeyError(unknown)
    return {name: cells.get(name) for name in columns}


def _agencies() -> Rows:
    return [
        row_of(
            "agencies", agency=code, name_ko=ko, name_en=en, kind=kind,
            named_from=date(2024, 1, 1),
            earlier_names="한누리지식센터" if code == "hn-learn" else None,
            successor="hn-space" if code == "hn-harbour" else None,
            reported=state != "missing",
        )
        for code, ko, en, kind, state in AGENCIES
    ]  # fmt: skip


def _programmes() -> Rows:
    return [
        row_of(
            "programmes", programme=code, agency=agency, name_ko=ko, name_en=en,
            instrument=instrument, sector=sector, unit=unit,
            legal_basis="한누리시 성장지원 조례 제7조",
        )
        for code, agency, ko, en, instrument, sector, unit, _, _ in PROGRAMMES
    ]  # fmt: skip


def _records(count: int, dice: random.Random, period: str) -> Rows:
    last = date(2025, 12, 31) if period == "2025-H2" else date(2026, 6, 30)
    days = (last - date(2025, 1, 1)).days + 1
    return [_record(number, dice, days) for number in range(1, count + 1)]


def _record(number: int, dice: random.Random, days: int) -> dict[str, Any]:
    programme = PROGRAMMES[number % len(PROGRAMMES)]
    code, agency, _, _, instrument, sector, unit, low, high = programme
    amount = int(low * (high / low) ** dice.random())
    awarded = date(2025, 1, 1) + timedelta(days=number * 7919 % days)
    person = instrument == "training" and number % 3 == 0
    name = f"(주){dice.choice(FIRST)}{dice.choice(SECOND)}{number % 97:02d}"
    money = unit == "KRW"
    regranted = number % 50 == 41 and number > 50
    return row_of(
        "records", record=f"HN-{number:07d}", version=2 if number in (7, 11) else 1,
        agency=agency, programme=code, instrument=instrument, sector=sector,
        title=f"{dice.choice(WORK)} {number % 13}차",
        recipient=None if person else name,
        recipient_id=None if person else f"H{number % 4999:06d}",
        recipient_class="person" if person else "named",
        region=f"한누리시 {dice.choice(DISTRICTS)}",
        awarded_on=awarded, fiscal_year=awarded.year, unit=unit, amount=amount,
        amount_national=amount * 3 // 10 if money else None,
        amount_city=amount - amount * 3 // 10 if money else None,
        parent=f"HN-{number - 10:07d}" if regranted else None, counts_in_total=not regranted,
        source_system="보탬e 내보내기", source_number=f"{awarded.year}-{number:06d}",
        entry=f"{agency}#{number}",
    )  # fmt: skip


def _flows(records: Rows) -> Rows:
    amounts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in records:
        cell = (row["agency"], row["programme"], row["instrument"], row["sector"], row["unit"],
                quarter_of(row["awarded_on"]))  # fmt: skip
        amounts[cell][0] += row["amount"]
        amounts[cell][1] += 1
    return [
        row_of(
            "flows", agency=agency, programme=programme, instrument=instrument, sector=sector,
            stage=stage, unit=unit, quarter=quarter, entries=entries,
            amount=amount + (amount // 10 if stage == "committed" else 0),
        )
        for (agency, programme, instrument, sector, unit, quarter), (amount, entries)
        in sorted(amounts.items())
        for stage in ("committed", "delivered")
    ]  # fmt: skip


def _signed(state: str) -> datetime:
    return datetime(2026, 8, 12 if state == "signed_late" else 29 - 15, 6, 30, tzinfo=UTC)


def _statements(records: Rows, period: str) -> Rows:
    return [
        row_of(
            "statements", agency=code, period=period, version=1, prepared_role="사업총괄팀장",
            signed_role="이사장", signed_at=_signed(state), due_on=date(2026, 7, 31),
            days_late=12 if state == "signed_late" else 0, nil=state == "nil",
            ledger_lines=sum(row["agency"] == code for row in records),
            content_hash=f"{number:064x}",
        )
        for number, (code, _, _, _, state) in enumerate(AGENCIES, start=1)
        if state != "missing"
    ]  # fmt: skip


def _due(period: str) -> Rows:
    return [
        row_of(
            "due", agency=code, period=period, due_on=date(2026, 7, 31), state=state,
            signed_at=None if state == "missing" else _signed(state),
            days_late={"signed_late": 12, "missing": 30}.get(state, 0),
            last_period="2025-H2" if state == "missing" else period,
            records_left_out=17 if state == "missing" else 0,
            reason="담당자 교체" if code == "hn-harbour" else None,
        )
        for code, _, _, _, state in AGENCIES
    ]  # fmt: skip


def _statement_lines(records: Rows, period: str) -> Rows:
    rows: Rows = []
    for code, _, _, _, state in AGENCIES:
        if state == "missing":
            continue
        lines = [_nil(section) for section in TABLES["statement_lines"].closed["section"]]
        if state != "nil":
            lines = _lines(code, records)
        rows += [
            row_of("statement_lines", agency=code, period=period, line=number, **line)
            for number, line in enumerate(lines, start=1)
        ]
    return rows


def _nil(section: str) -> dict[str, Any]:
    return {"section": section, "code": "nil", "basis": "nil", "text_ko": "해당 없음",
            "text_en": "none"}  # fmt: skip


def _lines(agency: str, records: Rows) -> Rows:
    own = [row for row in records if row["agency"] == agency]
    window = {"window_start": date(2026, 1, 1), "window_end": date(2026, 6, 30)}
    lines: Rows = [
        {"section": "actions", "code": "award", "value": Decimal(len(own)), "unit": "COUNT",
         "basis": "ledger", "text_ko": "선정한 지원", "text_en": "awards"},
        {"section": "actions", "code": "guidance", "value": Decimal(2), "unit": "COUNT",
         "basis": "typed", "text_ko": "AI 심사 안내서를 냄", "text_en": "AI review guidance issued",
         "evidence": "https://hannuri.example/guidance"},
        {"section": "timeliness", "code": "days_to_award", "value": Decimal("31.5"),
         "unit": "DAYS", "basis": "typed", "denominator": Decimal(max(len(own), 1)),
         "denominator_ko": "신청", "denominator_en": "applications", **window},
        {"section": "results", "code": "completion_rate", "value": Decimal("87.25"),
         "unit": "PERCENT", "basis": "typed", "denominator": Decimal(400),
         "denominator_ko": "시작한 사람", "denominator_en": "who started", "method": "출석부 집계",
         "text_ko": "수료율", "text_en": "completion rate", **window},
        {"section": "advice", "code": "answer", "basis": "typed", "text_ko": "기준을 공개함",
         "text_en": "The criteria were published"},
        {"section": "limits", "code": "limit", "basis": "typed",
         "text_ko": "소득은 아직 재지 못함", "text_en": "Income is not measured yet"},
    ]  # fmt: skip
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in own:
        sums[row["programme"], row["unit"]] += row["amount"]
    lines += [
        {"section": "resources", "code": "delivered", "programme": programme, "unit": unit,
         "value": Decimal(amount) / (1000 if unit.startswith("GPU") else 1), "basis": "ledger",
         "text_ko": "지급·제공", "text_en": "delivered"}
        for (programme, unit), amount in sorted(sums.items())
    ]  # fmt: skip
    return lines


def _promises(period: str) -> Rows:
    kinds = (
        ("seats", "교육 정원을 늘림", "More training places", Decimal(400), "SEAT", "on_track"),
        ("days", "선정까지 30일 안", "Award within 30 days", Decimal(30), "DAYS", "late"),
        ("guide", "안내서 두 권", "Two guides", Decimal(2), "COUNT", "met"),
        ("hub", "허브 한 곳 더", "One more hub", Decimal(1), "COUNT", "dropped"),
        ("next", "GPU 나눔을 두 배로", "Twice the GPU sharing", Decimal(2), "RATIO", "promised"),
    )
    return [
        row_of(
            "promises", promise=f"{agency}-{kind}", agency=agency, period=period,
            made_in=period if state == "promised" else "2025-H2", text_ko=ko, text_en=en,
            target=target, target_rule="at_most" if kind == "days" else "at_least", unit=unit,
            due_on=date(2026, 12, 31), state=state,
            now=None if state == "promised" else target - (state == "late"),
            reason="건물 계약이 미뤄짐" if state == "dropped" else None,
        )
        for agency in ("hn-growth", "hn-ai", "hn-learn", "hn-space")
        for kind, ko, en, target, unit, state in kinds
    ]  # fmt: skip


def _corrections(records: Rows) -> Rows:
    rows = {row["record"]: row for row in records}
    found = [
        row_of(
            "corrections", correction=f"C-{number:04d}", table="records", row=f"HN-{number:07d}",
            agency=rows[f"HN-{number:07d}"]["agency"], field="amount",
            old=str(rows[f"HN-{number:07d}"]["amount"] + 1000),
            new=str(rows[f"HN-{number:07d}"]["amount"]), reason="원 단위를 잘못 옮겨 적음",
            corrected_on=date(2026, 6, 2), entry=f"hn-growth#{9000 + number}",
        )
        for number in (7, 11)
        if f"HN-{number:07d}" in rows
    ]  # fmt: skip
    if rows:
        found.append(
            row_of(
                "corrections", correction="C-0099", table="records", row="HN-REMOVED",
                agency="hn-growth", field="*", old="HN-REMOVED", reason="같은 지원을 두 번 적음",
                corrected_on=date(2026, 6, 3),
            )
        )  # fmt: skip
    return found


def _heads(records: Rows) -> Rows:
    return [
        row_of(
            "ledger_heads", ledger=code, chain=f"{number + 255:064x}",
            entries=sum(row["agency"] == code for row in records) + 3,
            recorded_at=datetime(2026, 7, 1, 0, 0, number, 250_000, tzinfo=UTC),
        )
        for number, (code, *_) in enumerate(AGENCIES)
        if code not in SILENT
    ]  # fmt: skip


def _schemes() -> dict[str, Rows]:
    values = (
        ("sources.city.amount", "시 출연", "City contribution", "200000000000", "KRW", "stated"),
        ("sources.private.share", "민간 비율", "Private share", "0.60", None, "derived"),
        ("losses.rate_annual", "연 손실률", "Annual loss rate", "0.031", None, "assumed"),
    )
    return {
        "schemes": [
            row_of(
                "schemes", scheme="hannuri-50", name_ko="한누리 성장 계획",
                name_en="Hannuri growth scheme", summary_ko="가상의 시가 세운 5천억 원 계획",
                summary_en="A fictional city's scheme", legal_form="기금",
                proposed_on=date(2025, 3, 2), stated=1, derived=1, assumed=1, sha256="ab" * 32,
            )
        ],
        "scheme_values": [
            row_of(
                "scheme_values", scheme="hannuri-50", path=path, label_ko=ko, label_en=en,
                value=value, unit=unit, basis=basis,
                low="0.02" if basis == "assumed" else None,
                high="0.05" if basis == "assumed" else None, source="한누리시 발표 자료",
            )
            for path, ko, en, value, unit, basis in values
        ],
        "targets": [
            row_of(
                "targets", scheme="hannuri-50", target=target, label_ko=ko, label_en=en,
                definition_ko=definition, definition_en="places filled in the year",
                period="2026", target_value=value, unit="SEAT", metric="seats_filled",
                reported_value=reported, statements=2,
            )
            for target, ko, en, definition, value, reported in (
                ("talents-entry", "인재 1만 명(입교)", "10,000 talents (entered)", "입교한 사람",
                 Decimal(10_000), Decimal(3_120)),
                ("talents-done", "인재 1만 명(수료)", "10,000 talents (completed)", "수료한 사람",
                 Decimal(10_000), None),
            )
        ],
    }  # fmt: skip


def without(tables: Mapping[str, Rows], table: str) -> dict[str, Rows]:
    """The tables with one left out."""
    return {name: rows for name, rows in tables.items() if name != table}
