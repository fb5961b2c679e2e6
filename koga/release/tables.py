"""Every open table and column, declared once.

Writers, readers, the Data Package description, the site, the docs and the checks all read this
module. An amount column is an integer in the smallest unit of the row's `unit` column; amounts of
two units are never added. A blank is "unknown"; zero is zero.
"""

from collections.abc import Mapping

from koga.release.finding_tables import (
    FINDING_CHECKS,
    FINDING_ESTIMATES,
    FINDING_POINTS,
    FINDINGS,
)
from koga.release.fund_tables import BENCHMARKS, FUND_DEALS, FUND_FLOWS, FUND_VALUES, funds_table
from koga.release.fund_tables import DISCLOSURES as DISCLOSURES
from koga.release.table import ADDRESS_JOINT as ADDRESS_JOINT
from koga.release.table import Column as Column
from koga.release.table import Table as Table
from koga.release.table import Word as Word
from koga.release.table import columns_of as _columns
from koga.release.table import words as _words

AMOUNT_MAX = 2**53 - 1
"""The largest integer every JSON reader keeps exactly: 9,007 trillion won in one row."""
REMOVED = "*"
"""The field of a correction that says the whole row was taken out."""
RATIO_UNITS = ("PERCENT", "RATIO", "RATE", "%")
"""Units of a value that means nothing without its denominator and window."""

INSTRUMENTS = _words(
    ("grant", "보조", "grant"),
    ("equity", "출자", "equity"),
    ("loan", "융자", "loan"),
    ("guarantee", "보증", "guarantee"),
    ("compute", "GPU 시간", "compute"),
    ("space", "공간", "space"),
    ("training", "교육", "training"),
    ("petition", "규제 개선", "regulation"),
    ("other", "기타", "other"),
)
SECTORS = _words(
    ("ai", "인공지능", "AI"),
    ("chips", "반도체", "chips"),
    ("quantum", "양자", "quantum"),
    ("bio", "바이오", "bio"),
    ("fusion", "핵융합", "fusion"),
    ("space", "우주", "space"),
    ("robotics", "로봇·모빌리티", "robotics and mobility"),
    ("other", "기타", "other"),
)
STAGES = _words(
    ("available", "배정", "budgeted"),
    ("reserved", "예약", "reserved"),
    ("committed", "협약", "committed"),
    ("delivered", "지급·제공", "delivered"),
    ("returned", "반납", "returned"),
    ("lapsed", "불용", "lapsed"),
)
SECTIONS = _words(
    ("actions", "한 일", "Actions"),
    ("resources", "돈과 자원", "Money and resources"),
    ("timeliness", "처리 기한", "Timeliness"),
    ("advice", "전문가 조언에 대한 답", "Answers to experts' advice"),
    ("results", "결과", "Results"),
    ("limits", "이 보고의 한계", "Limits of this statement"),
)
"""Sections of a statement; earlier and next promises are the table `promises`."""
ACTIONS = _words(
    ("guidance", "안내서·지침", "guidance issued"),
    ("licence", "인허가", "licences decided"),
    ("sandbox", "규제샌드박스 진입", "sandbox entries"),
    ("rule_removed", "없애거나 고친 규제", "rules removed or changed"),
    ("award", "선정", "awards"),
    ("loan", "융자 실행", "loans"),
    ("investment", "투자", "investments"),
    ("gpu_hours", "GPU 시간 제공", "GPU-hours delivered"),
    ("space_let", "공간 제공", "space let"),
    ("seats_filled", "교육 수료", "training completed"),
)
DUE_STATES = _words(
    ("signed", "보고함", "signed"),
    ("signed_late", "늦게 보고함", "signed late"),
    ("nil", "해당 없음 보고", "nil return"),
    ("missing", "보고하지 않음", "missing"),
    ("not_yet_due", "기한 전", "not yet due"),
)
PROMISE_STATES = _words(
    ("promised", "약속", "promised"),
    ("met", "지킴", "met"),
    ("on_track", "진행", "on track"),
    ("late", "늦음", "late"),
    ("dropped", "접음", "dropped"),
)
RECIPIENT_CLASSES = _words(
    ("named", "이름 공개", "named"),
    ("person", "개인(비공개)", "person (withheld)"),
    ("aggregate", "여럿 묶음", "several together"),
    ("none", "받은 곳 적지 않음", "not stated"),
)
BASES = _words(
    ("ledger", "원장", "ledger"),
    ("typed", "기관이 적음", "stated by the agency"),
    ("nil", "해당 없음", "nil"),
    ("stated", "밝힘", "stated"),
    ("derived", "셈함", "derived"),
    ("assumed", "가정", "assumed"),
)
TARGET_RULES = _words(("at_least", "이상", "at least"), ("at_most", "이하", "at most"))


