"""The card of funds as data: what they returned, against what, with what is said beside it.

A card is a function of a finding of funds and of a language. No figure against an index stands
without what had come of it had the index's months fallen otherwise; a price index is called
flattering wherever it is named.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from koga.core.korean import with_particle
from koga.evaluate.cards import card_words
from koga.evaluate.cards.card import CheckLine
from koga.evaluate.finding import Words
from koga.evaluate.funds.fund import DIMENSIONS
from koga.evaluate.funds.fund_figures import Told
from koga.evaluate.funds.funds import MINIMUM, SINGLE, Figure, FundFinding
from koga.release.fund_tables import INDEX_KINDS
from koga.release.tables import INSTRUMENTS, SECTORS

ORDER = (SINGLE, *DIMENSIONS)
TITLES: Mapping[str, Words] = {
    "fund": Words("펀드마다", "Fund by fund"),
    "vintage": Words("결성연도별", "By vintage"),
    "instrument": Words("수단별", "By instrument"),
    "sector": Words("분야별", "By sector"),
    "manager": Words("운용사별", "By manager"),
}
HEADS: Mapping[str, tuple[str, ...]] = {
    "ko": ("펀드 수", "투자배수(TVPI) 순 / 총", "실현 배수(DPI)", "내부수익률 순 / 총",
           "지수 대비(KS-PME)", "다이렉트 알파"),
    "en": ("Funds", "TVPI net / gross", "DPI", "IRR net / gross", "KS-PME", "Direct alpha"),
}  # fmt: skip
CHECKS: Mapping[str, Words] = {
    "benchmark": Words("벤치마크", "Benchmark"),
    "index_span": Words("지수의 기간", "Span of the index"),
    "values": Words("평가값", "Values"),
    "value_share": Words("팔지 않은 값", "Value not sold"),
    "small_cells": Words("소수 셀", "Small groups"),
}
NOT_SAID = (
    Words(
        "펀드의 돈으로 기업에 무엇이 달라졌는지는 말하지 않습니다. 그것은 효과 평가가 답합니다.",
        "It does not say what changed in firms because of the money; a finding does.",
    ),
    Words(
        "공공 펀드는 시장이 아직 가지 않는 곳에 먼저 들어가는 펀드입니다. 지수에 뒤졌다는 것만으로 "
        "실패라 할 수 없습니다.",
        "A public fund goes where the market does not go yet: being behind the index alone is no "
        "failure.",
    ),
    Words(
        "남은 값은 평가한 값이며 돌려받은 돈이 아닙니다.",
        "Value that is left is an appraisal, not money received.",
    ),
    Words(
        "지수의 구간은 잣대만의 불확실성입니다. 펀드와 지수가 함께 움직인 몫은 다시 뽑지 않습니다.",
        "The index's interval is about the yardstick alone; what funds and index share is not "
        "drawn again.",
    ),
)
_CODES = {"instrument": INSTRUMENTS, "sector": SECTORS}
_NONE = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """A group of a table: its name, then a cell for each head; a cell is a figure and its note."""

    name: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table of groups. dimension: what they are of."""

    dimension: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FundCard:
    """The card of funds in one language.

    heading, lead: what was found. alarm: what flatters; blank where nothing does. heads: of every
    section's columns. sections: tables, all funds first. ended: ended deals, by fund.
    checks: with verdicts. facts: label and value. not_said: what it does not say.
    """

    language: str
    heading: str
    lead: str
    state: str
    state_word: str
    alarm: str
    heads: tuple[str, ...]
    sections: tuple[Section, ...]
    ended: tuple[Row, ...]
    checks: tuple[CheckLine, ...]
    facts: tuple[tuple[str, str], ...]
    not_said: tuple[str, ...]


def make(found: FundFinding, language: str) -> FundCard:
    """The card in `ko` or `en`."""
    shown = _Shown(found, language)
    return FundCard(
        language=language,
        heading=shown.heading(),
        lead=shown.lead(),
        state=found.verdict,
        state_word=card_words.STATES[found.verdict][language],
        alarm=shown.alarm(),
        heads=HEADS[language],
        sections=tuple(shown.sections()),
        ended=tuple(shown.ended()),
        checks=tuple(
            CheckLine(
                CHECKS[check.name][language], check.verdict,
                card_words.VERDICTS[check.verdict][language], check.reason[language],
            )
            for check in found.checks
        ),
        facts=tuple(shown.facts()),
        not_said=tuple(shown.not_said()),
    )  # fmt: skip


