"""Findings of the fictional city: one whose checks hold, one that failed, one only registered."""

from datetime import date
from decimal import Decimal
from typing import Any

Rows = list[dict[str, Any]]
JOBS, EXPORTS, SKILLS = "ai-jobs", "bio-sales", "robot-jobs"
_EVENTS = (-5, -4, -3, -2, -1, 0, 1, 2, 3)
_FOUND = ("0.12", "-0.31", "0.18", "-0.05", None, "0.62", "1.71", "2.58", "2.93")


def finding_tables() -> dict[str, Rows]:
    """The three tables of findings."""
    return {
        "findings": [_finding(JOBS), _finding(EXPORTS), _finding(SKILLS)],
        "finding_estimates": [*_estimates(JOBS), *_estimates(EXPORTS)],
        "finding_checks": [*_checks(JOBS, failed=False), *_checks(EXPORTS, failed=True)],
        "finding_points": _points(EXPORTS),
    }


def _row(table: str, **cells: Any) -> dict[str, Any]:
    from tests.release.sample import row_of

    return row_of(table, **cells)


def _finding(code: str) -> dict[str, Any]:
    programme, agency, of, at = {
        JOBS: ("P-AI", "hn-ai", "AI 실증 보조", "AI pilot grants"),
        EXPORTS: ("P-BIO", "hn-bio", "바이오 장비 보조", "bio equipment grants"),
        SKILLS: ("P-ROBOT", "hn-robot", "로봇 현장 적용", "robots at work"),
    }[code]
    told = _row(
        "findings", finding=code, programme=programme, agency=agency, design="did",
        state="registered",
        question_ko=f"{of}를 받은 기업은 받지 않았을 때보다 더 고용하는가?",
        question_en=f"Do firms with {at} employ more than they would have without them?",
        estimand_ko="지원받은 기업의 지원 뒤 반기 평균 효과",
        estimand_en="The mean effect on supported firms over the half-years since support",
        comparison_ko="신청했으나 선정되지 않은 기업",
        comparison_en="firms that applied and were not chosen",
        dating_ko="첫 지원 결정이 난 반기부터 지원받은 것으로 보고 끝까지 그대로 둡니다.",
        dating_en="Counted as supported from the half-year of the first decision on, for good.",
        outcome_ko="고용보험 가입자", outcome_en="insured employees",
        outcome_unit_ko="명", outcome_unit_en="employees", units_ko="기업", units_en="firms",
        span="half", window_start="2022-H1", window_end="2026-H1", plan_version=1,
        plan_sha256="ab" * 32, registered_on=date(2024, 9, 2), registration="before",
        code_sha256="cd" * 32, rerun_ko="한누리시 감사위원회, 연구 협약을 맺은 대학",
        rerun_en="the city's audit board; universities under a research agreement",
    )  # fmt: skip
    if code == SKILLS:
        return told
    return told | {
        "state": "ok" if code == JOBS else "fail",
        "estimator": "callaway_santanna", "estimate": Decimal("2.21"), "se": Decimal("0.41"),
        "ci_low": Decimal("1.41"), "ci_high": Decimal("3.01"), "supported": 264, "covered": 251,
        "compared": 300, "also_supported": 23, "unit": "KRW", "spent": 13_120_000_000,
        "opened_on": date(2026, 7, 14), "panel_rows": 4_959,
        "panel_sha256": ("12" if code == JOBS else "34") * 32,
    }  # fmt: skip


def _estimates(code: str) -> Rows:
    plain = (
        ("callaway_santanna", "simple", "2.21", 0.41), ("imputation", "imputation", "2.18", 0.33),
        ("twfe", "twfe", "1.44", 0.35), ("naive", "treated_untreated", "4.87", 0.47),
        ("naive", "before_after", "3.62", 0.21), ("naive", "mean_before", "11.3", 0.4),
    )  # fmt: skip
    rows = [
        _estimate(code, estimator, name, "all", value, se) for estimator, name, value, se in plain
    ]
    for event, value in zip(_EVENTS, _FOUND, strict=True):
        rows.append(_estimate(code, "callaway_santanna", "dynamic", f"e{event:+d}", value, 0.45,
                              event_time=event))  # fmt: skip
    for group, value in (
        ("2024-H2", "2.9"),
        ("2025-H1", "2.2"),
        ("2025-H2", "1.4"),
        ("2026-H1", None),
    ):
        rows.append(_estimate(code, "callaway_santanna", "group", f"g{group}", value, 0.6,
                              group=group, hidden=value is None))  # fmt: skip
    return rows


def _estimate(
    code: str, estimator: str, name: str, place: str, value: str | None, se: float, **more: Any
) -> dict[str, Any]:
    found = _row("finding_estimates", finding=code, estimator=estimator, name=name, place=place,
                 hidden=False) | more  # fmt: skip
    if value is None:
        return found
    middle, error = Decimal(value), Decimal(str(se))
    return found | {
        "estimate": middle, "se": error, "ci_low": middle - 2 * error,
        "ci_high": middle + 2 * error, "n": 4_800,
    }  # fmt: skip


def _checks(code: str, *, failed: bool) -> Rows:
    trend = (
        ("fail", Decimal("0.004"),
         "처치 전 차이 4개가 모두 0이라면 이런 값이 나올 확률은 0.004입니다. 평행추세가 성립하지 "
         "않으므로 이 설계의 수치는 효과로 읽을 수 없습니다.",
         "Were all 4 differences before support 0, such values had a chance of 0.004. Trends were "
         "not parallel, so this design's number cannot be read as an effect.")
        if failed else
        ("ok", Decimal("0.62"),
         "처치 전 차이 4개가 모두 0이라면 이런 값이 나올 확률은 0.620입니다.",
         "Were all 4 differences before support 0, such values had a chance of 0.620.")
    )  # fmt: skip
    told = (
        ("pre_trend", *trend),
        ("overlap", "skipped", None, "공변량을 정하지 않아 물을 수 없습니다.",
         "No covariates, so it cannot be asked."),
        ("cohort_size", "ok", Decimal(44), "처치된 대상 251, 가장 작은 코호트 44.",
         "251 treated units, 44 in the smallest cohort."),
        ("power", "ok", Decimal("1.15"), "1.15 이상의 효과라면 80%의 확률로 알아챕니다.",
         "An effect of 1.15 or more would be found with a chance of 80 %."),
        ("honest_did", "ok", Decimal("1.6"),
         "처치 뒤의 추세 차이가 처치 전 가장 큰 변동의 1.60배를 넘으면 0과 구별되지 않습니다.",
         "The effect is told from 0 as long as trends part by no more than 1.60 times their "
         "largest move before support."),
    )  # fmt: skip
    return [
        _row("finding_checks", finding=code, check=name, verdict=verdict, value=value,
             reason_ko=ko, reason_en=en)
        for name, verdict, value, ko, en in told
    ]  # fmt: skip


def _points(code: str) -> list[dict[str, Any]]:
    """Two bars of a picture."""
    return [
        _row("finding_points", finding=code, plot="score_density", series="above", place=place,
             x=Decimal(place - 1), x_to=Decimal(place), value=Decimal("0.02"), n=12)
        for place in (1, 2)
    ]  # fmt: skip
