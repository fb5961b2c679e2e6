"""Where the money comes from and where it goes, over the whole horizon, adding up on the page."""

from collections.abc import Sequence

from koga.documents.futures_words import Printed, printed_for
from koga.documents.sheet import Table
from koga.plan import measures
from koga.plan.figure import Figure
from koga.plan.result import Result
from koga.plan.schemes import words


def tables(result: Result, language: str) -> list[Table]:
    """One line a source of money, and the account of everything."""
    names = [name.removeprefix("paid.") for name in result.series if name.startswith("paid.")]
    if not names or "invested" not in result.series:
        return []
    every = [each for name in names for each in result.series[f"paid.{name}"]]
    printed = printed_for(every, language)
    return [_by_source(result, names, printed, language), _account(result, printed, language)]


def total(years: Sequence[Figure]) -> int:
    """The means of all years added up."""
    return sum(round(each.mean or 0) for each in years)


def error_most(years: Sequence[Figure]) -> int:
    """A bound of the error of that sum: the errors of all years added up."""
    return sum(round(each.error or 0) for each in years)


def _by_source(result: Result, names: Sequence[str], printed: Printed, language: str) -> Table:
    korean = language == "ko"
    rows, sums, bound = [], [0, 0], 0
    for name in names:
        paid, received = (result.series[f"{what}.{name}"] for what in ("paid", "received"))
        won = (total(paid), total(received))
        error = error_most(paid) + error_most(received)
        sums, bound = [a + b for a, b in zip(sums, won, strict=True)], bound + error
        said = [measures.part_name(name, language, result.scheme), _side(result, name, language)]
        rows.append([*said, *_cells(won, error, printed)])
    rows.append(["합계" if korean else "All together", "", *_cells(sums, bound, printed)])
    title = "재원별 낸 돈과 받은 돈" if korean else "Paid in and received, by source of money"
    return Table(
        title=f"{title} ({printed.unit})",
        note=_by_source_note(result, language),
        columns=("재원", "쪽", "낸 돈", "받은 돈", "받은 돈 − 낸 돈", "오차(최대)")
        if korean
        else ("Source", "Side", "Paid in", "Received", "Received − paid in", "Error, at most"),
        kinds=("word", "word", *("number",) * 4),
        rows=rows,
        widths=(1.2, 0.7, 0, 0, 0, 0),
    )


def _cells(won: Sequence[int], error: int, printed: Printed) -> list[str]:
    shown = [printed.won(each) for each in (*won, won[1] - won[0])]
    return [*shown, f"± {printed.won(error)}"]


def _side(result: Result, name: str, language: str) -> str:
    side = str(result.scheme.plain.get(f"capital.{name}.side", "private"))
    word = words.SIDE_WORDS[side]
    return word.ko if language == "ko" else word.en


def _by_source_note(result: Result, language: str) -> str:
    year = result.series["invested"][-1].year
    if language == "ko":
        return (
            f"{year}년까지의 평균을 더한 명목 금액입니다. 다시 투자하려고 배분했다가 다시 부른 "
            "돈은 양쪽에 "
            "모두 들어 있습니다. 끝에 남은 투자는 받은 돈에 없습니다. 오차는 해마다의 오차를 "
            "더한 한계입니다."
        )
    return (
        f"Means to {year} added up, nominal. What is paid out and called again to be reinvested "
        "is in "
        "both columns; what is still held at the end is in neither. Errors of all years added up."
    )


_ACCOUNT: Sequence[tuple[str, str, str, int]] = (
    ("paid.", "재원이 낸 돈", "Paid in by sources", 1),
    ("returned", "건에서 돌아온 돈", "Back from deals", 1),
    ("invested", "건에 들어간 돈", "Put into deals", -1),
    ("fees.", "관리보수와 관리비용", "Management fees and administration", -1),
    ("carried.", "성과보수", "Carried interest", -1),
    ("received.", "재원이 받은 돈", "Received by sources", -1),
)


def _account(result: Result, printed: Printed, language: str) -> Table:
    """Everything that came in equals everything that went out."""
    korean = language == "ko"
    rows: list[Sequence[str]] = []
    left = 0
    for start, ko, en, sign in _ACCOUNT:
        told = [years for name, years in result.series.items() if _is(name, start)]
        won, error = sum(map(total, told)), sum(map(error_most, told))
        left += sign * won
        sides = (printed.won(won), "") if sign > 0 else ("", printed.won(won))
        rows.append([ko if korean else en, *sides, f"± {printed.won(error)}"])
    ins, outs = _sums(result)
    if set(printed.won(left)) - set("−0."):
        rest = "나누지 못한 나머지(뽑기의 오차)" if korean else "Left over (error of drawing)"
        rows.append([rest, "", printed.won(left), ""])
    rows.append(["합계" if korean else "Sum", printed.won(ins), printed.won(outs + left), ""])
    held = result.series["at_cost"][-1]
    note = (
        f"{held.year}년 끝에 건에 남은 투자원가 {printed.won(held.mean)}{printed.unit}은 이 표에 "
        "없습니다."
        if korean
        else f"At the end of {held.year} deals still hold {printed.won(held.mean)} "
        f"{printed.unit} at "
        "cost, which is not in this table."
    )
    title = "돈의 수지" if korean else "The account of all money"
    return Table(
        title=f"{title} ({printed.unit})",
        note=note,
        columns=("항목", "들어옴", "나감", "오차(최대)")
        if korean
        else ("Item", "In", "Out", "Error, at most"),
        kinds=("word", *("number",) * 3),
        rows=rows,
        widths=(1, 0, 0, 0),
    )


def _is(name: str, start: str) -> bool:
    return name.startswith(start) if start.endswith(".") else name == start


def _sums(result: Result) -> tuple[int, int]:
    won = {1: 0, -1: 0}
    for start, _, _, sign in _ACCOUNT:
        won[sign] += sum(total(years) for name, years in result.series.items() if _is(name, start))
    return won[1], won[-1]
