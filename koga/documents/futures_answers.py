"""The first page of a sheet: the five questions parliament asks of a public fund, answered.

What return is aimed at, who bears which loss, what a bad decade costs the budget, whether it
overlaps with others, and what the same money buys elsewhere. Every number is a figure of the same
simulation and stands with its error in a table of the sheet; the words compare, they do not judge.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from koga.documents import futures_words as words
from koga.documents.futures_values import number_words, value_words
from koga.documents.sheet import Table
from koga.plan import measures
from koga.plan.budget import risk
from koga.plan.figure import Figure
from koga.plan.overlap import Shared
from koga.plan.result import Result

TRILLION = 10**12


def table(result: Result, language: str, *, shared: Sequence[Shared] = ()) -> Table:
    """Questions and answers. shared: what the scheme has in common with the schemes beside it."""
    korean = language == "ko"
    asked: Sequence[tuple[str, str, Callable[[Result, str], list[str]]]] = (
        ("목표 수익률은 얼마인가", "What return is aimed at?", _returns),
        ("누가 어떤 손실을 지는가", "Who bears which loss?", _losses),
        ("나쁜 10년에 재정은 얼마를 쓰는가", "What does a bad decade cost the budget?", _cost),
        ("다른 기금과 겹치는가", "Does it overlap with others?",
         lambda *of: _overlap(*of, shared=shared)),
        ("GPU인가 사람인가", "GPUs or people?", _uses),
    )  # fmt: skip
    return Table(
        title="다섯 물음과 답" if korean else "Five questions, answered",
        note="",
        columns=("물음", "이 모의실험의 답")
        if korean
        else ("Question", "What this simulation says"),
        kinds=("word", "word"),
        rows=[
            [ko if korean else en, "\n".join(line for line in answer(result, language) if line)]
            for ko, en, answer in asked
        ],
        widths=(0.24, 1),
    )


def said(each: Figure, language: str) -> str:
    """A mean with its error as a sentence says it: “3.54 ± 0.01 % a year”, “₩16.4 ± 0.2 tn”."""
    if each.unit == measures.MONEY:
        return _money(each, language)
    unit = words.unit_of(each.unit, words.Printed(1, 0, ""), language)
    printed = words.Printed(1, 0, "")
    mean = words.cell(each.mean, each.unit, printed)
    error = "" if words.is_fixed(each) else f" ± {words.error_cell(each.error, each.unit, printed)}"
    if language == "ko" and unit.startswith("연 "):
        return f"연 {mean}{error}{unit.removeprefix('연 ')}"
    return f"{mean}{error}{unit}" if language == "ko" else f"{mean}{error} {unit}"


def _money(each: Figure, language: str) -> str:
    size, unit = _scale(each.mean or 0, language)
    places = _places(each.error or 0, size)
    mean, error = (_in(value or 0, size, places) for value in (each.mean, each.error))
    shown = mean if words.is_fixed(each) else f"{mean} ± {error}"
    return f"{shown}{unit}" if language == "ko" else f"₩{shown} {unit}"


def won_said(won: float | None, language: str, *, like: float | None = None) -> str:
    """An amount without error, in the same manner. like: another amount whose unit it takes.

    >>> won_said(72_700_600_000_000, "ko"), won_said(-5_600_000_000, "en"), won_said(93e6, "ko")
    ('72.70조 원', '₩−5.60 bn', '9,300.00만 원')
    """
    size, unit = _scale(won or 0 if like is None else like, language)
    return f"{_in(won or 0, size)}{unit}" if language == "ko" else f"₩{_in(won or 0, size)} {unit}"


def _places(error: float, size: int) -> int:
    """Places after the point, so many that an error does not print as nothing.

    >>> _places(4.6e9, 10**12), _places(0.0, 10**12), _places(3.0, 1)
    (3, 2, 0)
    """
    if size == 1 or not error:
        return 0 if size == 1 else 2
    return max(2, min(5, -math.floor(math.log10(error / size))))


def _in(won: float, size: int, places: int | None = None) -> str:
    places = (0 if size == 1 else 2) if places is None else places
    return f"{won / size:,.{places}f}".replace("-", "−")


_SIZES = {
    "ko": (
        (10**11, 10**12, "조 원"),
        (10**8, 10**8, "억 원"),
        (10**5, 10**4, "만 원"),
        (0, 1, "원"),
    ),
    "en": ((10**11, 10**12, "tn"), (10**9, 10**9, "bn"), (10**6, 10**6, "m"), (0, 1, "")),
}


def _scale(won: float, language: str) -> tuple[int, str]:
    return next((size, unit) for least, size, unit in _SIZES[language] if abs(won) >= least)


def _span(each: Figure, language: str) -> str:
    """Nine futures in ten, without the unit."""
    printed = words.Printed(TRILLION, 2, "")
    low, high = (words.cell(value, each.unit, printed) for value in (each.p05, each.p95))
    return f"열에 아홉은 {low}~{high}" if language == "ko" else f"nine in ten: {low} to {high}"


_SIDES = (
    ("irr.public", "공공 돈의 순수익률(IRR)", "Net IRR of public money"),
    ("irr.private", "민간의 순수익률", "Net IRR of private money"),
    ("irr.net", "모든 돈의 순수익률", "Net IRR of all money"),
)


def _returns(result: Result, language: str) -> list[str]:
    at = 0 if language == "ko" else 1
    told = [_AIM[at]]
    for name, *labels in _SIDES:
        each = result.figures.get(name)
        if each is not None and each.mean is not None:
            told.append(f"{labels[at]}: {said(each, language)} ({_span(each, language)}).")
    vehicles = [
        f"{_part(result, name, language)} {said(each, language)}"
        for name, each in result.figures.items()
        if name.startswith("irr_vehicle.") and each.mean is not None
    ]
    if vehicles:
        told.append(f"{('그릇별', 'By vehicle')[at]}: {', '.join(vehicles)}.")
    return [*told, _treasury(result, language)]


def _part(result: Result, name: str, language: str) -> str:
    return result.label(name, language).rpartition(" · ")[2]


_AIM = (
    "목표 수익률은 밝혀진 것이 없습니다. 아래는 이 가정에서 따르는 값입니다(명목, 보수 뒤).",
    "No target return was stated. This is what follows from the assumptions (nominal, after fees).",
)


def _treasury(result: Result, language: str) -> str:
    """What lending to the state would give, and what the fund's bonds cost."""
    leaves = result.scheme.leaves
    leaf = leaves.get("market.treasury_rate")
    if leaf is None:
        return ""
    rate = number_words(leaf, leaf.value, language)
    bonds = [
        f"{_named(result, name, language)} {float(result.scheme.number(path)) * 100:.4g}"
        for name in result.scheme.entries.get("capital", ())
        if (path := f"capital.{name}.bond.spread") in leaves
    ]
    if language == "ko":
        own = f"; 그 위의 가산금리(%p): {', '.join(bonds)}" if bonds else ""
        return f"견줄 값: 국고채 10년 {rate}{own}."
    own = f"; spread above it, points: {', '.join(bonds)}" if bonds else ""
    return f"For comparison: ten-year treasury {rate}{own}."


