"""What a scheme file may say, declared once as data.

The reader, the checks, the labels on the site and the reference page all read `SCHEME`. A key
that is not declared here is a problem at its own path.
"""

from collections.abc import Mapping
from fractions import Fraction

from koga.plan import declared_programmes
from koga.plan.schema import Field, Section
from koga.plan.words import (
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
    RATING_WORDS,
    RISK_FORM_WORDS,
    RISK_SHARING_WORDS,
    SETTLES_WORDS,
    SIDE_WORDS,
    SOURCE_KIND_WORDS,
    USE_WORDS,
)
from koga.release import tables
from koga.release.tables import Word

_ZERO, _ONE = Fraction(0), Fraction(1)


def _amount(name: str, ko: str, en: str, *, required: bool = False) -> Field:
    return Field(name, "amount", ko, en, required, minimum=_ZERO)


def _rate(
    name: str, ko: str, en: str, *, required: bool = False, low: Fraction = _ZERO, top: int = 1
) -> Field:
    return Field(name, "rate", ko, en, required, minimum=low, maximum=Fraction(top))


def _years(name: str, ko: str, en: str) -> Field:
    return Field(name, "years", ko, en, minimum=_ZERO, maximum=Fraction(100))


def _number(name: str, ko: str, en: str, low: int | None = None, top: int | None = None) -> Field:
    least = None if low is None else Fraction(low)
    most = None if top is None else Fraction(top)
    return Field(name, "number", ko, en, minimum=least, maximum=most)


def _count(name: str, ko: str, en: str, unit: str = "") -> Field:
    return Field(name, "count", ko, en, unit=unit, minimum=_ZERO)


def _choice(
    name: str,
    ko: str,
    en: str,
    choices: Mapping[str, Word],
    *,
    required: bool = False,
    missing: str = "scheme.missing",
) -> Field:
    return Field(name, "choice", ko, en, required, choices=choices, missing=missing)


def _code(name: str, ko: str, en: str, choices: Mapping[str, Word], required: bool = True) -> Field:
    return Field(name, "choice", ko, en, required, plain=True, choices=choices)


def _words(name: str, ko: str, en: str, *, required: bool = True) -> Field:
    return Field(name, "text", ko, en, required, plain=True)


def _by_year(name: str, ko: str, en: str, entry: Field | None = None) -> Section:
    return Section(name, ko, en, "by_year", entry=entry or _amount("", "금액", "Amount"))


_NAMES = (
    _words("name_ko", "이름", "Name (Korean)"),
    _words("name_en", "이름(영문)", "Name (English)"),
)
_BY_SIDE = (
    _by_year("fund", "펀드 돈", "Fund money"),
    _by_year("private", "민간 돈", "Private money"),
    _by_year("fiscal", "재정(위에 더함)", "Budget money (on top)"),
    _by_year("all", "합계", "All together"),
)
_TERMS = Section(
    "terms",
    "조건",
    "Terms",
    "one",
    (
        _rate("management_fee", "관리보수(연)", "Management fee a year"),
        _rate("parent_fund_fee", "모펀드 보수(연)", "Parent fund's fee a year"),
        _rate("hurdle_rate", "기준수익률(연)", "Hurdle rate a year"),
        _rate("carry", "성과보수", "Carried interest"),
        _rate("catch_up", "캐치업 비율", "Catch-up share"),
        _rate("manager_commitment", "운용사 출자비율", "Manager's commitment"),
        _rate("upside_to_private", "초과수익 이전 비율", "Public excess passed to private money"),
        _rate("blind_share", "블라인드 펀드 비율", "Share in blind funds"),
        _rate("project_share", "프로젝트 펀드 비율", "Share in project funds"),
        _years("term_years", "존속기간", "Term"),
        _years("overrun_years", "기간 연장", "Overrun of the term"),
        _years("investing_years", "투자기간", "Investing period"),
        _years("call_lag_years", "약정에서 첫 납입까지", "From commitment to first call"),
        _rate("loan_spread", "국고채 대비 융자 금리 차", "Loan rate over treasury", low=-_ONE),
        _rate("admin_cost", "관리비용(연)", "Administrative cost a year"),
    ),
)
_FIRST_LOSS = Section(
    "first_loss",
    "우선손실 부담",
    "First loss",
    "one",
    (
        _choice("provider", "부담하는 쪽", "Provider", BEARER_WORDS, required=True),
        _rate("share", "비율", "Share", required=True),
        _choice(
            "denominator",
            "비율의 분모",
            "Denominator of the share",
            DENOMINATOR_WORDS,
            required=True,
            missing="scheme.first_loss_denominator",
        ),
        _choice("level", "적용 단계", "Level at which it is triggered", LEVEL_WORDS, required=True),
        _choice("settles", "정산 시점", "Settles at", SETTLES_WORDS),
        _amount("amount", "금액", "Amount"),
        _amount("denominator_amount", "분모 금액", "Amount of the denominator"),
        _rate("share_of_total", "전체 대비 비율", "Share of the whole vehicle"),
    ),
)
_TRANCHE = Section(
    "tranche",
    "트랜치",
    "Tranches",
    "named",
    (
        Field("capital", "text", "돈의 원천", "Source of money", True, True, refers_to="capital"),
        _choice("rank", "순위", "Rank", RANK_WORDS, required=True),
        _amount("amount", "금액", "Amount"),
        _rate("share", "비율", "Share of the vehicle"),
    ),
)

