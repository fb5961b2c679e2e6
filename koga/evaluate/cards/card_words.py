"""The words of a card: labels, numbers as they are printed, sentences over a finding's figures.

Sentences compare and never praise or blame. One that fits no template is not written.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from datetime import date

from koga.core import money
from koga.core.korean import with_particle
from koga.evaluate.finding import Words

CHECKS: Mapping[str, Words] = {
    "pre_trend": Words("지원 전 추세", "Trends before support"),
    "overlap": Words("두 집단의 겹침", "Overlap of the two groups"),
    "cohort_size": Words("집단의 크기", "Size of the groups"),
    "power": Words("알아챌 수 있는 효과", "Effect that would be found"),
    "bacon": Words("이원고정효과의 비교 대상", "What two-way effects compare"),
    "honest_did": Words("추세가 어긋나도 되는 폭", "How wrong the trend may be"),
    "balance": Words("배정 전 균형", "Balance before"),
    "density": Words("기준점의 점수 분포", "Scores at the cutoff"),
    "placebo": Words("가짜 기준과 가짜 지원", "Placebo"),
    "first_stage": Words("기준점의 선정 도약", "Take-up at the cutoff"),
    "fit": Words("지원 전 맞음", "Fit before support"),
    "follow_up": Words("지켜본 기간", "How long they were followed"),
    "log_rank": Words("집단 사이의 차이", "Difference between groups"),
    "panel": Words("표가 설계를 감당하는지", "Whether the table carries the design"),
}
VERDICTS: Mapping[str, Words] = {
    "ok": Words("통과", "passed"),
    "warn": Words("주의", "caution"),
    "fail": Words("실패", "failed"),
    "skipped": Words("묻지 못함", "not asked"),
}
STATES: Mapping[str, Words] = {
    "ok": Words("검증 통과", "checks passed"),
    "warn": Words("유보", "with reservations"),
    "fail": Words("검증 실패", "failed its checks"),
    "registered": Words("계획만 등록", "plan registered"),
}
DESIGNS: Mapping[str, Words] = {
    "did": Words(
        "이중차분법(Callaway-Sant'Anna)", "difference-in-differences (Callaway-Sant'Anna)"
    ),
    "sdid": Words("합성 이중차분법", "synthetic difference-in-differences"),
    "rd": Words("회귀불연속", "regression discontinuity"),
    "experiment": Words("무작위 배정", "randomised round"),
    "survival": Words("달마다의 비율(카플란-마이어)", "shares by months since (Kaplan-Meier)"),
}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def check_label(name: str, language: str) -> str:
    """The label of a check; one that has none is shown by its name."""
    return CHECKS[name][language] if name in CHECKS else name


def day(value: date | None, language: str) -> str:
    """A day in prose.

    >>> day(date(2024, 9, 2), "en")
    '2 September 2024'
    """
    if value is None:
        return ""
    if language == "ko":
        return f"{value.year}년 {value.month}월 {value.day}일"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def places_of(error: float | None) -> int:
    """Decimal places at which a figure is printed: the first digit of its error.

    >>> places_of(0.13), places_of(3.1), places_of(0.004), places_of(None)
    (1, 0, 3, 2)
    """
    if error is None or not math.isfinite(error) or error <= 0:
        return 2
    return min(max(0, -math.floor(math.log10(error))), 6)


def finer(error: float | None) -> int:
    """Decimal places in a table: two digits of an error that begins with 1 or 2, else one.

    >>> finer(0.13), finer(1.74), finer(3.1), finer(0.004), finer(None)
    (2, 1, 0, 3, 2)
    """
    places = places_of(error)
    if error is None or not math.isfinite(error) or error <= 0 or error >= 10:
        return places
    return min(places + int(error * 10.0**places < 3), 6)


def number(value: float | None, places: int) -> str:
    """A figure with a true minus; never −0.

    >>> number(-1.26, 1), number(-0.04, 1), number(1234.5, 0), number(None, 1)
    ('−1.3', '0.0', '1,234', '–')
    """
    if value is None:
        return "–"
    text = f"{value:,.{places}f}"
    if text.startswith("-"):
        text = "−" + text[1:] if any(sign in "123456789" for sign in text) else text[1:]
    return text


def interval(low: float | None, high: float | None, places: int, language: str) -> str:
    """An interval in words; blank where there is none.

    >>> interval(-0.4, 1.25, 1, "en"), interval(0.1, 0.2, 1, "ko")
    ('−0.4 to 1.2', '0.1~0.2')
    """
    if low is None or high is None:
        return ""
    joint = "~" if language == "ko" else " to "
    return f"{number(low, places)}{joint}{number(high, places)}"


def behind(value: str, unit: str, language: str) -> str:
    """A printed number with its unit: syllables close up, words stand apart.

    >>> behind("1.7", "명", "ko"), behind("1.7", "employees", "en"), behind("3", "", "en")
    ('1.7명', '1.7 employees', '3')
    """
    if not unit:
        return value
    return value + unit if language == "ko" and unit[0] > "\u2e80" else f"{value} {unit}"


def within(unit: str) -> str:
    """A unit in brackets behind a word; nothing where there is none.

    >>> within("명"), within("")
    ('(명)', '')
    """
    return f"({unit})" if unit else ""


def money_words(amount: float, unit: str | None, language: str) -> str:
    """An amount in words: won as people say them, another commodity as a plain number.

    >>> money_words(41_812_345.6, "KRW", "ko"), money_words(4_000_000, "KRW", "en")
    ('4,181만 원', '₩4.00 m')
    """
    if unit == "KRW":
        return money.in_words(round(amount), language)
    return f"{round(amount):,} {unit or ''}".strip()


def counted(outcome: str, unit: str) -> bool:
    """Whether an English outcome is a kind of its unit: “insured employees”, “employees”."""
    return bool(unit) and outcome.endswith(unit)


def found(
    programme: str, units: str, outcome: str, unit: str, shown: str, *, more: bool, language: str
) -> str:
    """What was found, where the interval leaves out 0; shown: the size without its sign.

    >>> found("AI 씨앗 보조", "기업", "고용보험 가입자", "명", "1.7", more=True, language="ko")
    'AI 씨앗 보조를 받은 기업은 받지 않았을 때보다 고용보험 가입자가 1.7명쯤 많습니다'
    >>> found("AI seed grants", "firms", "insured employees", "employees", "1.7", more=True,
    ...     language="en")
    'Firms with AI seed grants have about 1.7 insured employees more than they would have had'
    """
    if language == "ko":
        side = "많습니다" if more else "적습니다"
        size = behind(shown, unit, language)
        return (
            f"{with_particle(programme, '을', '를')} 받은 {with_particle(units, '은', '는')} "
            f"받지 않았을 때보다 {with_particle(outcome, '이', '가')} {size}쯤 {side}"
        )
    who = f"{units[:1].upper()}{units[1:]} with {lowered(programme)}"
    if counted(outcome, unit):
        side = "more" if more else "fewer"
        return f"{who} have about {shown} {outcome} {side} than they would have had"
    side = "higher" if more else "lower"
    return f"{who}: {outcome} about {behind(shown, unit, language)} {side} than without it"


def at_cutoff(
    programme: str, outcome: str, unit: str, shown: str, *, more: bool | None, language: str
) -> str:
    """What was found at the cutoff of a score; more is None where no difference was told from 0.

    >>> at_cutoff("AI 씨앗 보조", "고용 인원", "명", "1.7", more=True, language="ko")
    'AI 씨앗 보조: 기준점을 넘으면 고용 인원이 1.7명쯤 많습니다'
    >>> at_cutoff("AI seed grants", "employees", "employees", "1.7", more=False, language="en")
    'AI seed grants, at the cutoff: about 1.7 employees fewer with it than without'
    >>> at_cutoff("AI seed grants", "sales", "", "", more=None, language="en")
    'AI seed grants, at the cutoff: no difference in sales could be told from none'
    """
    if language == "ko":
        if more is None:
            return f"{programme}: 기준점에서 {outcome}의 차이는 0과 구별되지 않습니다"
        side = "많습니다" if more else "적습니다"
        size = behind(shown, unit, language)
        return f"{programme}: 기준점을 넘으면 {with_particle(outcome, '이', '가')} {size}쯤 {side}"
    head = f"{programme[:1].upper()}{programme[1:]}, at the cutoff"
    if more is None:
        return f"{head}: no difference in {outcome} could be told from none"
    if counted(outcome, unit):
        return f"{head}: about {shown} {outcome} {'more' if more else 'fewer'} with it than without"
    side = "higher" if more else "lower"
    return f"{head}: {outcome} about {behind(shown, unit, language)} {side}"


def not_told(programme: str, units: str, outcome: str, language: str) -> str:
    """That no effect was told from none.

    >>> not_told("수출 바우처", "기업", "고용보험 가입자", "ko")
    '수출 바우처를 받은 기업의 고용보험 가입자는 받지 않았을 때와 구별되지 않습니다'
    >>> not_told("Export vouchers", "firms", "insured employees", "en")
    'Export vouchers: no difference in insured employees of firms could be told from none'
    """
    if language == "ko":
        return (
            f"{with_particle(programme, '을', '를')} 받은 {units}의 "
            f"{with_particle(outcome, '은', '는')} 받지 않았을 때와 구별되지 않습니다"
        )
    return f"{programme}: no difference in {outcome} of {units} could be told from none"


def held_back(programme: str, language: str) -> str:
    """That a number exists and is hidden, since it would tell few units.

    >>> held_back("Export vouchers", "en")
    'The effect of export vouchers is held back: it would tell what came of a few units'
    """
    if language == "ko":
        return f"{programme}의 효과는 이번에 싣지 않습니다: 몇 안 되는 대상의 결과가 드러납니다"
    return (
        f"The effect of {lowered(programme)} is held back: it would tell what came of a few units"
    )


def failed(programme: str, labels: Sequence[str], language: str) -> str:
    """That an evaluation failed, and in what.

    >>> failed("창업 도약 융자", ["지원 전 추세"], "ko")
    '창업 도약 융자의 효과는 말할 수 없습니다: 검증 실패(지원 전 추세)'
    >>> failed("Scale-up loans", ["Trends before support"], "en")
    'The effect of scale-up loans cannot be told: a check failed (trends before support)'
    """
    if language == "ko":
        return f"{programme}의 효과는 말할 수 없습니다: 검증 실패({', '.join(labels)})"
    named = ", ".join(lowered(label) for label in labels)
    checks = "a check failed" if len(labels) == 1 else "checks failed"
    return f"The effect of {lowered(programme)} cannot be told: {checks} ({named})"


def registered(programme: str, on: str, language: str) -> str:
    """That a plan stands and no outcome was opened.

    >>> registered("씨앗 보조", "2024년 9월 2일", "ko")
    '씨앗 보조: 결과를 열기 전입니다. 평가 계획은 2024년 9월 2일에 등록되었습니다'
    """
    if language == "ko":
        return f"{programme}: 결과를 열기 전입니다. 평가 계획은 {on}에 등록되었습니다"
    return f"{programme}: outcomes are not opened yet; the plan was registered on {on}"


def lowered(text: str) -> str:
    """A label within a sentence: its first letter small, unless the word is an abbreviation.

    >>> lowered("Trends before"), lowered("AI seed grants"), lowered("GPU sharing")
    ('trends before', 'AI seed grants', 'GPU sharing')
    """
    first = text.split(" ", 1)[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def over_time(before: Sequence[bool], after: Sequence[float], language: str, *, told: bool) -> str:
    """The reading of an event study.

    before: whether each interval before support holds 0. after: estimates since support.
    told: whether the average effect is told from 0.

    >>> over_time([True, True], [0.9, 1.4, 2.1], "ko", told=True)
    '지원 전에는 0과 구별되지 않고, 지원 뒤에는 기간마다 커집니다'
    >>> over_time([True, True], [0.1, -0.1], "en", told=False)
    'No difference told from 0, before support or after it'
    >>> over_time([True, False], [0.4, 0.2], "en", told=True)
    'Already apart before support; after it, the difference shrinks period by period'
    """
    alike = all(before)
    steps = [later - earlier for earlier, later in itertools.pairwise(after)]
    turn = 1 if after and sum(after) >= 0 else -1
    grows = bool(steps) and all(step * turn > 0 for step in steps)
    shrinks = bool(steps) and all(step * turn < 0 for step in steps)
    if language == "ko":
        if alike and not told:
            return "지원 전에도 뒤에도 0과 구별되지 않습니다"
        first = "지원 전에는 0과 구별되지 않고" if alike else "지원 전부터 이미 차이가 있고"
        if not told:
            return f"{first}, 지원 뒤에는 0과 구별되지 않습니다"
        rest = (
            "기간마다 커집니다" if grows else "기간마다 작아집니다" if shrinks else "차이가 납니다"
        )
        return f"{first}, 지원 뒤에는 {rest}"
    if alike and not told:
        return "No difference told from 0, before support or after it"
    apart = "Already apart before support"
    first = "Before support, no difference told from 0" if alike else apart
    if not told:
        return f"{first}; after it, no difference told from 0"
    rest = (
        "it grows period by period" if grows and alike
        else "the difference grows period by period" if grows
        else "the difference shrinks period by period" if shrinks
        else "a difference"
    )  # fmt: skip
    return f"{first}; after it, {rest}"


def by_group(above: int, below: int, count: int, language: str) -> str:
    """The reading of effects by cohort: how many intervals lie wholly on one side of 0.

    >>> by_group(4, 0, 4, "en"), by_group(1, 0, 4, "ko")
    ('Above 0 in all 4 cohorts', '첫 지원 시기 4개 가운데 1개에서 0보다 큽니다')
    >>> by_group(0, 0, 4, "en")
    'Told from 0 in none of 4 cohorts'
    """
    korean = language == "ko"
    if not above and not below:
        if korean:
            return f"첫 지원 시기 {count}개 가운데 0과 구별되는 것은 없습니다"
        return f"Told from 0 in none of {count} cohorts"
    if above and below:
        if korean:
            return f"첫 지원 시기 {count}개 가운데 {above}개는 0보다 크고 {below}개는 작습니다"
        return f"Of {count} cohorts, {above} above 0 and {below} below"
    much, ko, en = (above, "큽니다", "Above") if above else (below, "작습니다", "Below")
    if korean:
        whole = (
            f"첫 지원 시기 {count}개 모두"
            if much == count
            else f"첫 지원 시기 {count}개 가운데 {much}개"
        )
        return f"{whole}에서 0보다 {ko}"
    whole = f"all {count} cohorts" if much == count else f"{much} of {count} cohorts"
    return f"{en} 0 in {whole}"


def period_label(name: str, language: str) -> str:
    """A period as people say it; one that is not of the house's is shown as it is.

    >>> period_label("2025-H1", "ko"), period_label("2025-03", "en"), period_label("3", "en")
    ('2025년 상반기', '2025-03', '3')
    """
    from koga.core.dates import Period
    from koga.core.problems import Refusal

    try:
        return Period.parse(name).label(language)
    except Refusal:
        return name
