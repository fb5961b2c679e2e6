"""The open tables of funds: who runs them, what went in and out by quarter, what they are worth.

A fund's own figures (calls, distributions, fees, carry, result, value) stand here where a statute
publishes them fund by fund. What concerns single firms does not: deals that have ended are told
together, in spans that close when five firms have ended since the last one; a span that has closed
never changes, so that two releases beside each other tell no single firm's result.
"""

from collections.abc import Mapping

from koga.release.table import Table, Word, columns_of, words

GONE = "*"
"""Among the moving columns of a table: its rows may go from one release to the next."""
FIRMS_LEAST = 5
"""Firms that an ended span has at least, and that must remain beside it unless none does."""

DISCLOSURES = words(
    ("fund", "펀드별 공시", "published fund by fund"),
    ("withheld", "비공개", "withheld"),
)
FLOW_KINDS = words(
    ("call", "납입", "paid in by investors"),
    ("distribution", "배분", "distributed to investors"),
    ("fee", "관리보수", "management fee"),
    ("expense", "조합운영경비", "fund expenses"),
    ("carry", "성과보수", "carried interest paid"),
    ("result", "투자손익", "result of investments"),
)
"""`result` is realised and unrealised together; it moves no cash between fund and investors."""
OUTGOING = ("distribution", "fee", "expense", "carry")
"""Kinds by which a fund's assets fall; by the others they grow."""


def funds_table(instruments: Mapping[str, Word], sectors: Mapping[str, Word]) -> Table:
    """The register of funds, closed by the lists that programmes use."""
    columns = columns_of(
        ("fund", "text", "펀드 코드", "Fund", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("name_ko", "text", "펀드명", "Name (Korean)", "required"),
        ("name_en", "text", "펀드명(영문)", "Name (English)", "required"),
        ("manager", "text", "운용사 코드", "Manager", "required"),
        ("manager_ko", "text", "운용사", "Manager's name (Korean)", "required"),
        ("manager_en", "text", "운용사(영문)", "Manager's name (English)", "required"),
        ("vintage", "integer", "결성연도", "Vintage", "required"),
        ("instrument", "text", "지원 수단", "Instrument", "required"),
        ("sector", "text", "분야", "Sector"),
        ("legal_form", "text", "법적 형태", "Legal form"),
        ("unit", "text", "단위", "Unit", "required"),
        ("disclosure", "text", "공시 단위", "Disclosure", "required"),
        ("legal_basis", "text", "공시 근거", "Legal basis of disclosure"),
        ("through", "text", "마지막 분기", "Figures through"),
        ("commitment", "amount", "출자약정", "Commitments"),
        ("paid_in", "amount", "납입 누계", "Paid in to date"),
        ("distributed", "amount", "배분 누계", "Distributed to date"),
        ("costs", "amount", "보수·경비 누계", "Fees and expenses to date"),
        ("carry_paid", "amount", "성과보수 누계", "Carry paid to date"),
        ("ended_on", "date", "청산일", "Ended on"),
        ("rules_sha256", "text", "규약 해시", "Hash of the rules"),
    )
    return Table(
        "funds", "펀드", "Funds", ("fund",), columns,
        {"agency": ("agencies", "agency")},
        closed={"instrument": instruments, "sector": sectors, "disclosure": DISCLOSURES},
        moving=(
            "name_ko", "name_en", "manager", "manager_ko", "manager_en", "legal_basis", "through",
            "commitment", "paid_in", "distributed", "costs", "carry_paid", "ended_on",
            "rules_sha256", "disclosure",
        ),
    )  # fmt: skip


INDEX_KINDS = words(
    ("total_return", "총수익지수(배당 포함)", "total return, dividends included"),
    ("price", "가격지수(배당 제외)", "price alone, without dividends"),
)
BENCHMARKS = Table(
    "benchmarks",
    "벤치마크 지수",
    "Benchmarks",
    ("benchmark", "day"),
    columns_of(
        ("benchmark", "text", "지수 코드", "Benchmark", "required"),
        ("day", "date", "날짜", "Day", "required"),
        ("name_ko", "text", "지수명", "Name (Korean)", "required"),
        ("name_en", "text", "지수명(영문)", "Name (English)", "required"),
        ("kind", "text", "지수 종류", "Kind of index", "required"),
        ("value", "decimal", "값", "Value", "required"),
        ("source", "text", "출처", "Source", "required"),
    ),
    {},
    closed={"kind": INDEX_KINDS},
    moving=(GONE, "name_ko", "name_en", "source"),
)

FUND_FLOWS = Table(
    "fund_flows",
    "펀드 흐름",
    "Flows of funds",
    ("fund", "quarter", "kind"),
    columns_of(
        ("fund", "text", "펀드 코드", "Fund", "required"),
        ("quarter", "text", "분기", "Quarter", "required"),
        ("kind", "text", "흐름", "Kind", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("amount", "amount", "금액", "Amount", "required"),
    ),
    {"fund": ("funds", "fund")},
    sums=("amount",),
    sums_by=("unit", "kind"),
    closed={"kind": FLOW_KINDS},
    moving=(GONE, "amount"),
)

FUND_VALUES = Table(
    "fund_values",
    "펀드 순자산",
    "Values of funds",
    ("fund", "quarter"),
    columns_of(
        ("fund", "text", "펀드 코드", "Fund", "required"),
        ("quarter", "text", "분기", "Quarter", "required"),
        ("unit", "text", "단위", "Unit", "required"),
        ("nav", "amount", "순자산가치(출자자 몫)", "Net asset value", "required"),
        ("carry_accrued", "amount", "미지급 성과보수", "Accrued carry", "required"),
    ),
    {"fund": ("funds", "fund")},
    moving=(GONE, "nav", "carry_accrued"),
)

FUND_DEALS = Table(
    "fund_deals",
    "끝난 투자",
    "Deals that ended",
    ("fund", "span"),
    columns_of(
        ("fund", "text", "펀드 코드", "Fund", "required"),
        ("span", "integer", "구간", "Span", "required"),
        ("quarter_from", "text", "첫 분기", "From quarter"),
        ("quarter_to", "text", "끝 분기", "To quarter"),
        ("firms", "integer", "기업 수", "Firms"),
        ("unit", "text", "단위", "Unit", "required"),
        ("cost", "amount", "투자원금", "Cost"),
        ("proceeds", "amount", "투자회수금", "Proceeds"),
        ("hidden", "boolean", "숨김(5개사 미만)", "Hidden (under five firms)", "required"),
    ),
    {"fund": ("funds", "fund")},
    moving=(GONE, "quarter_from", "quarter_to", "firms", "cost", "proceeds", "hidden"),
)
