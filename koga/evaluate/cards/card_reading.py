"""What a card is made of: the rows of a release, or the document a design's command prints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from koga.core.problems import Problem, Refusal
from koga.evaluate import finding
from koga.evaluate.cards.assessed import HEADLINES
from koga.evaluate.cards.card import Card, make
from koga.evaluate.cards.card_about import About
from koga.evaluate.effects import naive
from koga.evaluate.finding import Check, Estimate, Mark, Words
from koga.evaluate.panels import planned

Row = Mapping[str, Any]


class Told(NamedTuple):
    """What a card is made of."""

    about: About
    estimates: Sequence[Estimate]
    checks: Sequence[Check]
    points: Sequence[Mark] = ()

    def card(self, language: str) -> Card:
        """The card in `ko` or `en`."""
        return make(self.about, self.estimates, self.checks, language, self.points)


def of_rows(
    row: Row,
    programme: Row,
    *,
    estimates: Iterable[Row],
    checks: Iterable[Row],
    points: Iterable[Row],
) -> Told:
    """A finding from its rows in the open tables."""
    both: dict[str, Any] = {name: Words(row[f"{name}_ko"], row[f"{name}_en"]) for name in _BOTH}
    about = About(
        code=row["finding"],
        programme=Words(programme["name_ko"], programme["name_en"]),
        design=row["design"],
        state=row["state"],
        headline=HEADLINES[row["design"]],
        span=planned.span_word(row["span"]),
        window=(row["window_start"], row["window_end"]),
        supported=row["supported"],
        covered=row["covered"],
        compared=row["compared"],
        also_supported=row["also_supported"],
        unit=row["unit"],
        spent=row["spent"],
        registration=row["registration"],
        registered_on=row["registered_on"],
        amended_on=row["amended_on"],
        amended_because=row["amended_because"] or "",
        opened_on=row["opened_on"],
        plan_sha256=row["plan_sha256"],
        panel_rows=row["panel_rows"],
        panel_sha256=row["panel_sha256"] or "",
        code_sha256=row["code_sha256"],
        **both,
    )
    own = [_estimate(each) for each in estimates if each["finding"] == row["finding"]]
    asked = [_check(each) for each in checks if each["finding"] == row["finding"]]
    drawn = [_mark(each) for each in points if each["finding"] == row["finding"]]
    return Told(about, own, asked, drawn)


_BOTH = (
    "question", "estimand", "comparison", "dating", "outcome", "outcome_unit", "units", "rerun",
)  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _estimate(row: Row) -> Estimate:
    return Estimate(
        estimator=row["estimator"],
        name=row["name"],
        estimate=_number(row["estimate"]),
        se=_number(row["se"]),
        ci_low=_number(row["ci_low"]),
        ci_high=_number(row["ci_high"]),
        n=row["n"] or 0,
        group=row["group"],
        time=row["time"],
        event_time=row["event_time"],
    )


def _mark(row: Row) -> Mark:
    return Mark(
        row["plot"], row["series"], float(row["x"]), _number(row["x_to"]), float(row["value"]),
        _number(row["low"]), _number(row["high"]), row["n"],
    )  # fmt: skip


def _check(row: Row) -> Check:
    reason = Words(row["reason_ko"], row["reason_en"])
    return Check(row["check"], _number(row["value"]), row["verdict"], reason)


def of_document(document: Any, where: str) -> Told:
    """A finding from the JSON of `koga evaluate did|rd|sdid|experiment --json`.

    Nothing says that it was registered, so its card says that it was not.
    """
    try:
        found = finding.from_json(document)
    except (KeyError, TypeError, AttributeError, StopIteration) as trouble:
        raise Refusal(Problem("evaluate.finding_file", where, type(trouble).__name__)) from None
    if found.design not in (*HEADLINES, "survival"):
        raise Refusal(Problem("evaluate.finding_file", where, str(found.design)))
    columns, counts = found.facts.get("columns", {}), _counts(found.facts)
    outcome = str(columns.get("outcome", ""))
    about = About(
        code=where,
        programme=Words("지원", "support"),
        design=found.design,
        state=found.verdict,
        headline=found.headline,
        question=found.question,
        estimand=_ESTIMANDS[found.design],
        comparison=_comparison(found.design, str(columns.get("control", "never"))),
        dating=_words(found.facts.get("dating_rule")),
        outcome=Words(outcome, outcome),
        outcome_unit=Words("", ""),
        units=Words("대상", "units"),
        span=Words("기간", "period"),
        window=_window(found.facts.get("periods", ())),
        covered=counts[0],
        compared=counts[1],
        panel_rows=found.facts.get("rows", {}).get("used"),
        panel_sha256=str(found.facts.get("sha256", "")),
        event=str(columns.get("treated", "")),
        month=found.facts.get("headline_month"),
    )
    return Told(about, (*found.estimates, *naive.of_facts(found.facts)), found.checks, found.points)


_ESTIMANDS: Mapping[str, Words] = {
    "did": Words("지원받은 대상의 평균 효과(ATT)", "the mean effect on supported units (ATT)"),
    "sdid": Words("지원받은 대상의 평균 효과", "the mean effect on supported units"),
    "rd": Words("기준점에서의 효과", "the effect at the cutoff"),
    "experiment": Words("배정의 평균 효과", "the mean effect of assignment"),
    "survival": Words(
        "시작한 뒤 몇 달 안에 그 일에 이른 비율",
        "the share that reach the event within some months",
    ),
}


def _comparison(design: str, control: str) -> Words:
    if design == "survival":
        return Words("", "")
    if design == "rd":
        return Words("기준점을 막 못 넘은 신청자", "applicants just below the cutoff")
    if design == "experiment":
        return Words("뽑히지 않은 신청자", "applicants not drawn")
    if control == "not-yet":
        return Words("아직 또는 끝내 지원받지 않은 대상", "units not yet or never supported")
    return Words("한 번도 지원받지 않은 대상", "units never supported")


def _words(given: Any) -> Words:
    return Words(given["ko"], given["en"]) if isinstance(given, Mapping) else Words("", "")


def _window(periods: Any) -> tuple[str, str]:
    listed = [str(each) for each in periods]
    return (listed[0], listed[-1]) if listed else ("", "")


def _counts(facts: Mapping[str, Any]) -> tuple[int | None, int | None]:
    cohorts = facts.get("cohorts") or facts.get("starts")
    if not cohorts:
        return None, None
    treated = sum(each["units"] for each in cohorts if each["first"] is not None)
    return treated, sum(each["units"] for each in cohorts if each["first"] is None)