_IDENTITY = Section(
    "scheme",
    "계획",
    "Identity",
    "one",
    (
        _words("code", "계획 코드", "Code"),
        *_NAMES,
        _words("summary_ko", "요약", "Summary (Korean)", required=False),
        _words("summary_en", "요약(영문)", "Summary (English)", required=False),
        _words("proposer_ko", "제안자", "Proposer (Korean)", required=False),
        _words("proposer_en", "제안자(영문)", "Proposer (English)", required=False),
        Field("proposed_on", "date", "제안일", "Proposed on", False, True),
        _choice("legal_form", "법적 형태", "Legal form", LEGAL_FORM_WORDS, required=True),
    ),
    required=True,
)
_SOURCES = Section(
    "sources",
    "출처",
    "Sources",
    "named",
    (
        _words("title", "제목", "Title"),
        _words("publisher", "낸 곳", "Publisher"),
        _words("date", "날짜", "Date, as far as it is known"),
        _code("kind", "종류", "Kind", SOURCE_KIND_WORDS),
        _words("url", "주소", "Address", required=False),
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
        _choice("risk_sharing", "위험 분담", "Who bears the risk", RISK_SHARING_WORDS),
        _choice("risk_form", "위험 분담의 형태", "Form of risk sharing", RISK_FORM_WORDS),
        _choice("use_of_gains", "이익의 쓰임", "Use of gains", GAINS_WORDS),
        _rate("reinvested_share", "이익 재투자 비율", "Share of net gains reinvested"),
        _rate("public_share", "공공 돈의 비율", "Public share of the size"),
        Field("first_year", "year", "첫해", "First year"),
        _years("deployment_years", "투입 기간", "Years of deployment"),
        _years("life_years", "마지막 납입 뒤 기간", "Years after the last call"),
        _rate("undeployed_share", "쓰지 못하는 비율", "Share never deployed"),
        _amount("demand", "등록된 수요", "Demand registered"),
        _count("demand_projects", "수요 사업 수", "Projects in the demand", "projects"),
    ),
)
_SIZE = Section("size", "규모", "Size", "one", _BY_SIDE, required=True)
_PACE = Section(
    "pace",
    "해마다 약정하는 비율",
    "Share committed each year",
    "by_year",
    entry=_rate("", "비율", "Share"),
    sums_to_one=True,
)
_CAPITAL = Section(
    "capital",
    "돈의 원천",
    "Sources of money",
    "named",
    (
        *_NAMES,
        _code("side", "어느 쪽 돈", "Whose money", SIDE_WORDS),
        _code("kind", "종류", "Kind", CAPITAL_KIND_WORDS),
        _choice("rank", "순위", "Rank", RANK_WORDS, required=True),
        _rate("share", "그 쪽 돈에서의 비율", "Share of its side"),
        _by_year("amount", "금액", "Amount"),
        Section(
            "bond",
            "채권",
            "Bonds",
            "one",
            (
                _by_year("limit", "발행 한도", "Issue limit"),
                _years("maturity_min_years", "가장 짧은 만기", "Shortest maturity"),
                _years("maturity_max_years", "가장 긴 만기", "Longest maturity"),
                _years("maturity_years", "평균 만기", "Mean maturity"),
                _rate("guaranteed_share", "국가보증 비율", "Share guaranteed by the state"),
                _rate("spread", "국고채 대비 금리 차", "Spread over treasury", low=-_ONE),
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
        _rate("share", "전체에서의 비율", "Share of the size"),
        _rate("fund_share", "이 가운데 펀드 돈", "Fund money's part of it"),
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
        *_NAMES,
        _code("instrument", "투자 수단", "Instrument", INSTRUMENT_WORDS),
        _by_year("size", "규모", "Size"),
        _by_year("fund", "펀드 돈", "Fund money"),
        _by_year("private", "민간 돈", "Private money"),
        _by_year("fiscal", "재정", "Budget money"),
        _years("lock_years", "환매 제한 기간", "Lock-up"),
        _count("sub_funds", "자펀드 수", "Number of sub-funds", "funds"),
        _TRANCHE,
        _FIRST_LOSS,
        _TERMS,
    ),
)
_CLASS = Section(
    "class",
    "건 묶음",
    "Classes of deals",
    "named",
    (
        *_NAMES,
        Field(
            "instruments", "list", "투자 수단", "Instruments", True, True, choices=INSTRUMENT_WORDS
        ),
        _rate("share", "그 수단에서의 비율", "Share of the instrument", required=True),
        _amount("ticket", "한 건의 크기", "Size of one deal", required=True),
        _years("holding_years", "보유 기간", "Holding time"),
        _number("holding_shape", "보유 기간 분포의 모양", "Shape of the holding time", 0),
        _number("beta", "시장 민감도", "Market beta", -5, 10),
        _rate("sector_volatility", "분야 변동성", "Sector volatility", top=5),
        _rate("follow_on_share", "후속 투자 몫", "Share kept for follow-on rounds"),
        Section(
            "multiple",
            "회수 배수의 분포",
            "Distribution of the multiple",
            "one",
            (
                _rate("zero_share", "전액 손실 확률", "Chance of losing all"),
                _number("log_mean", "로그 평균", "Log mean", -10, 10),
                _number("log_deviation", "로그 표준편차", "Log deviation", 0, 10),
                _number("tail_alpha", "꼬리 지수", "Tail exponent", 0, 100),
                _number("tail_from", "꼬리 시작 배수", "Multiple where the tail starts", 0),
                _number("cap", "배수의 상한", "Cap of the multiple", 0),
            ),
        ),
        Section(
            "loan",
            "융자",
            "Loans",
            "one",
            (
                Section(
                    "rating",
                    "신용등급 구성",
                    "Mix of ratings",
                    "by_name",
                    entry=_rate("", "비율", "Share"),
                    names=RATING_WORDS,
                    sums_to_one=True,
                ),
                _rate("loss_given_default", "부도시 손실률", "Loss given default"),
                _rate("asset_correlation", "자산 상관", "Asset correlation"),
                _years("tenor_years", "만기", "Tenor"),
                _years("grace_years", "거치 기간", "Grace period"),
            ),
        ),
        Section(
            "project_finance",
            "투융자",
            "Infrastructure",
            "one",
            (
                _rate("equity_share", "지분 비율", "Equity share"),
                _rate("debt_rate", "대출 금리", "Rate on debt"),
                _rate("equity_return", "지분 수익률", "Return on equity"),
                _years("construction_years", "건설 기간", "Construction"),
                _years("tenor_years", "만기", "Tenor"),
                _rate("default_share", "누적 부도율", "Cumulative default"),
                _rate("recovery_share", "회수율", "Recovery"),
            ),
        ),
        *declared_programmes.CLASS_PARTS,
    ),
)
_SECTOR = Section(
    "sector",
    "분야",
    "Sectors",
    "named",
    (
        *_NAMES,
        _code(
            "code", "공개표의 분야 코드", "Sector code of the open tables", tables.SECTORS, False
        ),
        _rate("weight", "비중", "Weight"),
        _by_year("amount", "금액", "Amount"),
        _rate("zero_share_added", "전액 손실 확률에 더함", "Added to the chance of losing all"),
        _number("log_deviation_added", "로그 표준편차에 더함", "Added to the log deviation", 0, 5),
        _years("holding_years_added", "보유 기간에 더함", "Added to the holding time"),
    ),
)
_MARKET = Section(
    "market",
    "시장",
    "Market",
    "one",
    (
        _rate("volatility", "주식시장 변동성(연)", "Volatility of the market a year", top=5),
        _rate("premium", "주식 위험 프리미엄", "Equity premium", low=-_ONE),
        _rate("memory", "해마다 이어지는 정도", "Memory from year to year", low=-_ONE),
        _rate("treasury_rate", "국고채 금리", "Treasury rate", low=-_ONE),
        _rate("social_discount_rate", "사회적 할인율", "Social discount rate"),
        _rate("inflation", "물가 상승률", "Inflation", low=-_ONE),
        Section(
            "curve",
            "국고채 수익률곡선(만기별)",
            "Treasury curve by maturity",
            "by_name",
            entry=_rate("", "금리", "Rate", low=-_ONE),
        ),
    ),
)
_OBLIGATION = Section(
    "obligation",
    "의무",
    "Obligations",
    "named",
    (
        *_NAMES,
        _choice(
            "base", "분모", "Base", BASE_WORDS, required=True, missing="scheme.obligation_base"
        ),
        _choice("numerator", "분자 규칙", "Numerator", NUMERATOR_WORDS, required=True),
        Field("threshold", "limit", "하한", "At least", True, minimum=_ZERO),
        _choice("per", "재는 기간", "Measured per", PER_WORDS, required=True),
        Field("due_on", "date", "기한", "By"),
        _years("within_years", "기한(햇수)", "Within years"),
    ),
)
_PROJECT = Section(
    "project",
    "알려진 사업",
    "Known projects",
    "named",
    (
        *_NAMES,
        _code("instrument", "투자 수단", "Instrument", INSTRUMENT_WORDS, False),
        Field("sector", "text", "분야", "Sector", False, True, refers_to="sector"),
        _amount("project_cost", "총사업비", "Cost of the project"),
        _amount("announced", "발표액", "Announced"),
        _amount("approved", "승인액", "Approved"),
        _amount("contracted", "약정액", "Contracted"),
        _amount("drawn", "집행액(인출)", "Drawn"),
        _amount("repaid", "상환액", "Repaid"),
        _amount("of_which_banks", "승인액 가운데 은행 몫", "Part carried by banks"),
        Field("approved_on", "date", "승인일", "Approved on"),
        Field("drawn_from", "text", "인출 시작", "Drawn from"),
        Field("operating_from", "year", "가동 연도", "Operating from"),
        _years("tenor_min_years", "만기(짧게)", "Tenor at least"),
        _years("tenor_max_years", "만기(길게)", "Tenor at most"),
    ),
)
_PROGRAMME = Section(
    "programme",
    "지원사업",
    "Programmes",
    "list",
    (
        _words("id", "코드", "Code"),
        *_NAMES,
        _code("instrument", "지원 수단", "Instrument", tables.INSTRUMENTS),
        Field("sector", "text", "분야", "Sector", False, True, refers_to="sector"),
        _words("unit", "단위", "Unit"),
        Field("capital", "text", "돈의 원천", "Paid from", False, True, refers_to="capital"),
        Field("target", "text", "목표", "Target", False, True, refers_to="target"),
        Field(
            "unit_cost", "amount", "단가", "Cost of one unit", True, minimum=_ZERO,
            missing="scheme.programme_cost",
        ),
        Section(
            "quantity", "연도별 물량", "Quantity by year", "by_year",
            entry=_count("", "물량", "Quantity", "@unit"), required=True,
            missing="scheme.programme_quantity",
        ),
        _rate("completion_share", "수료율", "Share that completes"),
        _rate("placement_share", "취업률", "Share in work after completing"),
        _years("placement_window_years", "취업률을 재는 때", "Window of the placement rate"),
        _rate("counterfactual_share", "지원 없이도 취업", "Would have found work anyway"),
        _rate("leaving_rate", "해마다 떠나는 비율", "Share leaving a year"),
        _rate("utilisation_share", "가동률", "Utilisation"),
        _years("life_years", "쓰는 햇수", "Useful life"),
        *declared_programmes.PROGRAMME_PARTS,
    ),
)  # fmt: skip
_TARGET = Section(
    "target",
    "목표",
    "Targets",
    "list",
    (
        _words("id", "코드", "Code"),
        *_NAMES,
        _words("definition_ko", "정의", "Definition (Korean)"),
        _words("definition_en", "정의(영문)", "Definition (English)"),
        _words("metric", "보고 항목 코드", "Code that statements report"),
        _words("unit", "단위", "Unit"),
        _code("rule", "방향", "Rule", tables.TARGET_RULES, False),
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
            "part", "구성", "Parts", "by_name", entry=_number("", "몫", "Part", 0)
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
        _CLASS,
        _SECTOR,
        _MARKET,
        _OBLIGATION,
        _PROJECT,
        _PROGRAMME,
        _TARGET,
        *declared_programmes.SECTIONS,
    ),
)
"""The whole format, in the order a file is best written."""