def _named(result: Result, name: str, language: str) -> str:
    return str(result.scheme.plain.get(f"capital.{name}.name_{language}", name))


def _losses(result: Result, language: str) -> list[str]:
    korean = language == "ko"
    ranks = [
        f"{_part(result, name, language)} {said(each, language)}"
        + (
            f"(20번에 1번은 {won_said(each.p95, language, like=each.mean)} 넘음)"
            if korean
            else f" (over {won_said(each.p95, language, like=each.mean)} once in twenty)"
        )
        for name, each in result.figures.items()
        if name.startswith("loss.") and each.mean is not None
    ]
    told = []
    if ranks:
        head = "끝내 돌려받지 못하는 원금의 평균" if korean else "Capital never got back, mean"
        told.append(f"{head}: {', '.join(ranks)}.")
    each = result.figures.get("protected_loses")
    if each is not None and each.mean is not None:
        told.append(_protected(result, each, language))
    return [*told, *_promises(result, language)]


def _protected(result: Result, each: Figure, language: str) -> str:
    """How often money that ranks first loses, also where nothing stands behind it."""
    rank = "senior" if "loss.senior" in result.figures else "unranked"
    word = measures.part_name(rank, language)
    chance = said(each, language)
    if language == "ko":
        return (
            f"{word} 돈이 한 그릇에서라도 원금을 잃는 앞날: {chance}"
            "(뒤에서 받치는 돈이 없는 그릇이 있으면 그것도 셈)."
        )
    return (
        f"Futures in which {word} money loses capital in some vehicle: {chance} (a vehicle in "
        "which nothing ranks behind it would count as well)."
    )


