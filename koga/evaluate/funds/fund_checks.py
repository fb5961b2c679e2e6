"""What must be said beside funds' figures: the yardstick, the age and share of values, hiding."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from koga.core import pme
from koga.core.performance import Reason
from koga.evaluate.finding import Check, Words
from koga.evaluate.funds import fund_figures
from koga.evaluate.funds.fund import Funds
from koga.evaluate.funds.fund_benchmark import MONTHS_LEAST, Redrawn
from koga.evaluate.funds.fund_figures import Strand
from koga.evaluate.small_cells import COMPLEMENT, SMALL, Group, Shown
from koga.release.fund_tables import FIRMS_LEAST

VALUE_SHARE_WARN = 0.5
"""A value that is more of the multiple than this is an opinion more than a result."""
VALUE_DAYS_WARN = 200
"""Values older than two quarters and the time to report them."""
HIDDEN: Mapping[str, Reason] = {
    SMALL: ("펀드가 너무 적어 숨겼습니다.", "hidden: too few funds."),
    COMPLEMENT: (
        "빼기로 다른 칸이 드러나지 않도록 숨겼습니다.",
        "hidden so that subtraction does not tell another group.",
    ),
}


def checks(
    read: Funds, strands: Sequence[Strand], *, as_of: date | None, index: pme.Index | None,
    drawn: Redrawn | None, shown: Shown, groups: Sequence[Group], minimum: int,
) -> list[Check]:  # fmt: skip
    """All checks, in the order they are told."""
    return [
        _benchmark(index),
        _index_span(strands, index, drawn, as_of),
        _values(strands, as_of),
        _value_share(strands),
        _small_cells(read, shown, groups, minimum),
    ]


def _benchmark(index: pme.Index | None) -> Check:
    if index is None:
        words = Words("지수를 주지 않아 견주지 않았습니다.", "No index was given to compare with.")
        return Check("benchmark", None, "skipped", words)
    if index.kind == "price":
        words = Words(
            "배당이 없는 가격지수입니다. 총수익지수와 견줄 때보다 펀드가 좋아 보입니다.",
            "A price index, without dividends: it flatters every fund compared with it.",
        )
        return Check("benchmark", None, "warn", words, {"kind": index.kind})
    words = Words("배당을 포함한 총수익지수입니다.", "A total-return index, dividends included.")
    return Check("benchmark", None, "ok", words, {"kind": index.kind})


def _index_span(
    strands: Sequence[Strand], index: pme.Index | None, drawn: Redrawn | None, as_of: date | None
) -> Check:
    """Whether the index reaches over the funds' time, and can be drawn again."""
    if index is None or as_of is None:
        words = Words("견줄 지수나 날짜가 없습니다.", "There is no index or no date to compare.")
        return Check("index_span", None, "skipped", words)
    before = len(strands) - len(fund_figures.covered(strands, index))
    stale = (as_of - index.days[-1]).days
    extra = {"funds_before": before, "days_after": max(stale, 0)}
    if stale > 31:
        words = Words(
            f"지수가 {index.days[-1]}에 끝나 그 뒤 {stale}일은 멈춘 값으로 견줍니다.",
            f"The index ends on {index.days[-1]}; the {stale} days after are compared standing.",
        )
        return Check("index_span", float(stale), "warn", words, extra)
    if before:
        words = Words(
            f"지수보다 먼저 시작한 펀드 {before}개는 지수 비교에서 뺐습니다.",
            f"Funds that began before the index are left out of the comparison: {before}.",
        )
        return Check("index_span", float(before), "warn", words, extra)
    if drawn is None:
        words = Words(
            f"{MONTHS_LEAST}개월이 안 되어 벤치마크의 불확실성을 셈하지 않았습니다.",
            f"Under {MONTHS_LEAST} months: the benchmark's own uncertainty is not computed.",
        )
        return Check("index_span", None, "warn", words, extra)
    words = Words("지수가 모든 펀드의 기간을 덮습니다.", "The index covers the time of every fund.")
    return Check("index_span", 0.0, "ok", words, extra)


