"""What a scheme may say about programmes beside the fund and about markets that take its money in.

Merged into `declared.SCHEME`. A training programme becomes a track of the talent pipeline with a
`track`, a computing programme gets its costs from `supply`, space from `space`, petitions from
`queue`, key talents from `treatment`; without them a programme is quantity times unit cost.
"""

from fractions import Fraction

from koga.plan.schemes.schema import Field, Section
from koga.plan.schemes.words import INSTRUMENT_WORDS

_ZERO, _ONE = Fraction(0), Fraction(1)


def _rate(name: str, ko: str, en: str, *, required: bool = True) -> Field:
    return Field(name, "rate", ko, en, required, minimum=_ZERO, maximum=_ONE)


def _change(name: str, ko: str, en: str) -> Field:
    return Field(name, "rate", ko, en, minimum=-_ONE, maximum=Fraction(5))


def _number(name: str, ko: str, en: str, low: int = 0, top: int | None = None) -> Field:
    most = None if top is None else Fraction(top)
    return Field(name, "number", ko, en, True, minimum=Fraction(low), maximum=most)


def _count(name: str, ko: str, en: str, low: int = 0, top: int | None = None) -> Field:
    most = None if top is None else Fraction(top)
    return Field(name, "count", ko, en, True, minimum=Fraction(low), maximum=most)


def _won(name: str, ko: str, en: str, *, required: bool = True) -> Field:
    return Field(name, "amount", ko, en, required, minimum=_ZERO)


TRACK = Section(
    "track",
    "인재 과정",
    "Talent track",
    "one",
    (
        _number("applicants_per_seat", "정원 한 석당 신청자", "Applicants per place"),
        _rate("applicants_deviation", "신청자 수의 흔들림", "Deviation of applications"),
        _rate("take_up_share", "합격자 등록률", "Share of the admitted who enrol"),
        _rate("repeat_share", "다른 과정을 거친 신청자", "Applicants who took a course before"),
        _count("intakes", "한 해 기수", "Intakes a year", 1, 12),
        _count("decision_months", "신청에서 선발까지(달)", "Months to the decision", 0, 12),
        _count("waiting_months", "선발에서 시작까지(달)", "Months from decision to start", 0, 12),
        _count("course_months", "교육 기간(달)", "Months of the course", 1, 60),
        _number("seats_per_instructor", "강사 한 명당 교육생", "Trainees per instructor", 1),
        _number("course_size", "한 반의 크기", "Places in one class", 1),
        _number("course_deviation", "반마다의 취업 차이", "Spread between classes", 0, 5),
        _number("cohort_deviation", "기수마다의 취업 차이", "Spread between intakes", 0, 5),
        Section(
            "found_work", "수료 뒤 달수별 취업 비율", "Found work within so many months", "by_name",
            entry=Field("", "rate", "취업 비율", "Share", minimum=_ZERO, maximum=_ONE),
            required=True, numbered=("{}개월", "month {}"),
        ),
        _rate("ai_share", "취업자 가운데 지역 AI 일자리", "Of these in AI work in the region"),
        _rate("founder_share", "취업자 가운데 창업", "Of these as founders"),
        _rate("study_rate", "구직자의 진학(연)", "Job seekers going on to study, a year"),
        _number("study_years", "진학 뒤 머무는 햇수", "Years of study", 0, 20),
        _rate("abroad_rate", "해외로 감(연)", "Going abroad, a year"),
        _rate("new_job_loss_rate", "첫해 이직·실직(연)", "Losing a new job, a year"),
        _rate("job_loss_rate", "그 뒤 이직·실직(연)", "Losing a settled job, a year"),
        _rate("switch_rate", "AI 일에서 다른 일로(연)", "From AI work to other work, a year"),
        _rate("return_rate", "다른 일에서 AI 일로(연)", "From other work to AI work, a year"),
        _rate("closing_rate", "창업자의 폐업(연)", "Founders closing, a year"),
        _number("again_months", "다시 구직하는 달수", "Months of a later search", 1, 120),
    ),
)  # fmt: skip
TREATMENT = Section(
    "treatment",
    "핵심 인재 처우",
    "Treatment of key talents",
    "one",
    (
        _count("stock", "첫해 핵심 인재 수", "Key talents at the start"),
        _count("arrivals", "해마다 새로 오는 사람", "Arriving each year"),
        _rate("exit_rate", "처우 없이 떠나는 비율(연)", "Leaving a year, untreated"),
        _won("salary", "급여 보전(1인·연)", "Salary, per person and year"),
        _won("housing", "주거(1인·연)", "Housing, per person and year"),
        _won("research", "연구비(1인·연)", "Research money, per person and year"),
        _number(
            "salary_effect", "급여 1,000만 원의 효과", "Effect of 10 million won of salary", 0, 5
        ),
        _number("housing_effect", "주거 1,000만 원의 효과", "The same for housing", 0, 5),
        _number("research_effect", "연구비 1,000만 원의 효과", "The same for research", 0, 5),
    ),
)
SUPPLY = Section(
    "supply",
    "GPU 공급",
    "GPU supply",
    "one",
    (
        _rate("rent_share", "빌려 쓰는 비율", "Share rented"),
        _won("rent_price", "시간당 임차료", "Rent per hour"),
        _won("price", "GPU 한 장 값", "Price of one GPU, servers included"),
        _change("price_change", "값의 변화(연)", "Change of price a year"),
        _rate("price_deviation", "값의 흔들림(연)", "Deviation of price a year"),
        _rate("resale_share", "다 쓴 뒤 남는 값", "Value left at the end"),
        _rate("interest_rate", "자본 비용(연)", "Cost of capital a year"),
        _rate("operating_share", "운영비(값의, 연)", "Operation, of the price a year"),
        _number("power_kw", "GPU 한 장의 전력(kW)", "Power of one GPU (kW)"),
        _number("overhead", "전력사용효율(PUE)", "Power usage effectiveness", 1, 5),
        _won("power_price", "전기값(kWh)", "Electricity per kWh"),
        _rate("availability_share", "쓸 수 있는 시간", "Hours available"),
        _rate("utilisation_deviation", "가동률의 흔들림", "Deviation of utilisation"),
    ),
)
SPACE = Section(
    "space",
    "공간",
    "Space",
    "one",
    (
        Section(
            "area", "연도별 면적(㎡)", "Area by year (m²)", "by_year",
            entry=Field("", "number", "면적", "Area", unit="m2", minimum=_ZERO), required=True,
        ),
        _rate("occupancy_share", "입주율", "Occupancy"),
        _rate("occupancy_deviation", "입주율의 흔들림", "Deviation of occupancy"),
        _number("firm_area", "기업 하나의 면적(㎡)", "Area of one firm (m²)", 1),
        _won("market_rent", "시세 임대료(㎡·월)", "Market rent per m² and month"),
        _rate("charged_share", "시세 가운데 받는 몫", "Share of it charged"),
    ),
)  # fmt: skip
QUEUE = Section(
    "queue",
    "규제 심사",
    "Decisions on rules",
    "one",
    (
        _number("reviewers", "심사 인력", "Reviewers"),
        _number("decisions_a_month", "한 사람이 한 달에 끝내는 건", "Decided by one in a month"),
        _number("handling_weeks", "한 건을 다루는 주", "Weeks of handling", 0, 520),
        _number("clock_weeks", "답할 기한(주)", "Clock (weeks)", 1, 520),
        _rate("removed_share", "없애거나 고치는 비율", "Share removed or changed"),
        _rate("removed_deviation", "그 비율의 흔들림", "Deviation of that share"),
    ),
)
PROGRAMME_PARTS: tuple[Section, ...] = (TRACK, TREATMENT, SUPPLY, SPACE, QUEUE)
"""Tables inside a `[[programme]]`."""