def _promises(result: Result, language: str) -> Iterable[str]:
    """Each guarantee and each first loss: its cap in the scheme, and how often it is called."""
    for name, each in result.figures.items():
        if name.startswith("call.") and each.mean is not None:
            yield _promise(result, name.partition(".")[2], said(each, language), language)


def _promise(result: Result, of: str, chance: str, language: str) -> str:
    label = _part(result, f"call.{of}", language)
    used = result.figures.get(f"first_loss_used.{of}")
    if used is None:
        if language == "ko":
            return f"{label}의 국가보증이 한 번이라도 불리는 앞날: {chance}."
        return f"Futures in which the state guarantee of {label} is called: {chance}."
    share, cap = said(used, language), _cap(result, of, language)
    if language == "ko":
        return f"{label}의 우선손실{cap}이 쓰이는 앞날: {chance}; 평균 한도의 {share}."
    used_of = f"first loss of {label}{cap}"
    return f"Futures in which the {used_of} is used: {chance}; mean {share} of its cap."


def _cap(result: Result, vehicle: str, language: str) -> str:
    """Share and denominator of a first loss, as the scheme gives them."""
    path = f"vehicle.{vehicle}.first_loss"
    leaves = [result.scheme.leaves.get(f"{path}.{key}") for key in ("share", "denominator")]
    if any(leaf is None for leaf in leaves):
        return ""
    share, base = (value_words(result.scheme, leaf, language) for leaf in leaves if leaf)
    return f"({base}의 {share})" if language == "ko" else f" ({share} of {base})"


def _cost(result: Result, language: str) -> list[str]:
    figures = result.figures
    if "cost.decade" not in figures or figures["cost.decade"].mean is None:
        none = ("재정이 드는 항목이 계획에 없습니다.", "The scheme asks nothing of a budget.")
        return [none[0 if language == "ko" else 1]]
    worst = figures["cost.decade"]
    tail = risk.of(*_paths(result, "cost.decade"), levels=(0.95,)).shortfall[0.95]
    beyond = won_said(tail.value, language)
    p95 = won_said(worst.p95, language)
    whole, treasury, fair = (
        said(figures[f"cost.{name}"], language) for name in ("lifetime", "treasury", "fair")
    )
    year = result.series["budget.net"][0].year
    if language == "ko":
        told = [
            f"앞날마다 가장 비싼 잇단 10년의 순부담(명목): 평균 {said(worst, language)}, 20번에 "
            "1번은 "
            f"{p95}을 넘고 그때의 평균은 {beyond}.",
            f"전 기간의 순비용(명목, 끝에 남은 재정 몫을 뺌): 평균 {whole}.",
            f"{year}년 1월 1일의 현재가치: {treasury}(국고채 할인), {fair}(시장 위험의 값을 더함).",
        ]
    else:
        told = [
            f"Each future's most expensive ten years in a row, net, nominal: "
            f"{said(worst, language)} "
            f"on average; over {p95} once in twenty, {beyond} on average then.",
            f"Whole horizon, nominal, less what is left for budgets at the end: {whole}.",
            f"Present value on 1 January {year}: {treasury} (treasury rates), {fair} (market risk "
            "priced).",
        ]
    return [*told, _subsidy(result, language)]


def _paths(result: Result, name: str) -> tuple[np.ndarray, np.ndarray]:
    return result.outcome.measures[name], result.outcome.weights


