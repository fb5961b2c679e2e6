"""The card of a finding as data: what is asked, who is compared, the estimate, its checks.

A card is a function of what is published of a finding and of a language. It never carries a number
without its interval and the verdicts that go with it: a finding that failed a check has the
failure in its heading.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from koga.core.korean import with_particle
from koga.evaluate.cards import (
    card_doubts,
    card_months,
    card_paths,
    card_plots,
    card_sums,
    card_words,
)
from koga.evaluate.cards.card_about import About
from koga.evaluate.cards.card_plots import Plot
from koga.evaluate.cards.card_sums import Line
from koga.evaluate.finding import Check, Estimate, Mark, Words
from koga.evaluate.panels import planned


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a plot: where, its label, the estimate and its interval; None where hidden."""

    place: int
    label: str
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as printed: label, verdict's code and word, the reason."""

    label: str
    verdict: str
    word: str
    reason: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card in one language.

    heading: what was found. lead: one or two sentences below. state, state_word: the verdict.
    lines: the estimate beside the naive difference and other estimators, the first in bold.
    net: gross, net and cost. events, groups: points of the two plots, with their sentences.
    plots: pictures that estimates alone do not give (score rounds, curves by month).
    checks: with verdicts. facts, proof: label and value pairs. not_said: what it does not say.
    alarm: what is wrong with its registration; blank where nothing is.
    """

    language: str
    code: str
    programme: str
    heading: str
    lead: str
    state: str
    state_word: str
    question: str
    unit: str
    span: str
    lines: tuple[Line, ...]
    net: tuple[Line, ...]
    events: tuple[Point, ...]
    events_sentence: str
    events_note: str
    groups: tuple[Point, ...]
    groups_sentence: str
    groups_note: str
    plots: tuple[Plot, ...]
    checks: tuple[CheckLine, ...]
    facts: tuple[tuple[str, str], ...]
    proof: tuple[tuple[str, str], ...]
    not_said: tuple[str, ...]
    alarm: str


def make(
    about: About,
    estimates: Sequence[Estimate],
    checks: Sequence[Check],
    language: str,
    points: Sequence[Mark] = (),
) -> Card:
    """The card of a finding in `ko` or `en`; points: marks of the pictures that go with it."""
    found = _Found(about, estimates, checks, language)
    events = tuple(found.events())
    groups = tuple(found.groups())
    return Card(
        language=language,
        code=about.code,
        programme=about.programme[language],
        heading=found.heading(),
        lead=found.lead(),
        state=about.state,
        state_word=card_words.STATES[about.state][language],
        question=about.question[language],
        unit=_unit(about, language),
        span=about.span[language],
        lines=tuple(
            card_months.lines(about, estimates, language)
            if about.design == "survival"
            else card_sums.lines(about, estimates, language)
        ),
        net=tuple(card_sums.net(about, estimates, language)),
        events=events,
        events_sentence=found.events_sentence(events),
        events_note=found.events_note(),
        groups=groups,
        groups_sentence=_groups_sentence(groups, language),
        groups_note=found.groups_note(),
        plots=(
            *card_plots.plots(about, estimates, checks, points, language),
            *card_paths.plots(about, estimates, points, language),
        ),
        checks=tuple(
            CheckLine(
                card_words.check_label(check.name, language),
                check.verdict,
                card_words.VERDICTS[check.verdict][language],
                check.reason[language],
            )
            for check in checks
        ),
        facts=tuple(found.facts()),
        proof=tuple(card_doubts.proof(about, language)),
        not_said=tuple(card_doubts.not_said(about, estimates, language)),
        alarm=card_doubts.alarm(about, language),
    )


class _Found:
    """What the parts of one card share."""

    def __init__(
        self, about: About, estimates: Sequence[Estimate], checks: Sequence[Check], language: str
    ) -> None:
        self.about, self.estimates, self.checks = about, estimates, checks
        self.language, self.korean = language, language == "ko"
        self.main = card_sums.overall(estimates, *about.headline)
        self.places = card_words.places_of(self.main.se if self.main else None)
        self.told = card_sums.told(self.main)

    def said(self, words: Words) -> str:
        """A text in the card's language."""
        return words[self.language]

    def shown(self, value: float) -> str:
        """A figure with the outcome's unit."""
        text = card_words.number(value, self.places)
        return card_words.behind(text, self.said(self.about.outcome_unit), self.language)

    def heading(self) -> str:
        """What was found, as a sentence."""
        about, language = self.about, self.language
        programme = self.said(about.programme)
        if about.state == "registered":
            return card_words.registered(
                programme, card_words.day(about.registered_on, language), language
            )
        if about.state != "fail" and self.main is not None and self.main.estimate is None:
            return card_words.held_back(programme, language)
        if about.state == "fail" or self.main is None or self.main.estimate is None:
            return card_words.failed(programme, self.failing("fail"), language)
        names = (self.said(about.units), self.said(about.outcome))
        if about.design == "survival":
            return card_months.heading(about, self.main, language)
        if about.design == "rd":
            return card_words.at_cutoff(
                programme, names[1], self.said(about.outcome_unit),
                card_words.number(abs(self.main.estimate), self.places),
                more=self.main.estimate > 0 if self.told else None, language=language,
            )  # fmt: skip
        if not self.told:
            return card_words.not_told(programme, *names, language)
        size = card_words.number(abs(self.main.estimate), self.places)
        return card_words.found(
            programme, *names, self.said(about.outcome_unit), size,
            more=self.main.estimate > 0, language=language,
        )  # fmt: skip

    def failing(self, verdict: str) -> list[str]:
        """Labels of the checks with a verdict."""
        return [
            card_words.check_label(check.name, self.language)
            for check in self.checks
            if check.verdict == verdict
        ]

    def lead(self) -> str:
        """The sentences under the heading."""
        about = self.about
        if about.state == "registered":
            return self.said(about.question)
        if about.state == "fail":
            return self._why_failed()
        if about.design == "survival":
            parts = [card_months.lead(about, self.language)]
        else:
            parts = [self._against(), self._naive() if self.told else self._undetected()]
        if about.state == "warn":
            labels = ", ".join(self.failing("warn"))
            parts.append(
                f"유보할 점: {labels}." if self.korean else f"Read with reservations: {labels}."
            )
        return " ".join(part for part in parts if part)

    def _against(self) -> str:
        against = self.said(self.about.comparison).rstrip(".")
        return f"견준 대상: {against}." if self.korean else f"Compared with {against}."

    def _why_failed(self) -> str:
        reasons = " ".join(
            self.said(check.reason) for check in self.checks if check.verdict == "fail"
        )
        warning = (
            "아래 숫자는 이 까닭과 함께만 싣습니다. 효과로 읽지 마십시오."
            if self.korean
            else "The numbers below stand here with this reason alone; they are no effect."
        )
        return f"{reasons} {warning}"

    def _naive(self) -> str:
        plain = card_sums.overall(self.estimates, "naive", "treated_untreated")
        main = self.main
        if plain is None or plain.estimate is None or main is None or main.estimate is None:
            return ""
        rest = plain.estimate - main.estimate
        if self.about.design == "rd":
            return self._over_all(plain.estimate, main.estimate)
        if not (plain.estimate > 0 and main.estimate > 0 and rest > (plain.se or 0)):
            return ""
        whole, part = self.shown(plain.estimate), self.shown(rest)
        bare = card_words.number(rest, self.places)
        if self.korean:
            return (
                f"그냥 견주면 {whole} 차이지만 그 가운데 {with_particle(part, '은', '는')} 지원이 "
                "없었어도 있었을 차이입니다."
            )
        return (
            f"Compared plainly the difference is {whole}; {bare} of it would be there without the "
            "support."
        )

    def _over_all(self, plain: float, effect: float) -> str:
        whole, part = self.shown(plain), self.shown(effect)
        if self.korean:
            return f"점수와 상관없이 그냥 견주면 {whole} 차이이고, 기준점에서는 {part}입니다."
        return f"Over all scores the plain difference is {whole}; at the cutoff it is {part}."

    def _undetected(self) -> str:
        main = self.main
        if main is None or main.estimate is None:
            return ""
        ends = card_words.interval(main.ci_low, main.ci_high, self.places, self.language)
        value = self.shown(main.estimate)
        power = next((check for check in self.checks if check.name == "power"), None)
        if power is None or power.value is None:
            return f"추정치 {value}, 95% 구간 {ends}." if self.korean else (
                f"The estimate is {value}, its 95 % interval {ends}."
            )  # fmt: skip
        least = self.shown(power.value)
        if self.korean:
            return (
                f"추정치 {value}, 95% 구간 {ends}. {least} 넘는 효과가 있었다면 다섯 번에 네 번은 "
                "알아챘을 설계입니다."
            )
        return (
            f"The estimate is {value}, its 95 % interval {ends}; an effect of {least} or more "
            "would have been found four times in five."
        )

    def events(self) -> list[Point]:
        """Estimates by time since support."""
        rows = [
            row
            for row in self.estimates
            if row.estimator == "callaway_santanna" and row.name == "dynamic"
            and row.event_time is not None
        ]  # fmt: skip
        return [
            Point(row.event_time, f"{row.event_time:+d}".replace("-", "−").replace("+0", "0"),
                  row.estimate, row.ci_low, row.ci_high)
            for row in sorted(rows, key=lambda row: row.event_time or 0)
            if row.event_time is not None
        ]  # fmt: skip

    def groups(self) -> list[Point]:
        """Estimates by first supported period."""
        rows = [
            row
            for row in self.estimates
            if (row.estimator, row.name) in (("callaway_santanna", "group"), ("sdid", "sdid"))
            and row.group is not None
        ]  # fmt: skip
        return [
            Point(place, card_words.period_label(str(row.group), self.language), row.estimate,
                  row.ci_low, row.ci_high)
            for place, row in enumerate(sorted(rows, key=lambda row: str(row.group)))
        ]  # fmt: skip

    def events_sentence(self, points: Sequence[Point]) -> str:
        """The reading of the event study."""
        before = [
            point.low <= 0 <= point.high
            for point in points
            if point.place < 0 and point.low is not None and point.high is not None
        ]
        after = [point.value for point in points if point.place >= 0 and point.value is not None]
        trend = next((check for check in self.checks if check.name == "pre_trend"), None)
        if trend is not None and trend.verdict in ("ok", "warn"):
            before = [True] * len(before)
        elif trend is not None and trend.verdict == "fail":
            before = [False]
        return card_words.over_time(before, after, self.language, told=self.told)

    def events_note(self) -> str:
        """What the event study shows."""
        outcome, span = self.said(self.about.outcome), self.said(self.about.span)
        units = self.said(self.about.units)
        unit = card_words.within(self.said(self.about.outcome_unit))
        if self.korean:
            return (
                f"{units}당 {outcome}{unit}, 첫 지원 {with_particle(span, '을', '를')} 0으로 센 "
                f"{span} 수. 세로줄은 하나씩 본 95% 구간. {self._counts()}. 바탕색은 "
                f"지원 전으로, 바로 앞 {with_particle(span, '과', '와')} 견준 값입니다."
            )
        return (
            f"{outcome[:1].upper()}{outcome[1:]} per {card_sums.single(units)}; {span}s since the "
            f"first supported one. Bars: 95 % interval, each on its own. {self._counts()}. "
            f"Shaded: before support, each {span} against the one before it."
        )

    def groups_note(self) -> str:
        """What the group plot shows."""
        span = self.said(self.about.span)
        unit = card_words.within(self.said(self.about.outcome_unit))
        if self.korean:
            return f"처음 지원받은 {span}별 평균 효과{unit}, 하나씩 본 95% 구간."
        return (
            f"Mean effect by the {span} of first support {unit}".rstrip() + ", 95 % interval each."
        )

    def _counts(self) -> str:
        covered, compared = self.about.covered, self.about.compared
        if covered is None or compared is None:
            return ""
        units = self.said(self.about.units)
        if self.korean:
            return f"지원받은 {units} {covered:,}, 견준 {units} {compared:,}"
        return f"{covered:,} supported {units}, {compared:,} compared with"

    def facts(self) -> list[tuple[str, str]]:
        """Who is compared with whom, from when to when."""
        about, korean = self.about, self.korean
        told = [
            ("물음" if korean else "Question", self.said(about.question)),
            ("재는 것" if korean else "What is estimated", self.said(about.estimand)),
            ("견준 대상" if korean else "Compared with", self.said(about.comparison)),
            ("지원 시점 규칙" if korean else "When a unit counts as supported",
             self.said(about.dating)),
            ("설계" if korean else "Design", card_words.DESIGNS[about.design][self.language]),
        ]  # fmt: skip
        if about.window != ("", ""):
            ends = [card_words.period_label(end, self.language) for end in about.window]
            joint = "부터 " if korean else " to "
            window = f"{ends[0]}{joint}{ends[1]}" + ("까지" if korean else "")
            told.append(("기간" if korean else "Window", window + self._observed()))
        if about.supported is not None or about.covered is not None:
            told.append(("대상" if korean else "Units", self._units()))
        return [(label, value) for label, value in told if value]

    def _observed(self) -> str:
        """How many rows of a whole panel there are, where units are followed over time."""
        about = self.about
        if about.design not in ("did", "sdid") or about.registration not in card_doubts.PLANNED:
            return ""
        if about.covered is None or about.compared is None or about.panel_rows is None:
            return ""
        whole = (about.covered + about.compared) * planned.length(*about.window)
        if self.korean:
            return f", 표는 {about.panel_rows:,}줄(빠짐없으면 {whole:,}줄)"
        return f"; {about.panel_rows:,} rows ({whole:,} if none is missing)"

    def _units(self) -> str:
        about, units = self.about, self.said(self.about.units)
        if about.supported is None and about.registration not in card_doubts.PLANNED:
            return self._counts()
        few = "5 미만" if self.korean else "under 5"
        supported, covered, compared, also = (
            few if count is None else f"{count:,}"
            for count in (about.supported, about.covered, about.compared, about.also_supported)
        )
        if self.korean:
            return (
                f"지원받은 {units} {supported}, 그 가운데 관측된 {units} {covered}. 견준 {units} "
                f"{compared}, 그 가운데 다른 사업의 지원을 받은 {units} {also}"
            )
        return (
            f"{covered} of {supported} supported {units} are observed; {compared} compared with, "
            f"{also} of them with support from another programme"
        )


def _groups_sentence(points: Sequence[Point], language: str) -> str:
    shown = [(point.low, point.high) for point in points]
    known = [(low, high) for low, high in shown if low is not None and high is not None]
    above = sum(low > 0 for low, _ in known)
    below = sum(high < 0 for _, high in known)
    return card_words.by_group(above, below, len(known), language) if known else ""


def plain(card: Card) -> dict[str, Any]:
    """A card as plain JSON types, for templates of other kinds."""
    from dataclasses import asdict

    return asdict(card)


def _unit(about: About, language: str) -> str:
    if about.design == "survival":
        return "%"
    return about.outcome_unit[language] or ("값" if language == "ko" else "value")
