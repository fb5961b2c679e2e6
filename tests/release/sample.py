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

from koga.core.dates import Period, quarter_of
from koga.release.build import ReleaseHead, build
from koga.release.keys import SigningKey, from_seed
from koga.release.tables import TABLES
from tests.release.sample_findings import finding_tables
from tests.release.sample_funds import fund_tables

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
FIRST_PERIOD = "2025-H2"
DAYS = (date(2026, 6, 30) - date(2025, 1, 1)).days + 1
CORRECTED, WRONG_BY, TWICE = (9, 12), 5, 20
"""Records corrected in 2026, by how much, and how many there must be for one written twice."""
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
    """Every table of a release; so many records of support lie in the 18 months to mid-2026.

    The release of 2025-H2 holds those of 2025; that of 2026-H1 holds all, two of them corrected
    and one removed since, and the statements of both half-years.
    """
    first = _given(records, seed, FIRST_PERIOD)
    given = first if period == FIRST_PERIOD else _given(records, seed, period)
    return {
        "agencies": _agencies(),
        "programmes": _programmes(),
        "records": given,
        "flows": _flows(given),
        **_told({FIRST_PERIOD: first, period: given}),
        "corrections": [] if period == FIRST_PERIOD else _corrections(given, records),
        "ledger_heads": _heads(given),
        **_schemes(),
        "futures": _futures(),
        **finding_tables(),
        **fund_tables(period),
    }


def _given(count: int, seed: int, period: str) -> Rows:
    """The records as the books held them when the statements of a period were signed."""
    dice = random.Random(seed)
    last = Period.parse(period).end
    drawn = (_record(number, dice, period) for number in range(1, count + 1))
    given = [row for row in drawn if row["awarded_on"] <= last]
    if period == FIRST_PERIOD and count >= TWICE:
        given.append(_written_twice(given))
    return given


