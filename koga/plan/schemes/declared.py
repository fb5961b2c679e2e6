"""What a scheme file may say, declared once as data.

The reader, the checks, the labels on the site and the reference page all read `SCHEME`. A key
that is not declared here is a problem at its own path.
"""

from dataclasses import replace
from fractions import Fraction

from koga.plan.schemes import declared_deals, declared_fiscal, declared_programmes, fields
from koga.plan.schemes.schema import Field, Section
from koga.plan.schemes.words import (
    BASE_WORDS,
    BEARER_WORDS,
    CAPITAL_KIND_WORDS,
    DENOMINATOR_WORDS,
    GAINS_WORDS,
    INSTRUMENT_WORDS,
    LEGAL_FORM_WORDS,
    LEVEL_WORDS,
    NUMERATOR_WORDS,
    PER_WORDS,
    RANK_WORDS,
    RISK_FORM_WORDS,
    RISK_SHARING_WORDS,
    SETTLES_WORDS,
    SIDE_WORDS,
    SOURCE_KIND_WORDS,
    USE_WORDS,
)
from koga.release import tables

_ZERO, _ONE = Fraction(0), Fraction(1)


_BY_SIDE = (
    fields.by_year("fund", "펀드 돈", "Fund money"),
    fields.by_year("private", "민간 돈", "Private money"),
    fields.by_year("fiscal", "재정(위에 더함)", "Budget money (on top)"),
    fields.by_year("all", "합계", "All together"),
)
_TERMS = Section(
    "terms",
    "조건",
    "Terms",
    "one",
    (
        fields.rate("management_fee", "관리보수(연)", "Management fee a year"),
        fields.rate("parent_fund_fee", "모펀드 보수(연)", "Parent fund's fee a year"),
        fields.rate("hurdle_rate", "기준수익률(연)", "Hurdle rate a year"),
        fields.rate("carry", "성과보수", "Carried interest"),
        fields.rate("catch_up", "캐치업 비율", "Catch-up share"),
        fields.rate("manager_commitment", "운용사 출자비율", "Manager's commitment"),
        fields.rate(
            "upside_to_private", "초과수익 이전 비율", "Public excess passed to private money"
        ),
        fields.rate("blind_share", "블라인드 펀드 비율", "Share in blind funds"),
        fields.rate("project_share", "프로젝트 펀드 비율", "Share in project funds"),
        fields.years("term_years", "존속기간", "Term"),
        fields.years("overrun_years", "기간 연장", "Overrun of the term"),
        fields.years("investing_years", "투자기간", "Investing period"),
        fields.years("call_lag_years", "약정에서 첫 납입까지", "From commitment to first call"),
        fields.rate(
            "loan_spread", "국고채 대비 융자 금리 차", "Loan rate over treasury", low=-_ONE
        ),
        fields.rate("admin_cost", "관리비용(연)", "Administrative cost a year"),
    ),
)
_FIRST_LOSS = Section(
    "first_loss",
    "우선손실 부담",
    "First loss",
    "one",
    (
        fields.choice("provider", "부담하는 쪽", "Provider", BEARER_WORDS, required=True),
        fields.rate("share", "비율", "Share", required=True),
        fields.choice(
            "denominator",
            "비율의 분모",
            "Denominator of the share",
            DENOMINATOR_WORDS,
            required=True,
            missing="scheme.first_loss_denominator",
        ),
        fields.choice(
            "level", "적용 단계", "Level at which it is triggered", LEVEL_WORDS, required=True
        ),
        fields.choice("settles", "정산 시점", "Settles at", SETTLES_WORDS),
        fields.amount("amount", "금액", "Amount"),
        fields.amount("denominator_amount", "분모 금액", "Amount of the denominator"),
        fields.rate("share_of_total", "전체 대비 비율", "Share of the whole vehicle"),
    ),
)
_TRANCHE = Section(
    "tranche",
    "트랜치",
    "Tranches",
    "named",
    (
        fields.words("name_ko", "이름", "Name (Korean)", required=False),
        fields.words("name_en", "이름(영문)", "Name (English)", required=False),
        Field("capital", "text", "돈의 원천", "Source of money", True, True, refers_to="capital"),
        fields.choice("rank", "순위", "Rank", RANK_WORDS, required=True),
        fields.amount("amount", "금액", "Amount"),
        fields.rate("share", "비율", "Share of the vehicle"),
    ),
)

