"""A finding as a small page on a terminal: question, verdict, estimates, checks, its rows."""

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from koga.evaluate.finding import Estimate, Finding

VERDICTS = {
    "ok": ("통과", "holds"),
    "warn": ("주의", "caution"),
    "fail": ("실패", "fails"),
    "skipped": ("묻지 못함", "not asked"),
}
NAMES = {
    "simple": ("처치집단 평균(ATT)", "average effect on the treated"),
    "group": ("코호트 평균", "by cohort, averaged"),
    "dynamic": ("경과 기간 평균", "by event time, averaged"),
    "calendar": ("기간 평균", "by period, averaged"),
    "imputation": ("대체 추정(BJS)", "imputation (BJS)"),
    "twfe": ("이원고정효과(대조용)", "two-way fixed effects (for contrast)"),
    "sdid": ("합성 이중차분", "synthetic difference-in-differences"),
    "rd": ("통상 추정", "conventional"),
    "rd_bias_corrected": ("편향 보정", "bias-corrected"),
    "rd_robust": ("편향 보정, 강건 구간", "bias-corrected, robust interval"),
    "difference_in_means": ("평균 차이", "difference in means"),
    "mean_untreated": ("뽑히지 않은 쪽의 평균", "mean of those not drawn"),
    "mean_treated": ("뽑힌 쪽의 평균", "mean of those drawn"),
    "reached": ("이른 비율", "share that reached it"),
    "left": ("이르지 않은 비율", "share that has not"),
}
CHECKS = {
    "pre_trend": ("처치 전 추세", "trends before"),
    "overlap": ("겹침", "overlap"),
    "cohort_size": ("집단 크기", "size"),
    "power": ("검정력", "power"),
    "bacon": ("TWFE 가중치", "TWFE weights"),
    "honest_did": ("추세 민감도", "trend sensitivity"),
    "density": ("점수 밀도", "density of scores"),
    "balance": ("사전 균형", "balance before"),
    "placebo": ("위약", "placebo"),
    "first_stage": ("지원 도약", "take-up"),
    "follow_up": ("지켜본 기간", "follow-up"),
    "log_rank": ("집단 차이", "groups apart"),
}
RULE = 78


def print_finding(found: "Finding", language: str) -> None:
    """The page, in `ko` or `en`."""
    for line in lines(found, language):
        print(line)


def lines(found: "Finding", language: str) -> Iterator[str]:
    """The page's lines."""
    second = language == "en"
    yield from _wrapped(found.question[language], RULE)
    yield "─" * RULE
    if found.verdict == "fail":
        yield ("효과로 읽을 수 없습니다: ", "Not to be read as an effect: ")[second] + ", ".join(
            CHECKS.get(check.name, (check.name, check.name))[second]
            for check in found.checks
            if check.verdict == "fail"
        )
        yield ""
    heads = (("추정", "값", "표준오차", "95% 구간"), ("estimate", "value", "s.e.", "95 % interval"))
    yield _row(*heads[second])
    for row in found.estimates:
        if row.group is None and row.time is None and row.event_time is None:
            yield _row(NAMES.get(row.name, (row.name, row.name))[second], *_figures(row))
    yield from _by_event(found, second)
    yield from _by_month(found, second)
    yield ""
    for check in found.checks:
        name = CHECKS.get(check.name, (check.name, check.name))[second]
        yield f"[{VERDICTS[check.verdict][second]}] {name}"
        for part in _wrapped(check.reason[language], RULE - 4):
            yield f"    {part}"
    yield "─" * RULE
    yield _rests_on(found, second)


def _by_event(found: "Finding", second: bool) -> Iterator[str]:
    rows = [row for row in found.estimates if row.name == "dynamic" and row.event_time is not None]
    if not rows:
        return
    yield ""
    yield ("처치 뒤 경과 기간별", "By periods since first treatment")[second]
    for row in rows:
        yield _row(f"{row.event_time:+d}" if row.event_time else "0", *_figures(row))


def _by_month(found: "Finding", second: bool) -> Iterator[str]:
    if found.design != "survival":
        return
    yield ""
    yield ("달 수별", "By months since the start")[second]
    for row in found.estimates:
        if row.name == found.headline[1] and row.event_time is not None:
            month = (f"{row.event_time}달", f"month {row.event_time}")[second]
            yield _row(f"{row.group}, {month}" if row.group else month, *_figures(row))


def _rests_on(found: "Finding", second: bool) -> str:
    rows = found.facts["rows"]
    left = rows["read"] - rows["used"]
    return (
        f"{found.facts['source']}: {rows['used']:,}행 사용, {left:,}행 제외. "
        f"sha256 {found.facts['sha256'][:16]}…"
        if not second
        else f"{found.facts['source']}: {rows['used']:,} rows used, {left:,} left out. "
        f"sha256 {found.facts['sha256'][:16]}…"
    )


def _figures(row: "Estimate") -> tuple[str, str, str]:
    if row.estimate is None:
        return "-", "-", "-"
    if row.se is None or row.ci_low is None or row.ci_high is None:
        return _number(row.estimate), "-", "-"
    ends = f"[{_number(row.ci_low)}, {_number(row.ci_high)}]"
    return _number(row.estimate), _number(row.se), ends


def _number(value: float) -> str:
    size = abs(value)
    return f"{value:,.0f}" if size >= 10_000 else f"{value:,.4g}"


def _row(name: str, value: str, se: str, ends: str) -> str:
    return f"{name}{' ' * max(1, 38 - _width(name))}{_left(value, 11)} {_left(se, 10)}  {ends}"


def _left(text: str, width: int) -> str:
    return " " * max(0, width - _width(text)) + text


def _width(text: str) -> int:
    """Columns on a terminal: Hangul takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _wrapped(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and _width(line) + 1 + _width(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line
