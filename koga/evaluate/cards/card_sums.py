"""The figures of a card: the estimate beside the naive difference, gross and net, cost a unit.

Cost divides money by an estimate, so it is told in words to three digits and with the interval
that the estimate's own gives; where that holds 0 there is no cost to tell.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from koga.evaluate.cards import card_words
from koga.evaluate.cards.card_about import About
from koga.evaluate.finding import Estimate, Words

NAIVE = "naive"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure as printed: its label, value and interval, a note below; strong for the first."""

    label: str
    value: str
    interval: str
    note: str = ""
    strong: bool = False


def overall(estimates: Sequence[Estimate], estimator: str, name: str) -> Estimate | None:
    """The overall estimate of an estimator and name; None where there is none."""
    for row in estimates:
        place = (row.group, row.time, row.event_time)
        if (row.estimator, row.name) == (estimator, name) and place == (None, None, None):
            return row
    return None


def told(row: Estimate | None) -> bool:
    """Whether an estimate's interval leaves out 0."""
    if row is None or row.ci_low is None or row.ci_high is None:
        return False
    return row.ci_low > 0 or row.ci_high < 0


_OTHERS = (
    ("naive", "treated_untreated", "그냥 견준 차이", "Naive difference",
     "지원받은 곳과 받지 않은 곳의 평균 차이. 설계 없음.",
     "Means of those with and those without support; no design."),
    ("imputation", "imputation", "대체 추정(BJS)", "Imputation (BJS)",
     "같은 가정의 다른 추정 방법", "Another estimator under the same assumption"),
    ("twfe", "twfe", "이원고정효과, 대조용", "Two-way fixed effects, for contrast",
     "시차를 두고 시작한 지원에서는 치우칠 수 있음", "May be biased where support starts in turns"),
    ("rd", "rd", "통상 추정", "Conventional",
     "휘어짐에 따른 편향을 빼지 않음", "The bias from curvature is not taken off"),
    ("rd", "rd_bias_corrected", "편향 보정", "Bias-corrected",
     "편향을 빼되 그 보정의 오차를 세지 않음", "Less the bias, whose own error is not counted"),
)  # fmt: skip

_PLAIN: Mapping[str, Words] = {
    "rd": Words(
        "점수와 상관없이 기준점 위와 아래의 평균 차이. 설계 없음.",
        "Means of all above and all below the cutoff; no design.",
    ),
    "experiment": Words(
        "추첨으로 나뉘었다면 그냥 견준 차이가 곧 추정치",
        "In a round decided by lot the naive difference is the estimate itself.",
    ),
}
_ALONE = Words("어느 한쪽이 하나뿐이라 구간을 셀 수 없음.", "One unit on a side gives no interval.")
_SAMPLING = Words(
    "구간은 평균의 표본오차만 셈.", "The interval counts the sampling error of the means alone."
)


def lines(about: About, estimates: Sequence[Estimate], language: str) -> Iterator[Line]:
    """The estimate and what it is held against, in the outcome's unit."""
    main = overall(estimates, *about.headline)
    if main is None:
        return
    korean = language == "ko"
    places = _places(main)
    units = about.units[language]
    label = f"지원받은 {units}당 효과" if korean else f"Effect per supported {single(units)}"
    if about.design == "rd":
        label = "기준점에서의 효과" if korean else "Effect at the cutoff"
    yield _line(label, main, places, language, strong=about.state != "fail")
    for estimator, name, ko, en, note_ko, note_en in _OTHERS:
        row = overall(estimates, estimator, name)
        if row is not None and row.estimate is not None and (estimator, name) != about.headline:
            note = Words(note_ko, note_en)
            if estimator == NAIVE:
                note = _plain(about, row, note)
            yield _line(ko if korean else en, row, places, language, note=note[language])


def _plain(about: About, row: Estimate, note: Words) -> Words:
    """What the naive difference is, and what its interval counts."""
    note = _PLAIN.get(about.design, note)
    if about.design == "experiment" or not row.n:
        return note
    added = _ALONE if row.ci_low is None else _SAMPLING
    return Words(f"{note.ko} {added.ko}", f"{note.en} {added.en}")


