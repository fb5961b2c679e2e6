"""What a scheme may say about its deals: classes with their laws, sectors, the market.

Merged into `declared.SCHEME`. What each figure does in a simulation is told by `model`.
"""

from fractions import Fraction

from koga.plan.schemes import declared_programmes, fields
from koga.plan.schemes.schema import Field, Section
from koga.plan.schemes.words import INSTRUMENT_WORDS, RATING_WORDS
from koga.release import tables

_ONE = Fraction(1)

CLASS = Section(
    "class",
    "건 묶음",
    "Classes of deals",
    "named",
    (
        *fields.NAMES,
        Field(
            "instruments", "list", "투자 수단", "Instruments", True, True, choices=INSTRUMENT_WORDS
        ),
        fields.rate("share", "그 수단에서의 비율", "Share of the instrument", required=True),
        fields.amount("ticket", "한 건의 크기", "Size of one deal", required=True),
        fields.years("holding_years", "보유 기간", "Holding time"),
        fields.number("holding_shape", "보유 기간 분포의 모양", "Shape of the holding time", 0),
        fields.number("beta", "시장 민감도", "Market beta", -5, 10),
        fields.rate("sector_volatility", "분야 변동성", "Sector volatility", top=5),
        fields.rate("follow_on_share", "후속 투자 몫", "Share kept for follow-on rounds"),
        Section(
            "multiple",
            "회수 배수의 분포",
            "Distribution of the multiple",
            "one",
            (
                fields.rate("zero_share", "전액 손실 확률", "Chance of losing all"),
                fields.number("log_mean", "로그 평균", "Log mean", -10, 10),
                fields.number("log_deviation", "로그 표준편차", "Log deviation", 0, 10),
                fields.number("tail_alpha", "꼬리 지수", "Tail exponent", 0, 100),
                fields.number("tail_from", "꼬리 시작 배수", "Multiple where the tail starts", 0),
                fields.number("cap", "배수의 상한", "Cap of the multiple", 0),
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
                    entry=fields.rate("", "비율", "Share"),
                    names=RATING_WORDS,
                    sums_to_one=True,
                ),
                fields.rate(
                    "rate", "금리(없으면 국고채 + 금리 차)", "Rate (else treasury + spread)"
                ),
                fields.rate("guarantee_fee", "보증료(연)", "Guarantee fee a year"),
                fields.rate("loss_given_default", "부도시 손실률", "Loss given default"),
                fields.rate(
                    "recovery_slope", "회수율의 경기 민감도", "Recovery's move with the market"
                ),
                fields.rate("asset_correlation", "자산 상관", "Asset correlation"),
                fields.years("tenor_years", "만기", "Tenor"),
                fields.years("grace_years", "거치 기간", "Grace period"),
            ),
        ),
        Section(
            "project_finance",
            "투융자",
            "Infrastructure",
            "one",
            (
                fields.rate("equity_share", "지분 비율", "Equity share"),
                fields.rate("debt_rate", "대출 금리", "Rate on debt"),
                fields.rate("equity_return", "지분 수익률", "Return on equity"),
                fields.years("construction_years", "건설 기간", "Construction"),
                fields.years("tenor_years", "만기", "Tenor"),
                fields.rate("default_share", "누적 부도율", "Cumulative default"),
                fields.rate("recovery_share", "회수율", "Recovery"),
            ),
        ),
        Section(
            "commitment",
            "펀드 출자(건을 모름)",
            "Commitments to funds whose deals are not known",
            "one",
            (
                fields.rate("called_first", "첫해 납입률", "Share called in the first year"),
                fields.rate(
                    "called_second", "둘째 해 납입률(남은 약정에서)", "Second year, of the rest"
                ),
                fields.rate("called_later", "그 뒤 해마다", "Each later year, of the rest"),
                fields.years("life_years", "펀드의 수명", "Life of the fund"),
                fields.number("bow", "배분이 늦어지는 정도", "Bow of distributions", 0, 50),
                fields.rate("growth", "가치 성장률(연)", "Growth a year", low=-_ONE),
                fields.rate("dividend_yield", "해마다 배당(순자산에서)", "Yield paid out a year"),
                fields.rate("growth_volatility", "성장률 변동성", "Volatility of growth", top=5),
            ),
        ),
        *declared_programmes.CLASS_PARTS,
    ),
)
SECTOR = Section(
    "sector",
    "분야",
    "Sectors",
    "named",
    (
        *fields.NAMES,
        fields.code(
            "code", "공개표의 분야 코드", "Sector code of the open tables", tables.SECTORS, False
        ),
        fields.rate("weight", "비중", "Weight"),
        fields.by_year("amount", "금액", "Amount"),
        fields.rate(
            "zero_share_added", "전액 손실 확률에 더함", "Added to the chance of losing all"
        ),
        fields.number(
            "log_deviation_added", "로그 표준편차에 더함", "Added to the log deviation", 0, 5
        ),
        fields.years("holding_years_added", "보유 기간에 더함", "Added to the holding time"),
    ),
)
MARKET = Section(
    "market",
    "시장",
    "Market",
    "one",
    (
        fields.rate("volatility", "주식시장 변동성(연)", "Volatility of the market a year", top=5),
        fields.rate("premium", "주식 위험 프리미엄", "Equity premium", low=-_ONE),
        fields.rate("memory", "해마다 이어지는 정도", "Memory from year to year", low=-_ONE),
        fields.rate("treasury_rate", "국고채 금리", "Treasury rate", low=-_ONE),
        fields.rate("rate_volatility", "국고채 금리 변동(연)", "Yearly move of treasury rates"),
        fields.rate("rate_memory", "금리 변동이 이어지는 정도", "Memory of treasury rates"),
        fields.rate("social_discount_rate", "사회적 할인율", "Social discount rate"),
        fields.rate("inflation", "물가 상승률", "Inflation", low=-_ONE),
        Section(
            "curve",
            "국고채 수익률곡선(만기별)",
            "Treasury curve by maturity",
            "by_name",
            entry=fields.rate("", "금리", "Rate", low=-_ONE),
            numbered=("{}년", "{}-year"),
        ),
    ),
)