REACH = Section(
    "reach",
    "돈이 닿는 곳",
    "Where its money goes",
    "one",
    (
        _rate("region_share", "지역에 가는 몫", "To the regions", required=False),
        _rate("small_firm_share", "중소·중견기업 몫", "To SMEs and mid-caps", required=False),
        _rate("venture_share", "창업·벤처기업 몫", "To start-ups and ventures", required=False),
        _rate("main_purpose_share", "주목적 투자 몫", "In the main purpose", required=False),
        _rate("city_share", "관내 기업 몫", "To firms of the city", required=False),
        _rate("graduate_share", "입주·졸업 기업 몫", "To tenants and graduates", required=False),
        Field(
            "deals_per_firm", "number", "기업 하나의 투자 건수", "Deals per firm",
            minimum=_ONE, maximum=Fraction(20),
        ),
    ),
)  # fmt: skip
CLASS_PARTS: tuple[Section, ...] = (REACH,)
"""Tables inside a `[class.NAME]`."""

_LABOUR_MARKET = Section(
    "labour_market",
    "노동시장",
    "Labour market",
    "one",
    (
        _change("vacancies_growth", "일자리 증가율(연)", "Growth of openings a year"),
        _count("reference_completers", "취업 비율을 잰 때의 수료자(연)",
               "Completing a year when the placement was measured", 1),
        _count("other_completers", "다른 과정의 수료자(연)", "Completing other courses, a year"),
        _number("elasticity", "취업의 혼잡 탄력성", "Elasticity of hiring to crowding", 0, 5),
        _rate("volatility", "채용 경기의 흔들림(연)", "Volatility of hiring a year"),
        _change("memory", "채용 경기가 이어지는 정도", "Memory of hiring from year to year"),
    ),
)  # fmt: skip
_EQUITY_MARKET = Section(
    "equity_market",
    "지분투자 시장",
    "Equity market",
    "one",
    (
        Field("year", "year", "기준 연도", "Year it is measured in", True),
        _won("venture", "벤처투자(연)", "Venture investment a year"),
        _won("buyout", "사모펀드 국내 투자(연)", "Private equity at home a year"),
        _won("size", "지분투자 시장(연)", "Equity market a year"),
        _change("growth", "시장 증가율(연)", "Growth a year"),
        _number("elasticity", "투자값의 탄력성", "Elasticity of entry prices to money", 0, 5),
    ),
)
_MANAGER = Section(
    "manager",
    "위탁운용사",
    "Managers",
    "named",
    (
        Field("name_ko", "text", "이름", "Name (Korean)", True, True),
        Field("name_en", "text", "이름(영문)", "Name (English)", True, True),
        Field("instrument", "choice", "투자 수단", "Instrument", False, True,
              choices=INSTRUMENT_WORDS),
        Field("appointed", "text", "맡은 일", "Appointed for", True),
        _won("amount", "맡긴 돈", "Money entrusted", required=False),
    ),
)  # fmt: skip
SECTIONS: tuple[Section, ...] = (_LABOUR_MARKET, _EQUITY_MARKET, _MANAGER)
"""Top tables."""
