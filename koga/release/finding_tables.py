"""The open tables of findings: what came of a programme, by a method registered beforehand.

A finding that failed a check stands as failed, its reasons in `finding_checks`; the pictures of a
score round are `finding_points`, no mark resting on fewer than five. Figures that rest
on fewer than five units are blank and marked hidden. The panel they come from is withheld: its
hash and its rows stand here and in the manifest.
"""

from dataclasses import replace

from koga.release.table import Table, columns_of, words

FINDING_STATES = words(
    ("registered", "계획만 등록", "plan registered"),
    ("ok", "검증 통과", "checks passed"),
    ("warn", "유보", "with reservations"),
    ("fail", "검증 실패", "failed its checks"),
)
VERDICTS = words(
    ("ok", "통과", "passed"),
    ("warn", "주의", "caution"),
    ("fail", "실패", "failed"),
    ("skipped", "묻지 못함", "not asked"),
)
REGISTRATIONS = words(
    ("before", "결과를 열기 전", "before outcomes were opened"),
    ("amended", "결과를 연 뒤 고침", "amended after outcomes were opened"),
    ("after", "결과를 연 뒤", "after outcomes were opened"),
)
DESIGNS = words(
    ("did", "이중차분법", "difference-in-differences"),
    ("sdid", "합성 이중차분법", "synthetic difference-in-differences"),
    ("rd", "회귀불연속", "regression discontinuity"),
    ("experiment", "무작위 배정", "randomised round"),
)


def _anew(table: Table) -> Table:
    """A table computed anew for every release: any cell may move, any row may go."""
    others = tuple(name for name in table.names if name not in table.key)
    return replace(table, moving=(GONE, *others))


GONE = "*"
"""Among the moving columns of a table: its rows may go from one release to the next."""

FINDINGS = Table(
    "findings",
    "효과 평가",
    "Findings",
    ("finding",),
    columns_of(
        ("finding", "text", "평가 코드", "Finding", "required"),
        ("programme", "text", "사업 코드", "Programme", "required"),
        ("agency", "text", "기관 코드", "Agency", "required"),
        ("design", "text", "설계", "Design", "required"),
        ("state", "text", "상태", "State", "required"),
        ("question_ko", "text", "물음", "Question (Korean)", "required"),
        ("question_en", "text", "물음(영문)", "Question (English)", "required"),
        ("estimand_ko", "text", "재는 것", "Estimand (Korean)", "required"),
        ("estimand_en", "text", "재는 것(영문)", "Estimand (English)", "required"),
        ("comparison_ko", "text", "견준 대상", "Comparison (Korean)", "required"),
        ("comparison_en", "text", "견준 대상(영문)", "Comparison (English)", "required"),
        ("dating_ko", "text", "지원 시점 규칙", "Dating rule (Korean)", "required"),
        ("dating_en", "text", "지원 시점 규칙(영문)", "Dating rule (English)", "required"),
        ("outcome_ko", "text", "결과", "Outcome (Korean)", "required"),
        ("outcome_en", "text", "결과(영문)", "Outcome (English)", "required"),
        ("outcome_unit_ko", "text", "결과의 단위", "Unit of the outcome (Korean)", "required"),
        ("outcome_unit_en", "text", "결과의 단위(영문)", "Unit of the outcome (English)",
         "required"),
        ("units_ko", "text", "대상", "Units (Korean)", "required"),
        ("units_en", "text", "대상(영문)", "Units (English)", "required"),
        ("span", "text", "기간의 길이", "Length of a period", "required"),
        ("window_start", "text", "창의 처음", "Window from", "required"),
        ("window_end", "text", "창의 끝", "Window to", "required"),
        ("estimator", "text", "추정 방법", "Estimator"),
        ("estimate", "decimal", "추정치", "Estimate"),
        ("se", "decimal", "표준오차", "Standard error"),
        ("ci_low", "decimal", "95% 구간 아래", "95 % interval, low"),
        ("ci_high", "decimal", "95% 구간 위", "95 % interval, high"),
        ("supported", "integer", "지원받은 대상", "Units supported"),
        ("covered", "integer", "그 가운데 관측된 대상", "Of these observed"),
        ("compared", "integer", "비교 대상", "Units compared with"),
        ("also_supported", "integer", "다른 지원을 받은 비교 대상",
         "Of these with other support"),
        ("unit", "text", "준 것의 단위", "Unit of what was given"),
        ("spent", "amount", "관측된 대상에 준 것", "Given to units observed"),
        ("plan_version", "integer", "계획의 판", "Version of the plan", "required"),
        ("plan_sha256", "text", "계획 해시", "Hash of the plan", "required"),
        ("registered_on", "date", "등록일", "Registered on", "required"),
        ("amended_on", "date", "고친 날", "Amended on"),
        ("amended_because", "text", "고친 까닭", "Why amended"),
        ("opened_on", "date", "결과를 처음 받은 날", "Outcomes first received on"),
        ("registration", "text", "등록 시점", "Registration", "required"),
        ("panel_rows", "integer", "비공개 표의 줄 수", "Rows of the withheld table"),
        ("panel_sha256", "text", "비공개 표 해시", "Hash of the withheld table"),
        ("code_sha256", "text", "계산 코드 해시", "Hash of the code", "required"),
        ("rerun_ko", "text", "다시 셈할 수 있는 이", "Who may rerun it (Korean)", "required"),
        ("rerun_en", "text", "다시 셈할 수 있는 이(영문)", "Who may rerun it (English)",
         "required"),
    ),
    {"programme": ("programmes", "programme"), "agency": ("agencies", "agency")},
    closed={"state": FINDING_STATES, "design": DESIGNS, "registration": REGISTRATIONS},
)  # fmt: skip