def _values(strands: Sequence[Strand], as_of: date | None) -> Check:
    """How old values are, and how many funds have none."""
    if as_of is None:
        words = Words("값의 날짜가 없습니다.", "Values have no dates.")
        return Check("values", None, "skipped", words)
    dated = [one.valued_on for one in strands if one.valued_on]
    none = len(strands) - len(dated)
    oldest = max(((as_of - day).days for day in dated), default=0)
    extra = {"funds_without": none, "days_old_max": oldest}
    if none:
        words = Words(
            f"평가값이 없는 펀드가 {none}개이며 남은 값을 0으로 셈했습니다.",
            f"Funds without a value, counted as worth 0 now: {none}.",
        )
        return Check("values", float(none), "warn", words, extra)
    if oldest > VALUE_DAYS_WARN:
        words = Words(
            f"가장 오래된 평가값이 {oldest}일 전 것입니다. 그 뒤의 흐름만 더하고 뺐습니다.",
            f"The oldest value is {oldest} days old; only the cash after it was rolled forward.",
        )
        return Check("values", float(oldest), "warn", words, extra)
    words = Words("모든 펀드에 새 평가값이 있습니다.", "Every fund has a recent value.")
    return Check("values", 0.0, "ok", words, extra)


def _value_share(strands: Sequence[Strand]) -> Check:
    left = sum((one.residual for one in strands), start=Fraction(0))
    whole = left + sum((one.received for one in strands), start=Fraction(0))
    if whole <= 0:
        words = Words("돌려받은 돈도 남은 값도 없습니다.", "Nothing was received or is left.")
        return Check("value_share", None, "warn", words)
    share = float(left / whole)
    if share > VALUE_SHARE_WARN:
        words = Words(
            f"투자배수 가운데 아직 팔지 않은 값이 {share:.0%}입니다. 평가에 달린 수입니다.",
            f"Of the multiple, {share:.0%} is value not yet sold: it rests on valuation.",
        )
        return Check("value_share", share, "warn", words)
    words = Words(
        f"투자배수 가운데 아직 팔지 않은 값은 {share:.0%}입니다.",
        f"Of the multiple, {share:.0%} is value not yet sold.",
    )
    return Check("value_share", share, "ok", words)


def rule(read: Funds, minimum: int) -> Words:
    """The rule by which groups are hidden, in words."""
    if all(fund.public for fund in read.funds):
        return Words(
            "펀드별 수치는 법령에 따라 공시하므로 숨기지 않습니다. 기업별 수치는 끝난 기업이 "
            f"{FIRMS_LEAST}개사 이상인 구간만 싣고, 닫힌 구간은 바뀌지 않습니다.",
            "Figures of single funds are published by statute and not hidden. Those of firms stand "
            f"only in spans of {FIRMS_LEAST} ended firms or more, which never change once closed.",
        )
    return Words(
        f"펀드가 {minimum}개보다 적은 칸과, 빼기로 그것을 드러내는 칸을 숨깁니다.",
        f"Groups of fewer than {minimum} funds are hidden, and groups that would tell one by "
        "subtraction.",
    )


def _public(read: Funds, minimum: int) -> Check:
    """Nothing of funds to hide; spans of ended deals that the release hides."""
    away = sum(span.hidden for fund in read.funds for span in fund.ended)
    extra = {"spans_hidden": away, "funds_withheld": read.withheld}
    said = rule(read, minimum)
    words = Words(
        f"{said.ko} 숨긴 구간 {away}개, 수치를 공시하지 않는 펀드 {read.withheld}개.",
        f"{said.en} Spans hidden: {away}; funds whose figures are withheld: {read.withheld}.",
    )
    return Check("small_cells", float(away), "ok", words, extra)


def _small_cells(read: Funds, shown: Shown, groups: Sequence[Group], minimum: int) -> Check:
    """Whether anything can be shown, and whether the hidden stays hidden."""
    if all(fund.public for fund in read.funds):
        return _public(read, minimum)
    small = sum(why == SMALL for why in shown.hidden.values())
    also = len(shown.hidden) - small
    extra = {"small": small, "complement": also, "shown": len(groups) - len(shown.hidden)}
    if shown.exposed or len(shown.hidden) == len(groups):
        words = Words(
            f"펀드가 {minimum}개보다 적어 아무것도 밝힐 수 없습니다.",
            f"Fewer than {minimum} funds: nothing can be shown.",
        )
        return Check("small_cells", float(len(shown.hidden)), "fail", words, extra)
    if not shown.hidden:
        words = Words("작아서 숨긴 칸이 없습니다.", "No group is small; nothing is hidden.")
        return Check("small_cells", 0.0, "ok", words, extra)
    words = Words(
        f"펀드가 {minimum}개보다 적은 칸 {small}개와 그것을 지키는 칸 {also}개를 숨겼습니다.",
        f"Hidden: {small} groups of fewer than {minimum} funds, and {also} that protect them.",
    )
    return Check("small_cells", float(len(shown.hidden)), "ok", words, extra)
