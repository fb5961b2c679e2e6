"""The plan of an evaluation: what is asked, of whom, against whom, before outcomes are opened.

A TOML file whose hash is registered. It fixes the question, the estimand, the comparison, the
outcome, the window, the dating rule of "treated" and the estimator's options, so that none of them
can be chosen by what the outcomes turn out to say.
"""

import hashlib
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from koga.core.problems import Problem, Refusal
from koga.evaluate.finding import Words

Design = Literal["did", "sdid", "rd", "experiment"]
Span = Literal["month", "quarter", "half", "year"]
Gather = Literal["last", "mean", "sum"]
DESIGNS: tuple[Design, ...] = ("did", "sdid", "rd", "experiment")
SPANS: tuple[Span, ...] = ("month", "quarter", "half", "year")
TEXT_MAX = 100_000
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,58}")
"""How a plan is called: small letters, digits and hyphens, for it names files and pages."""
_WORDS = {"ko": "text", "en": "text"}
_SHAPE: Mapping[str, Mapping[str, str]] = {
    "": {"plan": "text", "programme": "text", "design": "text"},
    "question": _WORDS,
    "estimand": _WORDS,
    "units": _WORDS,
    "rerun": _WORDS,
    "comparison": {**_WORDS, "control": "?text", "among": "?text"},
    "outcome": {
        "series": "text", "metric": "text", "name": "words", "unit": "words", "gather": "?text",
    },
    "window": {"period": "text", "from": "text", "to": "text"},
    "treated": {"dating": "?text"},
    "estimator": {
        "method": "?text", "base": "?text", "worth": "?number", "relative_m": "?numbers",
        "smooth_m": "?numbers", "round": "?text", "cutoff": "?number", "covariates": "?texts",
        "cluster": "?text",
    },
}  # fmt: skip
"""Tables of a plan and the kinds of their keys; `?` may be left out."""
_OPTIONAL = ("treated", "estimator")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "design": DESIGNS,
    "comparison.control": ("never", "not-yet"),
    "comparison.among": ("observed", "applicants"),
    "outcome.gather": ("last", "mean", "sum"),
    "window.period": SPANS,
    "treated.dating": ("same", "next"),
    "estimator.method": ("dr", "ipw", "reg"),
    "estimator.base": ("varying", "universal"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One evaluation as it was written down.

    code: its name. programme: whose effect. design: did, sdid, rd or experiment.
    question, estimand, comparison: in words; units: what is supported, in the plural.
    series, metric: which observations; outcome, outcome_unit: their words.
    gather: how months become a period: the last, the mean or the sum.
    period, start, end: the window, in periods as written.
    dating: treated from the period of the first decision on, or from the next.
    control: never treated, or not yet treated as well. among: comparison units are all observed,
        or applicants who were refused. method, base, worth, relative_m, smooth_m: options.
    covariates: metrics of the same series, gathered alike, that comparison is adjusted for (did).
    cluster: the metric whose number, the first one seen, names the cluster of a unit (did).
    round, cutoff: which round of applications, and its score where they carry none (rd).
    rerun: who may rerun it on the withheld table. text, sha256: the file and its hash.
    """

    code: str
    programme: str
    design: Design
    question: Words
    estimand: Words
    comparison: Words
    units: Words
    rerun: Words
    series: str
    metric: str
    outcome: Words
    outcome_unit: Words
    gather: Gather
    period: Span
    start: str
    end: str
    dating: Literal["same", "next"]
    control: Literal["never", "not-yet"]
    among: Literal["observed", "applicants"]
    method: Literal["dr", "ipw", "reg"]
    base: Literal["varying", "universal"]
    worth: float | None
    relative_m: tuple[float, ...]
    smooth_m: tuple[float, ...]
    covariates: tuple[str, ...]
    cluster: str
    round: str
    cutoff: float | None
    text: str
    sha256: str

    @property
    def beside(self) -> tuple[str, ...]:
        """Metrics the panel needs beside the outcome's."""
        return (*self.covariates, *([self.cluster] if self.cluster else []))

    @property
    def compared(self) -> Words:
        """The comparison in words, with what it is adjusted for and how errors are gathered."""
        ko, en = [self.comparison.ko], [self.comparison.en]
        if self.covariates:
            ko.append(f"지원 전 {', '.join(self.covariates)}로 조정")
            en.append(f"adjusted for {', '.join(self.covariates)} before support")
        if self.cluster:
            ko.append(f"오차는 {self.cluster}별로 묶음")
            en.append(f"errors by {self.cluster}")
        return Words("; ".join(ko), "; ".join(en))

    @property
    def dating_rule(self) -> Words:
        """The dating rule of "treated", in words."""
        span = _SPAN_WORDS[self.period]
        first = (
            Words("결정이 난", "of") if self.dating == "same" else Words("결정이 난 다음", "after")
        )
        return Words(
            f"첫 지원 {first.ko} {span.ko}부터 지원받은 것으로 보고 끝까지 그대로 둡니다. "
            "지원이 취소되어도 되돌리지 않습니다.",
            f"Counted as supported from the {span.en} {first.en} the first decision on, for good; "
            "a support later withdrawn does not change it.",
        )


_SPAN_WORDS: Mapping[str, Words] = {
    "month": Words("달", "month"),
    "quarter": Words("분기", "quarter"),
    "half": Words("반기", "half-year"),
    "year": Words("해", "year"),
}


def span_word(period: Span) -> Words:
    """A period's word."""
    return _SPAN_WORDS[period]


def load(path: Path) -> Plan:
    """Read a plan file; a `Refusal` lists every problem."""
    try:
        text = path.read_bytes()[: TEXT_MAX + 1].decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as trouble:
        raise Refusal(Problem("evaluate.plan_file", str(path), str(trouble))) from None
    return parse(text, where=path.name)


def parse(text: str, where: str = "plan") -> Plan:
    """Read a plan's text; a `Refusal` lists every problem."""
    if len(text) > TEXT_MAX:
        raise Refusal(Problem("evaluate.plan_file", where, f"{len(text):,} > {TEXT_MAX:,}"))
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as trouble:
        raise Refusal(Problem("evaluate.plan_file", where, str(trouble))) from None
    problems = [*_unknown(document), *_wrong(document), *_chosen(document)]
    if not problems:
        problems = [*_windowed(document), *_beside(document)]
    if problems:
        raise Refusal(problems)
    return _plan(document, text)


def _unknown(document: Mapping[str, Any]) -> list[Problem]:
    known = {*_SHAPE[""], *(name for name in _SHAPE if name)}
    found = [Problem("evaluate.plan_key", key, key) for key in document if key not in known]
    for name, keys in _SHAPE.items():
        table = document.get(name, {}) if name else {}
        if isinstance(table, Mapping):
            found += [
                Problem("evaluate.plan_key", f"{name}.{key}", key)
                for key in table
                if key not in keys
            ]
    return found


def _wrong(document: Mapping[str, Any]) -> list[Problem]:
    """Keys that are missing or of another kind."""
    found = []
    for name, keys in _SHAPE.items():
        table = document if not name else document.get(name, {} if name in _OPTIONAL else None)
        if not isinstance(table, Mapping):
            found.append(Problem("evaluate.plan_missing", name))
            continue
        for key, kind in keys.items():
            place = f"{name}.{key}" if name else key
            value = table.get(key)
            if value is None and not kind.startswith("?"):
                found.append(Problem("evaluate.plan_missing", place))
            elif value is not None and not _is(value, kind.removeprefix("?")):
                expected = {"expected": kind.removeprefix("?")}
                found.append(Problem("evaluate.plan_kind", place, str(value), expected))
    return found


def _is(value: Any, kind: str) -> bool:
    if kind == "text":
        return isinstance(value, str) and bool(value.strip())
    if kind == "words":
        return isinstance(value, Mapping) and all(_is(value.get(key), "text") for key in _WORDS)
    if kind in ("numbers", "texts"):
        listed = isinstance(value, Sequence) and not isinstance(value, str)
        return listed and all(_is(each, kind.removesuffix("s")) for each in value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and -math.inf < value < math.inf


def _chosen(document: Mapping[str, Any]) -> list[Problem]:
    found = []
    code = document.get("plan")
    if isinstance(code, str) and not CODE.fullmatch(code):
        expected = {"expected": "a-z 0-9 -"}
        found.append(Problem("evaluate.plan_choice", "plan", code, expected))
    for place, choices in _CHOICES.items():
        table, _, key = place.rpartition(".")
        within = document.get(table, {}) if table else document
        value = within.get(key) if isinstance(within, Mapping) else None
        if isinstance(value, str) and value not in choices:
            expected = {"expected": ", ".join(choices)}
            found.append(Problem("evaluate.plan_choice", place, value, expected))
    return found


def _windowed(document: Mapping[str, Any]) -> list[Problem]:
    """Periods of the window that are not written as its kind, or run backwards."""
    window = document["window"]
    found = []
    for key in ("from", "to"):
        try:
            months(window[key], window["period"])
        except ValueError:
            expected = {"expected": _WRITTEN[window["period"]]}
            found.append(Problem("evaluate.plan_choice", f"window.{key}", window[key], expected))
    if (
        not found
        and months(window["from"], window["period"])[0] > months(window["to"], window["period"])[0]
    ):
        found.append(Problem("evaluate.plan_window", "window", f"{window['from']}, {window['to']}"))
    return found


def _beside(document: Mapping[str, Any]) -> list[Problem]:
    """A worth that is no size, what a design does not take, and metrics named twice."""
    options = document.get("estimator", {})
    named = [("covariates", each) for each in options.get("covariates", ())]
    named += [("cluster", options["cluster"])] if "cluster" in options else []
    taken = {document["outcome"]["metric"]}
    found = []
    if options.get("worth", 1) <= 0:
        expected, worth = {"expected": "> 0"}, str(options["worth"])
        found.append(Problem("evaluate.plan_choice", "estimator.worth", worth, expected))
    for key, metric in named:
        if document["design"] != "did":
            expected = {"expected": "design = did"}
            found.append(Problem("evaluate.plan_choice", f"estimator.{key}", metric, expected))
        elif metric in taken:
            expected = {"expected": "≠ " + ", ".join(sorted(taken))}
            found.append(Problem("evaluate.plan_choice", f"estimator.{key}", metric, expected))
        taken.add(metric)
    return found


_WRITTEN: Mapping[str, str] = {
    "month": "2026-03", "quarter": "2026-Q1", "half": "2026-H1", "year": "2026",
}  # fmt: skip
_MONTHS_IN: Mapping[str, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def months(name: str, period: Span) -> range:
    """The months of a period as written, counted from the year 0; ValueError where it is not one.

    >>> list(months("2026-Q2", "quarter"))[0] - 2026 * 12, len(months("2026", "year"))
    (3, 12)
    """
    length = _MONTHS_IN[period]
    year, _, part = name.partition("-")
    mark = {"quarter": "Q", "half": "H"}.get(period, "")
    number = part.removeprefix(mark) if part.startswith(mark) else ""
    if period == "year":
        number = "" if part else "1"
    if len(year) != 4 or not year.isdigit() or not number.isdigit():
        raise ValueError(name)
    if len(number) != (2 if period == "month" else 1) or not 1 <= int(number) <= 12 // length:
        raise ValueError(name)
    first = int(year) * 12 + (int(number) - 1) * length
    return range(first, first + length)


def period_of(month: int, period: Span) -> str:
    """The period a month falls in, the month counted from the year 0.

    >>> period_of(2026 * 12 + 4, "quarter"), period_of(2026 * 12 + 4, "month")
    ('2026-Q2', '2026-05')
    """
    year, place = divmod(month, 12)
    number = place // _MONTHS_IN[period] + 1
    written = {
        "month": f"{year:04d}-{number:02d}", "quarter": f"{year:04d}-Q{number}",
        "half": f"{year:04d}-H{number}", "year": f"{year:04d}",
    }  # fmt: skip
    return written[period]


def length(start: str, end: str) -> int:
    """How many periods a window has, both ends included, by how they are written.

    >>> length("2022-H1", "2026-H1"), length("2024", "2025"), length("2024-11", "2025-02")
    (9, 2, 4)
    """
    short: Mapping[str, Span] = {"Q": "quarter", "H": "half"}
    kind = short.get(start[5:6], "month" if len(start) == 7 else "year")
    first, last = months(start, kind), months(end, kind)
    return (last.start - first.start) // len(first) + 1


def periods(plan: Plan) -> list[str]:
    """Every period of a plan's window, in order."""
    first = months(plan.start, plan.period)[0]
    last = months(plan.end, plan.period)[0]
    return [
        period_of(month, plan.period) for month in range(first, last + 1, _MONTHS_IN[plan.period])
    ]


def _plan(document: Mapping[str, Any], text: str) -> Plan:
    outcome, window = document["outcome"], document["window"]
    options = document.get("estimator", {})
    comparison = document["comparison"]
    worth, cutoff = options.get("worth"), options.get("cutoff")
    return Plan(
        code=document["plan"],
        programme=document["programme"],
        design=cast(Design, document["design"]),
        question=_words(document["question"]),
        estimand=_words(document["estimand"]),
        comparison=_words(comparison),
        units=_words(document["units"]),
        rerun=_words(document["rerun"]),
        series=outcome["series"],
        metric=outcome["metric"],
        outcome=_words(outcome["name"]),
        outcome_unit=_words(outcome["unit"]),
        gather=outcome.get("gather", "last"),
        period=window["period"],
        start=window["from"],
        end=window["to"],
        dating=document.get("treated", {}).get("dating", "same"),
        control=comparison.get("control", "never"),
        among=comparison.get("among", "observed"),
        method=options.get("method", "dr"),
        base=options.get("base", "varying"),
        worth=None if worth is None else float(worth),
        relative_m=tuple(map(float, options.get("relative_m", ()))),
        smooth_m=tuple(map(float, options.get("smooth_m", ()))),
        covariates=tuple(options.get("covariates", ())),
        cluster=options.get("cluster", ""),
        round=options.get("round", ""),
        cutoff=None if cutoff is None else float(cutoff),
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _words(table: Mapping[str, str]) -> Words:
    return Words(table["ko"].strip(), table["en"].strip())