class _Shown:
    """What the parts of one card share."""

    def __init__(self, found: FundFinding, language: str) -> None:
        self.found, self.language, self.korean = found, language, language == "ko"

    def one(self, name: str, basis: str = "net") -> Figure:
        """A figure of all funds."""
        return self.found.of(name, basis=basis)[0]

    def heading(self) -> str:
        """What the funds returned, and against what."""
        tvpi, pme = self.one("tvpi").told, self.one("ks_pme")
        if tvpi.value is None:
            return "펀드가 적어 밝힐 수 있는 것이 없습니다" if self.korean else (
                "The funds are too few to tell anything"
            )  # fmt: skip
        count, told = tvpi.n, with_particle(f"{tvpi.value:.2f}", "을", "를")
        if pme.told.value is None:
            told = with_particle(f"{tvpi:.2f}", "을", "를")
            return (
                f"펀드 {count}개는 낸 돈 1에 {told} 돌려주었거나 지니고 있습니다"
                if self.korean
                else f"{count} funds have returned or hold {tvpi.value:.2f} for each 1 paid in"
            )
        return self._against(count, tvpi.value, pme)

    def _against(self, count: int, tvpi: float, pme: Figure) -> str:
        value = pme.told.value or 0.0
        low, high = pme.benchmark or (value, value)
        if self.korean:
            side = "지수와 구별되지 않습니다" if low <= 1 <= high else (
                "지수를 앞섰습니다" if value > 1 else "지수에 뒤졌습니다"
            )  # fmt: skip
            told = with_particle(f"{tvpi:.2f}", "을", "를")
            return (
                f"펀드 {count}개는 낸 돈 1에 {told} 돌려주었거나 지니고 있으며, "
                f"같은 돈을 넣은 {side}"
            )
        side = "cannot be told from the same money in the index" if low <= 1 <= high else (
            "are ahead of the same money in the index" if value > 1
            else "are behind the same money in the index"
        )  # fmt: skip
        return f"{count} funds have returned or hold {tvpi:.2f} for each 1 paid in, and {side}"

    def lead(self) -> str:
        """The sentences under the heading."""
        parts = [self._pme_words(), self._cost_words()]
        return " ".join(part for part in parts if part)

    def _pme_words(self) -> str:
        pme = self.one("ks_pme")
        if pme.told.value is None:
            return ""
        value, name = f"{pme.told.value:.2f}", self._index_name()
        ends = self._ends("{:.2f}".format, *pme.benchmark) if pme.benchmark else ""
        if self.korean:
            told = f", 지수의 달이 달리 놓였다면 {ends}" if ends else ""
            return f"{name} 대비 KS-PME {value}{told}(1이면 지수와 같음)."
        told = f", {ends} had the index's months fallen otherwise" if ends else ""
        return f"KS-PME against {name}: {value}{told} (1 is the index)."

    def _cost_words(self) -> str:
        net, gross = self.one("tvpi").told, self.found.of("tvpi", basis="gross")
        if net.value is None or not gross or gross[0].told.value is None:
            return ""
        rest = gross[0].told.value - net.value
        return (
            f"보수와 성과보수를 빼기 전에는 {gross[0].told.value:.2f}, 그 차이는 {rest:.2f}입니다."
            if self.korean
            else f"Before fees and carry it is {gross[0].told.value:.2f}; they take {rest:.2f}."
        )

    def _index_name(self) -> str:
        known = self.found.facts.get("benchmark") or {}
        name = known.get("name")
        if name:
            return str(name[self.language])
        word = INDEX_KINDS[known["kind"]]
        return word.ko if self.korean else word.en

    def alarm(self) -> str:
        """What flatters the funds."""
        known = self.found.facts.get("benchmark") or {}
        if known.get("kind") != "price":
            return ""
        return (
            "배당이 빠진 가격지수와 견주어 펀드가 좋아 보입니다."
            if self.korean
            else "The index is of prices alone, without dividends: it flatters the funds."
        )

    def sections(self) -> Iterator[Section]:
        """All funds, then each dimension that has groups."""
        everyone = self.found.of("tvpi")
        title = "모든 펀드" if self.korean else "All funds"
        yield Section("", title, tuple(self._row(row, title) for row in everyone))
        for dimension in ORDER:
            groups = self.found.of("tvpi", dimension=dimension)
            if groups:
                rows = tuple(self._row(row, self.group(row)) for row in groups)
                yield Section(dimension, TITLES[dimension][self.language], rows)

    def group(self, row: Figure) -> str:
        """A group's name as people read it."""
        named = self.found.named(row)
        if named is not None:
            return named[self.language]
        code = _CODES.get(row.dimension or "", {}).get(row.group or "")
        if code is not None:
            return code.ko if self.korean else code.en
        if not row.group:
            return "미상" if self.korean else "not stated"
        return f"{row.group}년" if row.dimension == "vintage" and self.korean else row.group

    def _row(self, row: Figure, name: str) -> Row:
        net, gross = (self._figures(row, basis) for basis in ("net", "gross"))
        tvpi = net["tvpi"].told
        count = f"{tvpi.n}" if tvpi.n else self.missing(tvpi)
        return Row(
            name,
            (
                (count, ""),
                self._pair(net, gross, "tvpi", _multiple),
                (self._said(net["dpi"].told, _multiple), ""),
                self._pair(net, gross, "irr", _percent),
                self._versus(net["ks_pme"], _multiple),
                self._versus(net["direct_alpha"], _percent),
            ),
        )

    def _figures(self, row: Figure, basis: str) -> dict[str, Figure]:
        return {
            one.told.name: one
            for one in self.found.figures
            if (one.dimension, one.group, one.basis) == (row.dimension, row.group, basis)
        }

    def _pair(
        self, net: Mapping[str, Figure], gross: Mapping[str, Figure], name: str, write: Any
    ) -> tuple[str, str]:
        """Net beside gross; below, the interval over funds where there are funds enough."""
        told = net[name].told
        before = self._said(gross[name].told, write) if name in gross else ""
        said = self._said(told, write)
        ends = ""
        if told.n >= MINIMUM and told.low is not None and told.high is not None:
            ends = self._ends(write, told.low, told.high)
        return (f"{said} / {before}" if before else said), ends

    def _versus(self, row: Figure, write: Any) -> tuple[str, str]:
        """A figure against the index; below, what other months of the index had made of it."""
        ends = self._ends(write, *row.benchmark) if row.benchmark else ""
        return self._said(row.told, write), ends

    def _ends(self, write: Any, low: float, high: float) -> str:
        return f"{write(low)}{'~' if self.korean else ' to '}{write(high)}"

    def _said(self, told: Told, write: Any) -> str:
        return self.missing(told) if told.value is None else str(write(told.value))

    def missing(self, told: Told) -> str:
        """What stands in the place of a figure that is not there."""
        if told.status == "suppressed":
            return "숨김" if self.korean else "hidden"
        return _NONE

    def ended(self) -> Iterator[Row]:
        """Ended deals by fund, and together."""
        rows = [*self.found.of("deal_multiple", basis="deals"),
                *self.found.of("deal_multiple", dimension=SINGLE, basis="deals")]  # fmt: skip
        everyone = "모든 펀드" if self.korean else "All funds"
        for row in rows:
            name = self.group(row) if row.dimension else everyone
            firms = f"{row.told.n}" if row.told.n else self.missing(row.told)
            yield Row(name, ((firms, ""), (self._said(row.told, _multiple), "")))

    def facts(self) -> Iterator[tuple[str, str]]:
        """What the figures rest on."""
        known, korean = self.found.facts, self.korean
        yield ("물음" if korean else "Question"), self.found.question[self.language]
        used, withheld = known["funds"]["used"], known["funds"]["withheld"]
        yield (
            ("펀드" if korean else "Funds"),
            (
                f"{used}개, 수치 비공개 {withheld}개, 아직 납입 전 {known['funds']['never_paid']}개"
                if korean
                else f"{used}; figures withheld: {withheld}; nothing paid in yet: "
                f"{known['funds']['never_paid']}"
            ),
        )
        yield ("기준일" if korean else "As of"), known["as_of"] or _NONE
        yield from self._index_facts()
        yield ("숨기는 규칙" if korean else "What is hidden"), known["rule"][self.language]
        yield (
            ("셈" if korean else "Computed"),
            (
                "펀드의 돈을 한데 모은 값(pooled), 흐름은 분기 끝, 이율은 연 act/365f. 총(gross)은 "
                "관리보수, 경비, 성과보수를 ILPA 방식으로 되돌린 값."
                if korean
                else "Pooled: all money as one fund; flows at ends of quarters; act/365f. "
                "Gross adds fees, expenses and carry back as ILPA does."
            ),
        )

    def _index_facts(self) -> Iterator[tuple[str, str]]:
        known = self.found.facts.get("benchmark")
        if not known:
            return
        word = INDEX_KINDS[known["kind"]]
        kind = word.ko if self.korean else word.en
        name = known.get("name")
        named = f"{name[self.language]}, " if name else ""
        yield (
            ("벤치마크" if self.korean else "Benchmark"),
            (f"{named}{kind}, {known['first']} – {known['last']}"),
        )
        for row in self.found.of("index_return", basis="index"):
            told = row.told
            if told.value is not None and told.low is not None and told.high is not None:
                yield (
                    ("지수의 연 수익률" if self.korean else "The index a year"),
                    f"{_percent(told.value)} ({self._ends(_percent, told.low, told.high)})",
                )

    def not_said(self) -> Iterator[str]:
        """What the card does not say."""
        return (words[self.language] for words in NOT_SAID)


def _multiple(value: float) -> str:
    return f"{value:,.2f}"


def _percent(value: float) -> str:
    return f"{value * 100:,.1f}%".replace("-", "−")
