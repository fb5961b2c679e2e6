"""The pictures of a card that its estimates alone do not give: score rounds and curves by month.

Each is marks with a reading in one sentence and a note that says what is shown and what is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from koga.core.korean import with_particle
from koga.evaluate.cards import card_sums, card_words
from koga.evaluate.cards.card_about import About
from koga.evaluate.finding import Check, Estimate, Mark

ORDER = ("score_outcome", "score_takeup", "score_density", "survival")


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture: its kind, marks, sentence and note; across, up: what the axes measure.
    names: what each mark is called, where its place alone does not say."""

    kind: str
    marks: tuple[Mark, ...]
    sentence: str
    note: str
    across: str
    up: str
    names: tuple[str, ...] = ()


def plots(
    about: About,
    estimates: Sequence[Estimate],
    checks: Sequence[Check],
    marks: Sequence[Mark],
    language: str,
) -> list[Plot]:
    """The pictures of a card, in the order they are shown."""
    write = {
        "score_outcome": _outcome, "score_takeup": _takeup, "score_density": _density,
        "survival": _survival,
    }  # fmt: skip
    found = []
    for kind in ORDER:
        own = tuple(mark for mark in marks if mark.plot == kind)
        if own and kind in write:
            found.append(write[kind](_Asked(about, estimates, checks, own, language)))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one picture is written from."""

    about: About
    estimates: Sequence[Estimate]
    checks: Sequence[Check]
    marks: tuple[Mark, ...]
    language: str

    @property
    def korean(self) -> bool:
        return self.language == "ko"

    def at_cutoff(self, side: str) -> float | None:
        """How high a side's line ends at the cutoff."""
        ends = [mark for mark in self.marks if mark.series == f"line_{side}"]
        return min(ends, key=lambda mark: abs(mark.x)).value if ends else None


def _across(asked: _Asked) -> str:
    return "점수에서 기준점을 뺀 값" if asked.korean else "score less the cutoff"


def _outcome(asked: _Asked) -> Plot:
    about, korean = asked.about, asked.korean
    name, unit = about.outcome[asked.language], about.outcome_unit[asked.language]
    main = card_sums.overall(asked.estimates, *about.headline)
    if card_sums.told(main) and main is not None and main.estimate is not None:
        more = main.estimate > 0
        side = ("높습니다" if more else "낮습니다") if korean else ("higher" if more else "lower")
        sentence = (
            f"기준점을 막 넘은 쪽의 {with_particle(name, '이', '가')} 막 못 넘은 쪽보다 {side}"
            if korean
            else f"{_capital(name)}: {side} just above the cutoff than just below it"
        )
    else:
        sentence = (
            f"기준점에서 {name}의 차이는 0과 구별되지 않습니다"
            if korean
            else f"{_capital(name)}: no difference at the cutoff is told from 0"
        )
    return Plot(
        "score_outcome", asked.marks, sentence, _means_note(asked, name), _across(asked),
        _capital(name) + (f" ({unit})" if unit and unit != name else ""),
    )  # fmt: skip


