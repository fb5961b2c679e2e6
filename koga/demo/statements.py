"""What each fictional agency types into its statement for a half-year, as the desk would get it."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from koga.core.dates import Period
from koga.publish.content import Promise

NOT_REPORTED = -1
SECTIONS = ("actions", "resources", "timeliness", "advice", "results", "limits", "promises")


@cache
def _written() -> Mapping[str, Sequence[Mapping[str, Any]]]:
    with (Path(__file__).parent / "statements.toml").open("rb") as source:
        return tomllib.load(source)


def nil_return() -> dict[str, Any]:
    """A statement that says nothing was done in any section."""
    return {"nil": list(SECTIONS)}


def typed(
    agency: str,
    period: Period,
    *,
    half: int,
    open_promises: Sequence[Promise],
    booked: bool,
) -> dict[str, Any]:
    """The typed part of a statement: lines, answers to earlier promises, next promises, nils.

    half counts half-years from the first. open_promises are those the draft carried forward.
    booked says whether the ledger holds anything for the agency in the period.
    """
    lines = [
        _line(line, agency, period, half)
        for line in _written()["line"]
        if line["agency"] in ("*", agency) and _speaks(line, half)
    ]
    made = [promise for promise in _written()["promise"] if promise["agency"] == agency]
    promises = [_promise(one, period, half) for one in made if one["targets"][half] != NOT_REPORTED]
    answers = [_answer(one, made, half) for one in open_promises]
    filled = {line["section"] for line in lines} | ({"promises"} if promises else set())
    filled |= {"resources", "actions"} if booked else set()
    nil = [section for section in SECTIONS if section not in filled]
    return {"nil": nil, "line": lines, "answer": answers, "promise": promises}


def _speaks(line: Mapping[str, Any], half: int) -> bool:
    return half >= line.get("from", 0) and line.get("values", [0] * 9)[half] != NOT_REPORTED


def _line(line: Mapping[str, Any], agency: str, period: Period, half: int) -> dict[str, Any]:
    kept = ("section", "code", "unit", "method", "evidence", "answer_ko", "answer_en")
    row = {key: line[key] for key in kept if key in line}
    row |= {"text_ko": line["ko"], "text_en": line["en"]}
    if "values" not in line:
        return row
    row["value"] = line["values"][half]
    if "spread" in line:
        draw = Random(f"{agency} {line['code']} {period.name}")
        row["value"] = max(0, row["value"] + draw.randint(-line["spread"], line["spread"]))
    if "denominators" in line:
        row["denominator"] = line["denominators"][half]
        row |= {key: line[key] for key in ("denominator_ko", "denominator_en")}
        row |= {"window_start": period.start, "window_end": period.end}
    return row


def _promise(promise: Mapping[str, Any], period: Period, half: int) -> dict[str, Any]:
    return {
        "text_ko": promise["ko"],
        "text_en": promise["en"],
        "target": promise["targets"][half],
        "target_rule": promise["rule"],
        "unit": promise["unit"],
        "due_on": period.next.end,
    }


def _answer(earlier: Promise, made: Sequence[Mapping[str, Any]], half: int) -> dict[str, Any]:
    promise = next(one for one in made if one["ko"] == earlier.text_ko)
    dropped = promise.get("dropped", {})
    if dropped.get("made_in") == earlier.made_in:
        return {"promise": earlier.promise, "state": "dropped", "reason": dropped["reason"]}
    now, target = promise["reached"][half], earlier.target
    met = now >= target if promise["rule"] == "at_least" else now <= target
    return {
        "promise": earlier.promise,
        "state": "met" if met else "late",
        "now": now,
        "evidence": promise["evidence"],
    }


def signing_day(agency: str, period: Period, late_days: int) -> date:
    """The day an agency signs: within two months of the period's end, or so many days late."""
    due = period.end + timedelta(days=60)
    if late_days:
        return due + timedelta(days=late_days)
    return due - timedelta(days=Random(f"{agency} {period.name}").randint(3, 25))