AGENCIES = Table(
    "agencies",
    "기관",
    "Agencies",
    ("agency",),
    _columns(
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("name_ko", "text", "기관명", "Name (Korean)", "required"),
        ("name_en", "text", "기관명(영문)", "Name (English)", "required"),
        ("named_from", "date", "이 이름을 쓴 날", "Named so from"),
        ("earlier_names", "text", "이전 이름", "Earlier names"),
        ("successor", "text", "승계 기관", "Succeeded by"),
        ("kind", "text", "기관 종류", "Kind of body"),
        ("reported", "boolean", "이번 기간 보고", "Reported this period", "required"),
    ),
    {"successor": ("agencies", "agency")},
    moving=(
        "name_ko",
        "name_en",
        "named_from",
        "earlier_names",
        "successor",
        "kind",
        "reported",
    ),
)

PROGRAMMES = Table(
    "programmes",
    "지원사업",
    "Programmes",
    ("programme",),
    _columns(
        ("programme", "text", "사업 코드", "Programme", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("name_ko", "text", "사업명", "Name (Korean)", "required"),
        ("name_en", "text", "사업명(영문)", "Name (English)", "required"),
        ("instrument", "text", "지원 수단", "Instrument", "required"),
        ("sector", "text", "분야", "Sector"),
        ("unit", "text", "단위", "Unit", "required"),
        ("legal_basis", "text", "근거", "Legal basis"),
    ),
    {"agency": ("agencies", "agency")},
    closed={"instrument": INSTRUMENTS, "sector": SECTORS},
    moving=("name_ko", "name_en", "legal_basis"),
)

RECORDS = Table(
    "records",
    "지원 내역",
    "Records of support",
    ("record",),
    _columns(
        ("record", "text", "지원번호", "Record", "required"),
        ("version", "integer", "변경차수", "Version", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("programme", "text", "사업 코드", "Programme", "required"),
        ("instrument", "text", "지원 수단", "Instrument", "required"),
        ("sector", "text", "분야", "Sector"),
        ("title", "text", "과제명", "Title"),
        ("recipient", "text", "받은 곳", "Recipient"),
        ("recipient_id", "text", "받은 곳 번호", "Recipient number"),
        ("recipient_class", "text", "공개구분", "Disclosure class", "required"),
        ("region", "text", "지역", "Region"),
        ("awarded_on", "date", "결정일", "Decided on", "required"),
        ("fiscal_year", "integer", "회계연도", "Fiscal year", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("amount", "amount", "금액·물량", "Amount", "required"),
        ("amount_national", "amount", "국비", "National share"),
        ("amount_city", "amount", "시비", "City share"),
        ("amount_district", "amount", "구비", "District share"),
        ("amount_own", "amount", "자부담", "Own contribution"),
        ("parent", "text", "상위 지원번호", "Parent record"),
        ("counts_in_total", "boolean", "합계 포함", "Counts in totals", "required"),
        ("source_system", "text", "원천 시스템", "Source system"),
        ("source_number", "text", "원천 번호", "Number there"),
        ("entry", "text", "분개 번호", "Ledger entry"),
    ),
    {
        "agency": ("agencies", "agency"),
        "programme": ("programmes", "programme"),
        "parent": ("records", "record"),
    },
    sums=("amount",),
    sums_where="counts_in_total",
    closed={
        "instrument": INSTRUMENTS,
        "sector": SECTORS,
        "recipient_class": RECIPIENT_CLASSES,
    },
    moving=("version", "entry"),
)

FLOWS = Table(
    "flows",
    "자금·자원 흐름",
    "Flows",
    ("agency", "programme", "stage", "unit", "quarter"),
    _columns(
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("programme", "text", "사업 코드", "Programme", "required"),
        ("instrument", "text", "지원 수단", "Instrument", "required"),
        ("sector", "text", "분야", "Sector"),
        ("stage", "text", "단계", "Stage", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("quarter", "text", "분기", "Quarter", "required"),
        ("amount", "amount", "금액·물량", "Amount", "required"),
        ("entries", "integer", "분개 수", "Ledger entries", "required"),
    ),
    {"agency": ("agencies", "agency"), "programme": ("programmes", "programme")},
    sums=("amount",),
    sums_by=("unit", "stage"),
    closed={"instrument": INSTRUMENTS, "sector": SECTORS, "stage": STAGES},
    moving=("amount", "entries"),
)

STATEMENTS = Table(
    "statements",
    "성장지원 실적 공시",
    "Statements",
    ("agency", "period"),
    _columns(
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("period", "text", "기간", "Period", "required"),
        ("version", "integer", "판", "Version", "required"),
        ("prepared_role", "text", "작성한 직책", "Prepared by (office)", "required"),
        ("signed_role", "text", "서명한 직책", "Signed by (office)", "required"),
        ("signed_at", "datetime", "서명한 때", "Signed at", "required"),
        ("due_on", "date", "기한", "Due on", "required"),
        ("days_late", "integer", "지연일", "Days late", "required"),
        ("nil", "boolean", "해당 없음 보고", "Nil return", "required"),
        ("ledger_lines", "integer", "원장 줄 수", "Ledger lines", "required"),
        ("content_hash", "text", "내용 해시", "Content hash", "required"),
    ),
    {"agency": ("agencies", "agency")},
    moving=(
        "prepared_role",
        "signed_role",
        "signed_at",
        "days_late",
        "nil",
        "ledger_lines",
        "content_hash",
    ),
)

STATEMENT_LINES = Table(
    "statement_lines",
    "공시 항목",
    "Lines of statements",
    ("agency", "period", "section", "line"),
    _columns(
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("period", "text", "기간", "Period", "required"),
        ("section", "text", "부문", "Section", "required"),
        ("line", "integer", "줄", "Line", "required"),
        ("code", "text", "항목 코드", "Item", "required"),
        ("programme", "text", "사업 코드", "Programme"),
        ("text_ko", "text", "내용", "Text (Korean)"),
        ("text_en", "text", "내용(영문)", "Text (English)"),
        ("value", "decimal", "값", "Value"),
        ("unit", "text", "단위", "Unit"),
        ("denominator", "decimal", "분모", "Denominator"),
        ("denominator_ko", "text", "분모 설명", "What the denominator is (Korean)"),
        ("denominator_en", "text", "분모 설명(영문)", "What the denominator is (English)"),
        ("window_start", "date", "측정 시작", "Measured from"),
        ("window_end", "date", "측정 끝", "Measured to"),
        ("method", "text", "방법", "Method"),
        ("basis", "text", "근거 구분", "Basis", "required"),
        ("evidence", "text", "증빙", "Evidence"),
    ),
    {"agency": ("agencies", "agency"), "programme": ("programmes", "programme")},
    closed={"section": SECTIONS, "basis": BASES},
)

DUE = Table(
    "due",
    "공시 의무",
    "Who owes a statement by when",
    ("agency", "period"),
    _columns(
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("period", "text", "기간", "Period", "required"),
        ("due_on", "date", "기한", "Due on", "required"),
        ("state", "text", "상태", "State", "required"),
        ("signed_at", "datetime", "서명한 때", "Signed at"),
        ("days_late", "integer", "지연일", "Days late", "required"),
        ("last_period", "text", "마지막 보고", "Last statement"),
        ("records_left_out", "integer", "빠진 내역", "Records left out", "required"),
        ("reason", "text", "까닭(기관이 적은 말)", "Reason (in the agency's words)"),
    ),
    {"agency": ("agencies", "agency")},
    closed={"state": DUE_STATES},
    moving=(
        "due_on",
        "state",
        "signed_at",
        "days_late",
        "last_period",
        "records_left_out",
        "reason",
    ),
)

PROMISES = Table(
    "promises",
    "약속",
    "Promises",
    ("promise", "period"),
    _columns(
        ("promise", "text", "약속 번호", "Promise", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("period", "text", "기간", "Reported in", "required"),
        ("made_in", "text", "약속한 기간", "Made in", "required"),
        ("text_ko", "text", "약속", "Promise (Korean)", "required"),
        ("text_en", "text", "약속(영문)", "Promise (English)", "required"),
        ("target", "decimal", "목표", "Target", "required"),
        ("target_rule", "text", "목표 방향", "Rule", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("due_on", "date", "기한", "Due on", "required"),
        ("now", "decimal", "지금", "Now"),
        ("state", "text", "상태", "State", "required"),
        ("reason", "text", "까닭", "Reason"),
        ("evidence", "text", "증빙", "Evidence"),
    ),
    {"agency": ("agencies", "agency")},
    closed={"target_rule": TARGET_RULES, "state": PROMISE_STATES},
)

CORRECTIONS = Table(
    "corrections",
    "고친 값",
    "Corrections",
    ("correction",),
    _columns(
        ("correction", "text", "정정 번호", "Correction", "required"),
        ("table", "text", "표", "Table", "required"),
        ("row", "text", "대상", "Row", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("field", "text", "항목", "Field", "required"),
        ("old", "text", "앞서 적은 값", "Old value"),
        ("new", "text", "고친 값", "New value"),
        ("reason", "text", "까닭", "Reason", "required"),
        ("corrected_on", "date", "고친 날", "Corrected on", "required"),
        ("entry", "text", "분개 번호", "Ledger entry"),
    ),
    {"agency": ("agencies", "agency")},
)

LEDGER_HEADS = Table(
    "ledger_heads",
    "원장 끝",
    "Ledger heads",
    ("ledger",),
    _columns(
        ("ledger", "text", "원장", "Ledger", "required"),
        ("entries", "integer", "분개 수", "Entries", "required"),
        ("chain", "text", "사슬 해시", "Chain hash", "required"),
        ("recorded_at", "datetime", "마지막 기록", "Last recorded at", "required"),
    ),
    {},
    moving=("entries", "chain", "recorded_at"),
)

SCHEMES = Table(
    "schemes",
    "계획(스킴)",
    "Schemes",
    ("scheme",),
    _columns(
        ("scheme", "text", "계획 코드", "Scheme", "required"),
        ("name_ko", "text", "이름", "Name (Korean)", "required"),
        ("name_en", "text", "이름(영문)", "Name (English)", "required"),
        ("summary_ko", "text", "요약", "Summary (Korean)"),
        ("summary_en", "text", "요약(영문)", "Summary (English)"),
        ("legal_form", "text", "법적 형태", "Legal form", "required"),
        ("proposed_on", "date", "제안일", "Proposed on"),
        ("stated", "integer", "밝힌 값", "Values stated", "required"),
        ("derived", "integer", "셈한 값", "Values derived", "required"),
        ("assumed", "integer", "가정한 값", "Values assumed", "required"),
        ("sha256", "text", "파일 해시", "File hash", "required"),
    ),
    {},
)

SCHEME_VALUES = Table(
    "scheme_values",
    "계획의 값과 근거",
    "Values of schemes",
    ("scheme", "path"),
    _columns(
        ("scheme", "text", "계획 코드", "Scheme", "required"),
        ("path", "text", "항목", "Path", "required"),
        ("label_ko", "text", "이름", "Label (Korean)"),
        ("label_en", "text", "이름(영문)", "Label (English)"),
        ("value", "text", "값", "Value", "required"),
        ("unit", "text", "단위", "Unit"),
        ("basis", "text", "근거 구분", "Basis", "required"),
        ("low", "text", "낮은 값", "Low"),
        ("high", "text", "높은 값", "High"),
        ("source", "text", "출처", "Source"),
        ("note", "text", "설명", "Note"),
    ),
    {"scheme": ("schemes", "scheme")},
    closed={"basis": BASES},
)

TARGETS = Table(
    "targets",
    "목표와 보고",
    "Targets and reports",
    ("scheme", "target", "period"),
    _columns(
        ("scheme", "text", "계획 코드", "Scheme", "required"),
        ("target", "text", "목표 코드", "Target", "required"),
        ("label_ko", "text", "목표", "Target (Korean)", "required"),
        ("label_en", "text", "목표(영문)", "Target (English)", "required"),
        ("definition_ko", "text", "정의", "Definition (Korean)"),
        ("definition_en", "text", "정의(영문)", "Definition (English)"),
        ("period", "text", "기간", "Period", "required"),
        ("target_value", "decimal", "목표값", "Target value", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("metric", "text", "보고 항목 코드", "Reported item"),
        ("reported_value", "decimal", "보고된 값", "Reported value"),
        ("statements", "integer", "보고한 기관 수", "Statements that report it", "required"),
    ),
    {"scheme": ("schemes", "scheme")},
    moving=("reported_value", "statements"),
)

FUTURES = Table(
    "futures",
    "계획의 앞날",
    "Futures of schemes",
    ("scheme", "name", "period"),
    _columns(
        ("scheme", "text", "계획 코드", "Scheme", "required"),
        ("name", "text", "지표 코드", "Series or measure", "required"),
        ("period", "text", "연도(all은 전체)", "Year, or all", "required"),
        ("label_ko", "text", "지표", "Label (Korean)", "required"),
        ("label_en", "text", "지표(영문)", "Label (English)", "required"),
        ("unit", "text", "단위", "Unit"),
        ("mean", "decimal", "평균", "Mean"),
        ("p05", "decimal", "아래 5%", "5 %"),
        ("p25", "decimal", "아래 25%", "25 %"),
        ("p50", "decimal", "가운데", "Median"),
        ("p75", "decimal", "아래 75%", "75 %"),
        ("p95", "decimal", "아래 95%", "95 %"),
        ("error", "decimal", "평균의 표준오차", "Standard error of the mean"),
        ("approximate", "boolean", "어림", "Approximate", "required"),
        ("paths", "integer", "앞날의 수", "Paths", "required"),
        ("engine", "text", "계산 방법", "Engine", "required"),
        ("engine_version", "text", "엔진 판", "Engine version", "required"),
        ("seed", "integer", "씨앗", "Seed", "required"),
        ("sha256", "text", "계획 파일 해시", "Hash of the scheme", "required"),
        ("definition_ko", "text", "정의", "Definition (Korean)", "required"),
        ("definition_en", "text", "정의(영문)", "Definition (English)", "required"),
    ),
    {"scheme": ("schemes", "scheme")},
)

FUNDS = funds_table(INSTRUMENTS, SECTORS)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        AGENCIES,
        PROGRAMMES,
        RECORDS,
        FLOWS,
        STATEMENTS,
        STATEMENT_LINES,
        DUE,
        PROMISES,
        CORRECTIONS,
        LEDGER_HEADS,
        SCHEMES,
        SCHEME_VALUES,
        TARGETS,
        FUTURES,
        FINDINGS,
        FINDING_ESTIMATES,
        FINDING_CHECKS,
        FINDING_POINTS,
        FUNDS,
        FUND_FLOWS,
        FUND_VALUES,
        FUND_DEALS,
        BENCHMARKS,
    )
}
"""Every open table by name, in the order they are written and shown."""
ADVICE_ANSWERS = _words(
    ("accepted", "받아들임", "accepted"),
    ("partly", "일부 받아들임", "partly accepted"),
    ("refused", "받아들이지 않음", "not accepted"),
    ("overdue", "답이 늦음", "answer overdue"),
)
"""Codes of statement lines in the section `advice`."""
MEASURES = _words(
    ("count", "건", "cases"),
    ("days", "일", "days"),
    ("people", "명", "people"),
    ("firms", "개사", "firms"),
    ("jobs", "개", "jobs"),
    ("percent", "%", "%"),
    ("ratio", "배", "ratio"),
    ("m2", "㎡", "m²"),
    ("cards", "장", "cards"),
)
"""Units of statement lines and promises beside the commodities of `core.units`."""