def _told(books: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables that grow with each period."""
    return {
        name: [row for period, given in books.items() for row in made(given, period)]
        for name, made in (
            ("statements", _statements),
            ("statement_lines", _statement_lines),
            ("due", _due),
            ("promises", _promises),
        )
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


def _record(number: int, dice: random.Random, period: str) -> dict[str, Any]:
    programme = PROGRAMMES[number % len(PROGRAMMES)]
    code, agency, _, _, instrument, sector, unit, low, high = programme
    amount = int(low * (high / low) ** dice.random())
    regranted = number % 50 == 41 and number > 50
    drawn = number - 10 * regranted
    awarded = date(2025, 1, 1) + timedelta(days=drawn * 7919 % DAYS)
    corrected = number in CORRECTED and period != FIRST_PERIOD
    amount -= WRONG_BY * corrected
    person = instrument == "training" and number % 3 == 0
    name = f"(주){dice.choice(FIRST)}{dice.choice(SECOND)}{number % 97:02d}"
    return row_of(
        "records", record=f"HN-{number:07d}", version=2 if corrected else 1,
        agency=agency, programme=code, instrument=instrument, sector=sector,
        title=f"{dice.choice(WORK)} {number % 13}차",
        recipient=None if person else name,
        recipient_id=None if person else f"H{number % 4999:06d}",
        recipient_class="person" if person else "named",
        region=f"한누리시 {dice.choice(DISTRICTS)}",
        awarded_on=awarded, fiscal_year=awarded.year, unit=unit,
        **{"amount_national": None, "amount_city": None} | _shares(unit, amount),
        parent=f"HN-{number - 10:07d}" if regranted else None, counts_in_total=not regranted,
        source_system="보탬e 내보내기", source_number=f"{awarded.year}-{number:06d}",
        entry=f"{agency}#{number}",
    )  # fmt: skip


def _shares(unit: str, amount: int) -> dict[str, int]:
    """An amount, and for money which budget bears how much of it."""
    if unit != "KRW":
        return {"amount": amount}
    national = amount * 3 // 10
    return {"amount": amount, "amount_national": national, "amount_city": amount - national}


def _written_twice(given: Rows) -> dict[str, Any]:
    """A record that the second release no longer has."""
    again = next(row for row in given if row["agency"] == "hn-growth")
    return again | {"record": "HN-TWICE", "entry": "hn-growth#99999"}


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


def _signed(state: str, due_on: date) -> datetime:
    day = due_on + timedelta(days=12 if state == "signed_late" else -9)
    return datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC)


def _due_on(period: str) -> date:
    return Period.parse(period).end + timedelta(days=31)


def _statements(records: Rows, period: str) -> Rows:
    return [
        row_of(
            "statements", agency=code, period=period, version=1, prepared_role="사업총괄팀장",
            signed_role="이사장", signed_at=_signed(state, _due_on(period)), due_on=_due_on(period),
            days_late=12 if state == "signed_late" else 0, nil=state == "nil",
            ledger_lines=sum(
                row["agency"] == code and row["awarded_on"] in Period.parse(period)
                for row in records
            ),
            content_hash=f"{number:064x}",
        )
        for number, (code, _, _, _, state) in enumerate(AGENCIES, start=1)
        if state != "missing"
    ]  # fmt: skip


def _due(records: Rows, period: str) -> Rows:
    return [
        row_of(
            "due", agency=code, period=period, due_on=_due_on(period), state=state,
            signed_at=None if state == "missing" else _signed(state, _due_on(period)),
            days_late={"signed_late": 12, "missing": 30}.get(state, 0),
            last_period="2025-H1" if state == "missing" else period,
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
            lines = _lines(code, records, period)
        rows += [
            row_of("statement_lines", agency=code, period=period, line=number, **line)
            for number, line in enumerate(lines, start=1)
        ]
    return rows


def _nil(section: str) -> dict[str, Any]:
    return {"section": section, "code": "nil", "basis": "nil", "text_ko": "해당 없음",
            "text_en": "none"}  # fmt: skip


def _lines(agency: str, records: Rows, period: str) -> Rows:
    span = Period.parse(period)
    own = [row for row in records if row["agency"] == agency and row["awarded_on"] in span]
    awards = sum(row["counts_in_total"] and row["instrument"] == "grant" for row in own)
    window = {"window_start": span.start, "window_end": span.end}
    lines: Rows = [
        {"section": "actions", "code": "award", "value": Decimal(awards), "unit": "count",
         "basis": "ledger", "text_ko": "선정한 지원", "text_en": "awards"},
        {"section": "actions", "code": "guidance", "value": Decimal(2), "unit": "count",
         "basis": "typed", "text_ko": "AI 심사 안내서를 냄", "text_en": "AI review guidance issued",
         "evidence": "https://hannuri.example/guidance"},
        {"section": "timeliness", "code": "days_to_award", "value": Decimal("31.5"),
         "unit": "days", "basis": "typed", "denominator": Decimal(max(len(own), 1)),
         "denominator_ko": "신청", "denominator_en": "applications", **window},
        {"section": "results", "code": "completion_rate", "value": Decimal("87.25"),
         "unit": "percent", "basis": "typed", "denominator": Decimal(400),
         "denominator_ko": "시작한 사람", "denominator_en": "who started", "method": "출석부 집계",
         "text_ko": "수료율", "text_en": "completion rate", **window},
        {"section": "advice", "code": "accepted", "basis": "typed", "text_ko": "기준을 공개함",
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


def _promises(records: Rows, period: str) -> Rows:
    kinds = (
        ("seats", "교육 정원을 늘림", "More training places", Decimal(400), "SEAT", "on_track"),
        ("days", "선정까지 30일 안", "Award within 30 days", Decimal(30), "days", "late"),
        ("guide", "안내서 두 권", "Two guides", Decimal(2), "count", "met"),
        ("hub", "허브 한 곳 더", "One more hub", Decimal(1), "count", "dropped"),
        ("next", "GPU 나눔을 두 배로", "Twice the GPU sharing", Decimal(2), "ratio", "promised"),
    )
    return [
        row_of(
            "promises", promise=f"{agency}-{kind}", agency=agency, period=period,
            made_in=period if kind == "next" else FIRST_PERIOD, text_ko=ko, text_en=en,
            target=target, target_rule="at_most" if kind == "days" else "at_least", unit=unit,
            due_on=date(2026, 12, 31), state=state,
            now=None if state == "promised" else target + (state == "late"),
            reason="건물 계약이 미뤄짐" if state == "dropped" else None,
        )
        for agency in ("hn-growth", "hn-ai", "hn-learn", "hn-space")
        for kind, ko, en, target, unit, later in kinds
        for state in ("promised" if period == FIRST_PERIOD else later,)
        if not (kind == "next" and period == FIRST_PERIOD)
    ]  # fmt: skip


def _corrections(given: Rows, records: int) -> Rows:
    found = [
        row_of(
            "corrections", correction=f"C-{row['record']}-{field}", table="records",
            row=row["record"], agency=row["agency"], field=field, old=str(old),
            new=str(row[field]), reason="원 단위를 잘못 옮겨 적음",
            corrected_on=date(2026, 6, 2), entry=f"{row['agency']}#9001",
        )
        for row in given if row["version"] == 2
        for field, old in _shares(row["unit"], row["amount"] + WRONG_BY).items()
        if row[field] != old
    ]  # fmt: skip
    if records >= TWICE:
        found.append(
            row_of(
                "corrections", correction="C-TWICE", table="records", row="HN-TWICE",
                agency="hn-growth", field="*", old="HN-TWICE", reason="같은 지원을 두 번 적음",
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


def _futures() -> Rows:
    """A curve with a valley that is back in its seventh year, and measures of it."""
    words = {
        "net.all": ("쌓인 순현금", "Cumulated net cash"),
        "net_at_end.all": ("끝의 순현금 · 모두", "Net cash at the end · all"),
        "back.all": ("본전까지 걸리는 햇수 · 모두", "Years until money is back · all"),
        "protected_loses": ("보호받는 돈이 손실을 볼 확률", "Chance that protected money loses"),
        "concentration.sector": ("가장 큰 분야의 몫", "Share of the largest sector"),
    }
    curve = [-4, -12, -19, -17, -9, -2, 3, 9, 14, 18]
    told = [("net_at_end.all", "all", "KRW", 18 * 10**10, 4 * 10**10),
            ("back.all", "all", "years", Decimal("6.4"), Decimal("0.7")),
            ("protected_loses", "all", "share", Decimal("0.02"), Decimal("0.001")),
            ("concentration.sector", "all", "share", Decimal("0.4"), Decimal(0))]  # fmt: skip
    told += [
        ("net.all", str(2027 + place), "KRW", value * 10**10, 10**9 * (place + 1) * 4)
        for place, value in enumerate(curve)
    ]
    return [
        row_of(
            "futures", scheme="hannuri-50", name=name, period=period,
            label_ko=words[name][0], label_en=words[name][1], unit=unit, mean=Decimal(mean),
            **{f"p{part:02d}": Decimal(mean + wide * (part - 50) / 50)
               if unit != "KRW" else Decimal(mean + wide * (part - 50) // 50)
               for part in (5, 25, 50, 75, 95)},
            error=Decimal(wide) / 100, approximate=name != "net.all", paths=2048, engine="fast",
            engine_version="0.1.0", seed=7, sha256="41d0" * 16,
            definition_ko="받은 돈에서 낸 돈을 뺀 값.",
            definition_en="Money received less money paid in.",
        )
        for name, period, unit, mean, wide in told
    ]  # fmt: skip