_IDENTITY = Section(
    "scheme",
    "계획",
    "Identity",
    "one",
    (
        fields.words("code", "계획 코드", "Code"),
        *fields.NAMES,
        fields.words("summary_ko", "요약", "Summary (Korean)", required=False),
        fields.words("summary_en", "요약(영문)", "Summary (English)", required=False),
        fields.words("proposer_ko", "제안자", "Proposer (Korean)", required=False),
        fields.words("proposer_en", "제안자(영문)", "Proposer (English)", required=False),
        Field("proposed_on", "date", "제안일", "Proposed on", False, True),
        fields.choice("legal_form", "법적 형태", "Legal form", LEGAL_FORM_WORDS, required=True),
    ),
    required=True,
)
_SOURCES = Section(
    "sources",
    "출처",
    "Sources",
    "named",
    (
        fields.words("title", "제목", "Title"),
        fields.words("publisher", "낸 곳", "Publisher"),
        fields.words("date", "날짜", "Date, as far as it is known"),
        fields.code("kind", "종류", "Kind", SOURCE_KIND_WORDS),
        fields.words("url", "주소", "Address", required=False),
    ),
)
_FUND = Section(
    "fund",
    "펀드",
    "The fund as a whole",
    "one",
    (
        Field("vehicle", "text", "그릇(설립 형태)", "Vehicle"),
        Field("uses", "list", "쓰임", "Uses", choices=USE_WORDS),
        Field("sectors", "list", "분야", "Sectors", refers_to="sector"),
        fields.choice("risk_sharing", "위험 분담", "Who bears the risk", RISK_SHARING_WORDS),
        fields.choice("risk_form", "위험 분담의 형태", "Form of risk sharing", RISK_FORM_WORDS),
        fields.choice("use_of_gains", "이익의 쓰임", "Use of gains", GAINS_WORDS),
        fields.rate("reinvested_share", "회수금 재투자 비율", "Share of receipts put in again"),
        fields.rate("public_share", "공공 돈의 비율", "Public share of the size"),
        Field("first_year", "year", "첫해", "First year"),
        fields.years("deployment_years", "투입 기간", "Years of deployment"),
        fields.years("life_years", "마지막 납입 뒤 기간", "Years after the last call"),
        fields.rate("undeployed_share", "쓰지 못하는 비율", "Share never deployed"),
        fields.by_year("cash_limit", "회계연도 현금 한도", "Limit on public cash of a fiscal year"),
        fields.amount("demand", "등록된 수요", "Demand registered"),
        fields.count("demand_projects", "수요 사업 수", "Projects in the demand", "projects"),
    ),
)
_SIZE = Section("size", "규모", "Size", "one", _BY_SIDE, required=True)
_PACE = Section(
    "pace",
    "해마다 약정하는 비율",
    "Share committed each year",
    "by_year",
    entry=fields.rate("", "비율", "Share"),
    sums_to_one=True,
)
_CAPITAL = Section(
    "capital",
    "돈의 원천",
    "Sources of money",
    "named",
    (
        *fields.NAMES,
        fields.code("side", "어느 쪽 돈", "Whose money", SIDE_WORDS),
        fields.code("kind", "종류", "Kind", CAPITAL_KIND_WORDS),
        fields.choice("rank", "순위", "Rank", RANK_WORDS, required=True),
        fields.rate("share", "그 쪽 돈에서의 비율", "Share of its side"),
        fields.by_year("amount", "금액", "Amount"),
        declared_fiscal.PAYER,
        Section(
            "bond",
            "채권",
            "Bonds",
            "one",
            (
                fields.by_year("limit", "발행 한도", "Issue limit"),
                fields.years("maturity_min_years", "가장 짧은 만기", "Shortest maturity"),
                fields.years("maturity_max_years", "가장 긴 만기", "Longest maturity"),
                fields.years("maturity_years", "평균 만기", "Mean maturity"),
                fields.rate("guaranteed_share", "국가보증 비율", "Share guaranteed by the state"),
                fields.rate("spread", "국고채 대비 금리 차", "Spread over treasury", low=-_ONE),
                *declared_fiscal.BOND_PARTS,
            ),
        ),
    ),
)
_INSTRUMENT = Section(
    "instrument",
    "투자 수단",
    "Instruments",
    "named",
    (
        fields.rate("share", "전체에서의 비율", "Share of the size"),
        fields.rate("fund_share", "이 가운데 펀드 돈", "Fund money's part of it"),
        *_BY_SIDE,
        _TERMS,
    ),
    names=INSTRUMENT_WORDS,
    required=True,
)
_VEHICLE = Section(
    "vehicle",
    "그릇(자펀드·모펀드)",
    "Vehicles",
    "named",
    (
        *fields.NAMES,
        fields.code("instrument", "투자 수단", "Instrument", INSTRUMENT_WORDS),
        fields.by_year("size", "규모", "Size"),
        fields.by_year("fund", "펀드 돈", "Fund money"),
        fields.by_year("private", "민간 돈", "Private money"),
        fields.by_year("fiscal", "재정", "Budget money"),
        fields.years("lock_years", "환매 제한 기간", "Lock-up"),
        fields.count("sub_funds", "자펀드 수", "Number of sub-funds", "funds"),
        _TRANCHE,
        _FIRST_LOSS,
        replace(_TERMS, parts=tuple(one for one in _TERMS.parts if one.name != "loan_spread")),
    ),
)
_OBLIGATION = Section(
    "obligation",
    "의무",
    "Obligations",
    "named",
    (
        *fields.NAMES,
        fields.choice(
            "base", "분모", "Base", BASE_WORDS, required=True, missing="scheme.obligation_base"
        ),
        fields.choice("numerator", "분자 규칙", "Numerator", NUMERATOR_WORDS, required=True),
        Field("threshold", "limit", "하한", "At least", True, minimum=_ZERO),
        fields.choice("per", "재는 기간", "Measured per", PER_WORDS, required=True),
        Field("due_on", "date", "기한", "By"),
        fields.years("within_years", "기한(햇수)", "Within years"),
    ),
)
_PROJECT = Section(
    "project",
    "알려진 사업",
    "Known projects",
    "named",
    (
        *fields.NAMES,
        fields.code("instrument", "투자 수단", "Instrument", INSTRUMENT_WORDS, False),
        Field("sector", "text", "분야", "Sector", False, True, refers_to="sector"),
        fields.amount("project_cost", "총사업비", "Cost of the project"),
        fields.amount("announced", "발표액", "Announced"),
        fields.amount("approved", "승인액", "Approved"),
        fields.amount("contracted", "약정액", "Contracted"),
        fields.amount("drawn", "집행액(인출)", "Drawn"),
        fields.amount("repaid", "상환액", "Repaid"),
        fields.amount("of_which_banks", "승인액 가운데 은행 몫", "Part carried by banks"),
        Field("approved_on", "date", "승인일", "Approved on"),
        Field("drawn_from", "text", "인출 시작", "Drawn from"),
        Field("operating_from", "year", "가동 연도", "Operating from"),
        fields.years("tenor_min_years", "만기(짧게)", "Tenor at least"),
        fields.years("tenor_max_years", "만기(길게)", "Tenor at most"),
    ),
)
_PROGRAMME = Section(
    "programme",
    "지원사업",
    "Programmes",
    "list",
    (
        fields.words("id", "코드", "Code"),
        *fields.NAMES,
        fields.code("instrument", "지원 수단", "Instrument", tables.INSTRUMENTS),
        Field("sector", "text", "분야", "Sector", False, True, refers_to="sector"),
        fields.words("unit", "단위", "Unit"),
        Field("capital", "text", "돈의 원천", "Paid from", False, True, refers_to="capital"),
        Field("target", "text", "목표", "Target", False, True, refers_to="target"),
        Field(
            "unit_cost", "amount", "단가", "Cost of one unit", True, minimum=_ZERO,
            missing="scheme.programme_cost",
        ),
        Section(
            "quantity", "연도별 물량", "Quantity by year", "by_year",
            entry=fields.count("", "물량", "Quantity", "@unit"), required=True,
            missing="scheme.programme_quantity",
        ),
        fields.rate("completion_share", "수료율", "Share that completes"),
        fields.rate("placement_share", "취업률", "Share in work after completing"),
        fields.years("placement_window_years", "취업률을 재는 때", "Window of the placement rate"),
        fields.rate("counterfactual_share", "지원 없이도 취업", "Would have found work anyway"),
        fields.rate("leaving_rate", "해마다 떠나는 비율", "Share leaving a year"),
        fields.rate("utilisation_share", "가동률", "Utilisation"),
        fields.years("life_years", "쓰는 햇수", "Useful life"),
        *declared_programmes.PROGRAMME_PARTS,
        declared_fiscal.PAYER,
    ),
)  # fmt: skip
_TARGET = Section(
    "target",
    "목표",
    "Targets",
    "list",
    (
        fields.words("id", "코드", "Code"),
        *fields.NAMES,
        fields.words("definition_ko", "정의", "Definition (Korean)"),
        fields.words("definition_en", "정의(영문)", "Definition (English)"),
        fields.words("metric", "보고 항목 코드", "Code that statements report"),
        fields.words("unit", "단위", "Unit"),
        fields.code("rule", "방향", "Rule", tables.TARGET_RULES, False),
        Field("yearly", "number", "해마다", "Each year", unit="@unit", minimum=_ZERO),
        Field("periods", "list", "견줄 기간", "Periods compared", False, True),
        Section(
            "value",
            "기간별 값",
            "Value by period",
            "by_name",
            entry=Field("", "number", "목표값", "Target", unit="@unit", minimum=_ZERO),
        ),
        Section(
            "part",
            "구성",
            "Parts",
            "by_name",
            entry=Field("", "number", "몫", "Part", unit="@unit", minimum=_ZERO),
        ),
    ),
)  # fmt: skip

SCHEME = Section(
    "",
    "계획 파일",
    "Scheme file",
    "one",
    (
        _IDENTITY,
        _SOURCES,
        _FUND,
        _SIZE,
        _PACE,
        _CAPITAL,
        _INSTRUMENT,
        _VEHICLE,
        declared_deals.CLASS,
        declared_deals.SECTOR,
        declared_deals.MARKET,
        _OBLIGATION,
        _PROJECT,
        _PROGRAMME,
        _TARGET,
        *declared_programmes.SECTIONS,
        *declared_fiscal.SECTIONS,
    ),
)
"""The whole format, in the order a file is best written."""
