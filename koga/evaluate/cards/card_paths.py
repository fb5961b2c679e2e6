"""Pictures of few supported units and of rounds by lot: against whom they are held, and how.

Supported units against their synthetic control over time with the weights it is made of; the
means of the two arms of a lot. The means come from estimates, so what hides those hides these.
"""

from collections.abc import Iterator, Sequence

from koga.core.korean import with_particle
from koga.evaluate.cards import card_sums, card_words
from koga.evaluate.cards.card_about import About
from koga.evaluate.cards.card_plots import Plot
from koga.evaluate.finding import ARM_MEAN, ARMS, PATH, SIDES, WEIGHTS, Estimate, Mark, Words


def plots(
    about: About, estimates: Sequence[Estimate], marks: Sequence[Mark], language: str
) -> Iterator[Plot]:
    """The pictures there are figures for."""
    path = [row for row in estimates if row.estimator == PATH and row.estimate is not None]
    weights = tuple(mark for mark in marks if mark.plot == WEIGHTS)
    if path:
        yield _path(about, estimates, path, language, named=bool(weights))
    if weights:
        yield _weights(about, weights, language)
    found = [card_sums.overall(estimates, ARM_MEAN, name) for name in ARMS]
    arms = [row for row in found if row is not None and row.estimate is not None]
    if len(arms) == len(ARMS):
        yield _arms(about, estimates, arms, language)


def _mark(plot: str, x: float, row: Estimate) -> Mark:
    return Mark(plot, row.name, x, None, row.estimate or 0.0, row.ci_low, row.ci_high, row.n)


def _compared(about: About, estimates: Sequence[Estimate], whom: str, language: str) -> str:
    """Whether the supported lie above or below whom they are held against, as a sentence."""
    name = about.outcome[language]
    main = card_sums.overall(estimates, *about.headline)
    above = bool(main and main.estimate and main.estimate > 0)
    if language == "ko":
        if not card_sums.told(main):
            return f"{name}: {whom} 구별되지 않습니다"
        return f"{name}: {whom} 견주어 {'높습니다' if above else '낮습니다'}"
    name = name[:1].upper() + name[1:]
    if not card_sums.told(main):
        return f"{name}: not told apart from {whom}"
    return f"{name}: {'above' if above else 'below'} {whom}"


def _up(about: About, language: str) -> str:
    name, unit = about.outcome[language], about.outcome_unit[language]
    return name[:1].upper() + name[1:] + (f" ({unit})" if unit and unit != name else "")


_WEIGHED = Words("아래 무게로 만든", "made by the weights below")
_UNNAMED = Words(
    "견준 대상에 무게를 두어 만든(무게는 대상의 이름이 드러나 싣지 않음)",
    "made by weights that would name units and are not published,",
)


def _path(
    about: About, estimates: Sequence[Estimate], path: Sequence[Estimate], language: str, *,
    named: bool,
) -> Plot:  # fmt: skip
    """named: whether the weights stand beside it."""
    korean, units = language == "ko", about.units[language]
    rows = sorted(path, key=lambda row: (SIDES.index(row.name), row.event_time or 0))
    span = about.span[language]
    made = _WEIGHED if named else _UNNAMED
    note = (
        f"파란 선: 지원받은 {units}의 평균. 잿빛 선: {made.ko} 합성 비교 대상. 지원 전 "
        f"기간의 무게를 둔 평균이 서로 같도록 통째로 올리거나 내렸습니다. 지원 뒤 두 선의 평균 "
        f"틈이 추정치이며, {span}마다의 구간은 셈하지 않습니다."
        if korean
        else f"Blue: mean of the supported {units}. Grey: their synthetic control, {made.en} "
        "and moved as a whole so that the weighted means before support agree. The "
        f"mean gap since support is the estimate; no interval is computed for a single {span}."
    )
    whom = "합성 비교 대상과" if korean else "the synthetic control since support"
    return Plot(
        PATH, tuple(_mark(PATH, float(row.event_time or 0), row) for row in rows),
        _compared(about, estimates, whom, language), note, "", _up(about, language),
        tuple(card_words.period_label(str(row.time), language) for row in rows),
    )  # fmt: skip


def _weights(about: About, marks: tuple[Mark, ...], language: str) -> Plot:
    shares = [mark.value for mark in marks]
    half = next((n for n in range(1, len(shares)) if sum(shares[:n]) >= 0.5), len(shares))
    part = f"{sum(shares[:half]):.0%}"
    units, compared = about.units[language], about.compared
    if language == "ko":
        among = f"견준 {units} {compared:,} 가운데 " if compared else ""
        them = with_particle(str(half), "이", "가")
        sentence = f"{among}{them} 합성 비교 대상의 {part}를 이룹니다"
        note = "무게의 합은 1. 무거운 것부터 스물까지만 싣고, 무게가 0인 것은 싣지 않습니다."
    else:
        among = f" of {compared:,} {units} compared with" if compared else ""
        verb = "makes" if half == 1 else "make"
        sentence = f"{half}{among} {verb} up {part} of the synthetic control"
        note = "Weights sum to 1. The twenty heaviest at most; those with a weight of 0 are not "
        note += "listed."
    return Plot(WEIGHTS, marks, sentence, note, "", "", tuple(mark.series for mark in marks))


def _arms(
    about: About, estimates: Sequence[Estimate], arms: Sequence[Estimate], language: str
) -> Plot:
    korean = language == "ko"
    names = ("뽑히지 않음", "뽑힘") if korean else ("not drawn", "drawn")
    note = (
        "점: 각 집단의 평균, 가로줄은 그 평균의 95% 구간. 두 구간이 겹쳐도 차이는 뚜렷할 수 "
        "있습니다. 차이의 구간은 추정치에 있습니다."
        if korean
        else "Dots: mean of each arm, bars the 95 % interval of that mean. Intervals that overlap "
        "may still leave a clear difference; its own interval stands with the estimate."
    )
    whom = "뽑히지 않은 쪽과" if korean else "those not drawn"
    return Plot(
        ARM_MEAN, tuple(_mark(ARM_MEAN, float(n), row) for n, row in enumerate(arms)),
        _compared(about, estimates, whom, language), note, "", _up(about, language), names,
    )  # fmt: skip
