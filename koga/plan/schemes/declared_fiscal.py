"""What a scheme may say about what it costs the budget: who bears what, and what was approved.

Merged into `declared.SCHEME`. `[contingent.NAME]` holds, for one guarantee or first loss, the five
questions that HM Treasury's approval framework for contingent liabilities (2017) asks before one is
taken on. Whether a question was answered is a figure with its basis and source like any other; the
answer itself is its note.
"""

from collections.abc import Mapping

from koga.plan.schemes import fields
from koga.plan.schemes.schema import Field, Section
from koga.release.tables import Word

PAYERS: Mapping[str, Word] = {
    "state": Word("state", "국비", "State budget"),
    "local": Word("local", "지방비", "Local budgets"),
    "fund": Word("fund", "기금·공공기관", "Funds and public bodies"),
    "private": Word("private", "민간", "Private money"),
}
"""Who bears a cost, as a cost estimate heads its columns."""
LIMIT_COVERS: Mapping[str, Word] = {
    "all_issues": Word("all_issues", "새 발행과 차환", "new issues and refinancing"),
    "new_issues": Word("new_issues", "새 발행만", "new issues alone"),
}
REFINANCING: Mapping[str, Word] = {
    "while_covered": Word(
        "while_covered", "남은 자산이 채권을 덮는 만큼", "as far as assets cover the bonds"
    ),
    "always": Word("always", "언제나", "always"),
}
CALL_RULES: Mapping[str, Word] = {
    "when_cheaper": Word(
        "when_cheaper", "남은 기간의 금리가 표면금리보다 낮을 때",
        "where the yield for the time left is below the coupon",
    ),
    "always": Word("always", "언제나", "always"),
}  # fmt: skip
ANSWERS: Mapping[str, Word] = {
    "answered": Word("answered", "답함", "answered"),
    "partly": Word("partly", "일부만 답함", "answered in part"),
    "unanswered": Word("unanswered", "답 없음", "unanswered"),
}

BOND_PARTS: tuple[Field, ...] = (
    fields.choice("limit_covers", "한도에 드는 것", "What the limit counts", LIMIT_COVERS),
    fields.choice("refinancing", "차환하는 때", "When bonds are refinanced", REFINANCING),
    fields.choice("interest_support", "이자를 지원하는 쪽", "Who supports interest", PAYERS),
    fields.years("interest_support_years", "이자를 지원하는 기간", "Years of interest support"),
    fields.years("call_after_years", "중도상환할 수 있는 때", "Callable after"),
    fields.choice("call_rule", "중도상환하는 때", "When bonds are called", CALL_RULES),
)
"""Keys inside `[capital.NAME.bond]`."""
PAYER = fields.choice("bearer", "비용을 지는 쪽", "Who bears the cost", PAYERS)
"""Key inside `[capital.NAME]` and `[[programme]]`, where kind and side do not tell it."""

QUESTIONS: Mapping[str, tuple[str, str, str, str]] = {
    "rationale": (
        "필요성", "Rationale",
        "왜 돈을 주지 않고 보증이나 우선손실 부담으로 하는가",
        "Why a promise to pay rather than a payment, and why the state",
    ),
    "exposure": (
        "규모", "Exposure",
        "가장 크게 물어야 할 금액과 기간",
        "The most that may have to be paid, and for how long",
    ),
    "risk_return": (
        "위험과 대가", "Risk and return",
        "예상 손실과 나쁜 경우의 손실, 받는 보증료",
        "Expected and unexpected loss, and what is received for it",
    ),
    "risk_management": (
        "위험 관리와 완화", "Risk management and mitigation",
        "누가 지켜보며 무엇으로 위험을 줄이는가",
        "Who watches the risk, and what lowers it",
    ),
    "affordability": (
        "감당 능력", "Affordability",
        "나쁜 경우에 어느 예산에서 내는가",
        "Which budget would pay in a bad case, and can it",
    ),
}  # fmt: skip
"""The five questions: heading and wording in Korean and English."""

CONTINGENT = Section(
    "contingent",
    "우발채무의 승인 질문",
    "Contingent liabilities: approval questions",
    "named",
    (
        *fields.NAMES,
        fields.words("of", "보증·우선손실의 경로", "Path of the guarantee or first loss"),
        *(
            fields.choice(name, words[0], words[1], ANSWERS, required=True)
            for name, words in QUESTIONS.items()
        ),
    ),
)
SECTIONS: tuple[Section, ...] = (CONTINGENT,)
"""Top tables."""