def _subsidy(result: Result, language: str) -> str:
    """The subsidy in loans, which is in no cash cost."""
    years = result.series.get("subsidy.treasury", ())
    won = sum(round(each.mean or 0) for each in years)
    if not won:
        return ""
    error = sum(round(each.error or 0) for each in years)
    shown, most = won_said(won, language), won_said(error, language)
    if language == "ko":
        beside = f"(오차는 많아야 {most})" if error else ""
        return (
            f"융자에 든 보조(발생 기준, 국고채 할인): {shown}{beside}. "
            "같은 돈을 달리 본 것이므로 더하지 않습니다."
        )
    beside = f" (error at most {most})" if error else ""
    return (
        f"Subsidy in its loans, by accrual at treasury rates: {shown}{beside}; another view of the "
        "same money, not to be added."
    )


def _overlap(result: Result, language: str, *, shared: Sequence[Shared]) -> list[str]:
    at = 0 if language == "ko" else 1
    told = []
    each = result.figures.get("equity_to_market_most")
    if each is not None and each.mean is not None:
        shown = said(each, language)
        told.append(
            (
                f"지분투자가 가장 많은 해의 투자액: 국내 벤처·사모펀드 시장(이 펀드를 뺀 크기)의 "
                f"{shown}.",
                f"Equity of its largest year: {shown} the Korean venture and private equity market "
                "without it.",
            )[at]
        )
    if not shared:
        none = (
            "다른 계획과의 겹침: --beside로 계획 파일을 옆에 두면 셈합니다.",
            "Overlap with other schemes: computed where they are named by --beside.",
        )
        return [*told, none[at]]
    sectors = [row for row in shared if row.kind == "sector" and row.shared_won]
    names = ", ".join((row.label_ko, row.label_en)[at] for row in sectors)
    won = won_said(sum(row.shared_won or 0 for row in sectors), language)
    years = [row.code for row in shared if row.kind == "year" and row.shared_won]
    span = f"{years[0]}–{years[-1]}" if years else "–"
    managers = sum(row.kind == "manager" for row in shared)
    return [
        *told,
        (f"옆의 계획과 겹치는 분야: {names or '없음'}; 둘 다 넣는 돈 {won}.",
         f"Sectors shared with the schemes beside it: {names or 'none'}; both put in {won}.")[at],
        (f"지분투자가 겹치는 해: {span}. 둘 다 쓰는 운용사: {managers}곳.",
         f"Years with equity of both: {span}. Managers of both: {managers}.")[at],
    ]  # fmt: skip


_USES: Sequence[tuple[str, str, str]] = (
    ("gpu_cost_per_hour.", "GPU {n}시간(1시간 {each});", "{n} GPU-hours ({each} each);"),
    ("talents_cost_per_net_job", "순취업 {n}명(1명 {each}, 사업 없이도 취업했을 사람을 뺌);",
     "{n} net extra jobs ({each} each; without those who would have found work anyway);"),
    ("talents_cost_per_hire", "총취업 {n}명(1명 {each});", "{n} gross hires ({each} each);"),
    ("key_talent_cost_per_year_kept.", "핵심인재가 더 머무는 {n}인년(1인년 {each}).",
     "{n} person-years of key talents kept ({each} each)."),
)  # fmt: skip


def _uses(result: Result, language: str) -> list[str]:
    """What a trillion won buys at the scheme's own average cost."""
    at = 0 if language == "ko" else 1
    bought = []
    for start, *phrases in _USES:
        for name, each in result.figures.items():
            if name.startswith(start) and each.mean:
                number = f"{_rounded(TRILLION / each.mean):,}"
                bought.append(phrases[at].format(n=number, each=said(each, language)))
    if not bought:
        none = (
            "펀드 밖의 지원사업이 계획에 없습니다.",
            "The scheme has no programmes beside the fund.",
        )
        return [none[at]]
    head = (
        "1조 원으로 이 계획의 평균 단가에서 살 수 있는 것(서로 더하지 않음; 규모를 늘리면 단가가 "
        "달라짐):",
        "What a trillion won buys at the plan's average cost (alternatives; cost changes with "
        "scale):",
    )
    tail = (
        "돈을 실제로 옮겨 셈하려면 koga compare --move.",
        "To move the money and compute again: koga compare --move.",
    )
    return [head[at], *bought, tail[at]]


def _rounded(number: float) -> int:
    """To three leading figures.

    >>> _rounded(264_340_470.3), _rounded(1152.1)
    (264000000, 1150)
    """
    size = 10 ** max(0, len(str(int(number))) - 3)
    return round(number / size) * size