def _line(
    label: str, row: Estimate, places: int, language: str, *, note: str = "", strong: bool = False
) -> Line:
    ends = card_words.interval(row.ci_low, row.ci_high, places, language)
    return Line(label, card_words.number(row.estimate, places), ends, note, strong)


def _places(main: Estimate) -> int:
    """Places of a card's figures; one more where an end told from 0 would be printed as 0."""
    places = card_words.finer(main.se)
    near = min(abs(main.ci_low or 0.0), abs(main.ci_high or 0.0))
    return places + (told(main) and round(near, places) == 0)


def single(units: str) -> str:
    """An English plural without its s, where that is all it is."""
    return units[:-1] if units.endswith("s") and not units.endswith("ss") else units


def net(about: About, estimates: Sequence[Estimate], language: str) -> Iterator[Line]:
    """Gross, net and what would have come anyway; then the money for a unit of effect.

    An effect at a cutoff speaks of those near it alone and is not summed over all.
    """
    main = overall(estimates, *about.headline)
    gross = overall(estimates, NAIVE, "before_after")
    covered = about.covered
    if main is None or main.estimate is None or not covered or about.state == "fail":
        return
    if about.design == "rd":
        return
    korean, places = language == "ko", _places(main)
    if gross is not None and gross.estimate is not None:
        yield _line(
            "총변화: 지원 전후의 차이" if korean else "Gross: after less before", gross, places,
            language,
        )  # fmt: skip
        rest = gross.estimate - main.estimate
        yield Line(
            "그 가운데 지원이 없었어도 있었을 변화" if korean
            else "Of this, would have come anyway",
            card_words.number(rest, places), "",
            "총변화에서 순효과를 뺀 값" if korean else "gross less net",
        )  # fmt: skip
    yield _line("순효과" if korean else "Net", main, places, language)
    unit = about.outcome_unit[language]
    near = min(abs(main.ci_low or 0.0), abs(main.ci_high or 0.0)) * covered
    whole_places = int(told(main) and round(near) == 0)
    whole = Line(
        f"순효과의 합{card_words.within(unit)}" if korean
        else f"Net in all {card_words.within(unit)}".rstrip(),
        card_words.number(main.estimate * covered, whole_places),
        card_words.interval(_times(main.ci_low, covered), _times(main.ci_high, covered),
                            whole_places, language),
        f"관측된 {about.units[language]} {covered:,}, 지원 뒤 기간 평균" if korean
        else f"over the {covered:,} observed {about.units[language]}, mean of the periods since",
    )  # fmt: skip
    yield whole
    yield from _cost(about, main, gross, language)


def _times(value: float | None, count: int) -> float | None:
    return None if value is None else value * count


def _cost(about: About, main: Estimate, gross: Estimate | None, language: str) -> Iterator[Line]:
    if about.spent is None or not about.covered or main.ci_low is None or main.ci_high is None:
        return
    korean, unit = language == "ko", about.outcome_unit[language]
    spent, covered = about.spent, about.covered
    name = about.outcome[language] or unit
    label = f"{name} 1{unit}에 든 지원(순)" if korean else f"Cost of one {single(name)}, net"
    per_unit = "준 것을 순효과의 합으로 나눔" if korean else "what was given over the net in all"
    if main.ci_low <= 0 or main.estimate is None:
        yield Line(
            label, "–", "",
            "구간이 0을 품어 나눌 수 없음" if korean else "the interval holds 0: no quotient",
        )  # fmt: skip
        return
    ends = [spent / (end * covered) for end in (main.ci_high, main.ci_low)]
    words = [card_words.money_words(end, about.unit, language) for end in ends]
    value = card_words.money_words(spent / (main.estimate * covered), about.unit, language)
    joint = "~" if korean else " to "
    given = card_words.money_words(spent, about.unit, language)
    yield Line(label, value, joint.join(words), f"{per_unit}: {given}")
    if gross is not None and gross.estimate is not None and gross.estimate > 0:
        plain = card_words.money_words(spent / (gross.estimate * covered), about.unit, language)
        yield Line(
            "총변화로 셈하면" if korean else "The same over the gross change", plain, "",
            "효과가 아닌 몫이 들어 있음" if korean else "counts what would have come anyway",
        )  # fmt: skip