FINDING_ESTIMATES = Table(
    "finding_estimates",
    "평가의 추정치",
    "Estimates of findings",
    ("finding", "estimator", "name", "place"),
    columns_of(
        ("finding", "text", "평가 코드", "Finding", "required"),
        ("estimator", "text", "추정 방법", "Estimator", "required"),
        ("name", "text", "이름", "Name", "required"),
        ("place", "text", "자리", "Place", "required"),
        ("group", "text", "첫 지원 기간", "First supported"),
        ("time", "text", "기간", "Period"),
        ("event_time", "integer", "지원 뒤 기간 수", "Periods since support"),
        ("estimate", "decimal", "추정치", "Estimate"),
        ("se", "decimal", "표준오차", "Standard error"),
        ("ci_low", "decimal", "95% 구간 아래", "95 % interval, low"),
        ("ci_high", "decimal", "95% 구간 위", "95 % interval, high"),
        ("n", "integer", "줄 수", "Rows"),
        ("hidden", "boolean", "숨김(5 미만)", "Hidden (under five units)", "required"),
    ),
    {"finding": ("findings", "finding")},
)

FINDING_CHECKS = Table(
    "finding_checks",
    "평가의 검증",
    "Checks of findings",
    ("finding", "check"),
    columns_of(
        ("finding", "text", "평가 코드", "Finding", "required"),
        ("check", "text", "검증", "Check", "required"),
        ("value", "decimal", "값", "Value"),
        ("verdict", "text", "판정", "Verdict", "required"),
        ("reason_ko", "text", "까닭", "Reason (Korean)", "required"),
        ("reason_en", "text", "까닭(영문)", "Reason (English)", "required"),
    ),
    {"finding": ("findings", "finding")},
    closed={"verdict": VERDICTS},
)

PLOTS = words(
    ("score_outcome", "점수별 결과", "outcome by score"),
    ("score_takeup", "점수별 지원 여부", "take-up by score"),
    ("score_density", "점수의 밀도", "density of scores"),
    ("survival", "달별 남은 비율", "share left by month"),
)

FINDING_POINTS = Table(
    "finding_points",
    "평가의 그림",
    "Pictures of findings",
    ("finding", "plot", "series", "place"),
    columns_of(
        ("finding", "text", "평가 코드", "Finding", "required"),
        ("plot", "text", "그림", "Picture", "required"),
        ("series", "text", "계열", "Series", "required"),
        ("place", "integer", "자리", "Place", "required"),
        ("x", "decimal", "가로", "Across", "required"),
        ("x_to", "decimal", "가로 끝", "Across to"),
        ("value", "decimal", "세로", "Up", "required"),
        ("low", "decimal", "95% 구간 아래", "95 % interval, low"),
        ("high", "decimal", "95% 구간 위", "95 % interval, high"),
        ("n", "integer", "대상 수(5 이상)", "Units (five or more)"),
    ),
    {"finding": ("findings", "finding")},
    closed={"plot": PLOTS},
)

FINDINGS, FINDING_ESTIMATES, FINDING_CHECKS, FINDING_POINTS = map(
    _anew, (FINDINGS, FINDING_ESTIMATES, FINDING_CHECKS, FINDING_POINTS)
)