def _means_note(asked: _Asked, name: str) -> str:
    if asked.korean:
        return (
            f"점: 점수가 비슷한 신청자 열 이상의 평균 {name}, 세로줄은 95% 구간. 선: 추정과 같은 "
            "대역폭으로 한쪽씩 그은 직선(국소선형). 기준점에서 두 선의 틈이 통상 추정치이고, 싣는 "
            "추정치는 여기서 휘어짐에 따른 편향을 뺀 값입니다."
        )
    return (
        f"Dots: mean {card_words.lowered(name)} of ten or more applicants with like scores, bars "
        "their 95 % interval. Lines: straight lines drawn anew at every score from one side alone, "
        "with the estimate's bandwidth. Their gap at the cutoff is the conventional estimate; the "
        "one published takes off the bias from curvature."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _takeup(asked: _Asked) -> Plot:
    below, above = asked.at_cutoff("below"), asked.at_cutoff("above")
    korean = asked.korean
    if below is None or above is None:
        sentence = "점수별로 지원받은 비율" if korean else "Share supported by score"
    else:
        first, last = (f"{min(max(value, 0), 1):.0%}" for value in (below, above))
        sentence = (
            f"지원받은 비율은 기준점에서 {first}에서 {last}로 바뀝니다"
            if korean
            else f"At the cutoff the share supported goes from {first} to {last}"
        )
    name = "지원받은 비율" if korean else "share supported"
    return Plot("score_takeup", asked.marks, sentence, _share_note(korean), _across(asked),
                f"{_capital(name)} (%)")  # fmt: skip


def _share_note(korean: bool) -> str:
    if korean:
        return (
            "점: 점수가 비슷한 신청자 열 이상 가운데 지원받은 비율. 이 틈으로 결과의 틈을 나눈 "
            "것이 지원의 효과입니다."
        )
    return (
        "Dots: share of ten or more applicants with like scores who were supported. The gap in the "
        "outcome over this gap is the effect of support."
    )


def _density(asked: _Asked) -> Plot:
    check = next((each for each in asked.checks if each.name == "density"), None)
    korean = asked.korean
    failed = check is not None and check.verdict == "fail"
    below, above = asked.at_cutoff("below"), asked.at_cutoff("above")
    if failed and below is not None and above is not None:
        up = above > below
        side = ("위" if up else "아래") if korean else ("above" if up else "below")
        sentence = (
            f"점수가 기준점 바로 {side}에 몰려 있습니다"
            if korean
            else f"Scores pile up just {side} the cutoff"
        )
    elif failed:
        sentence = "점수가 기준점에서 끊깁니다" if korean else "Scores break off at the cutoff"
    elif check is None or check.value is None:
        sentence = "기준점 둘레의 점수" if korean else "Scores around the cutoff"
    elif check.verdict == "warn":
        sentence = (
            "점수가 기준점에서 몰렸는지는 분명하지 않습니다"
            if korean
            else "Whether scores pile up at the cutoff is not clear"
        )
    else:
        sentence = (
            "점수가 기준점에서 몰리거나 끊긴 흔적이 보이지 않습니다"
            if korean
            else "No sign that scores pile up or break off at the cutoff"
        )
    ends = any(mark.series.startswith("end_") for mark in asked.marks)
    note = (
        "막대: 점수 1점당 신청자 수(막대마다 열 이상). 선: 밀도 검정이 한쪽씩 그은 선"
        + (", 기준점의 세로줄은 그 95% 구간" if ends else "")
        + ". 결과가 없는 신청자도 셉니다."
        if korean
        else "Bars: applicants a point of score, ten or more in each. Lines: drawn by the density "
        "test from one side alone"
        + (", the bars at the cutoff their 95 % interval" if ends else "")
        + ". Applicants without an outcome count as well."
    )
    up_label = "점수 1점당 신청자 수" if korean else "Applicants a point of score"
    return Plot("score_density", asked.marks, sentence, note, _across(asked), up_label)


def _survival(asked: _Asked) -> Plot:
    about, korean = asked.about, asked.korean
    reached = about.headline[1] == "reached"
    marks = tuple(_percent(mark, reached=reached) for mark in asked.marks)
    check = next((each for each in asked.checks if each.name == "log_rank"), None)
    sentence = _parting(check, korean) or (
        f"“{about.event}”에 이른 비율은 달마다 이렇게 늘었습니다" if reached and korean
        else f"Share that reached “{about.event}”, month by month" if reached
        else f"“{about.event}”에 이르지 않은 비율은 달마다 이렇게 줄었습니다" if korean
        else f"Share that had not reached “{about.event}”, month by month"
    )  # fmt: skip
    note = (
        "카플란-마이어. 바탕색은 달마다의 95% 구간(곡선이 둘 이하일 때). 이르지 않고 관측이 끝난 "
        "대상은 그때까지만 셉니다. 다섯보다 적게 남은 달부터는 그리지 않습니다."
        if korean
        else "Kaplan-Meier. Shaded: 95 % interval month by month, of up to two curves. Units whose "
        "observation ended count up to then alone. Not drawn where fewer than five are followed."
    )
    up = "비율(%)" if korean else "Share (%)"
    return Plot("survival", marks, sentence, note, "시작한 뒤 달 수" if korean else
                "months since the start", up)  # fmt: skip


def _parting(check: Check | None, korean: bool) -> str:
    if check is None or check.value is None:
        return ""
    if check.value < 0.05:
        return "집단의 곡선은 우연으로 보기 어렵게 벌어집니다" if korean else (
            "The groups' curves part by more than chance"
        )  # fmt: skip
    return "집단의 곡선은 우연과 구별되지 않습니다" if korean else (
        "The groups' curves cannot be told apart from chance"
    )  # fmt: skip


def _percent(mark: Mark, *, reached: bool) -> Mark:
    if not reached:
        ends = mark.low, mark.high
    else:
        ends = (
            None if mark.high is None else 1 - mark.high,
            None if mark.low is None else 1 - mark.low,
        )
    low, high = (None if end is None else 100 * end for end in ends)
    value = 100 * (1 - mark.value if reached else mark.value)
    return replace(mark, value=value, low=low, high=high)
