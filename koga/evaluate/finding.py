"""A finding: what a design says of one question, with its checks; JSON and a Polars frame.

The shape is that of the commands: `{"finding": {…}, "estimates": […], "checks": […]}`. A figure
that does not exist is null; whoever prints an estimate prints the verdicts that go with it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Verdict = Literal["ok", "warn", "fail", "skipped"]
Period = int | str
"""A period as it was read: a whole number such as 2026, or a word such as `2026-Q3`."""

ARM_MEAN, ARMS = "arm_mean", ("mean_untreated", "mean_treated")
"""Estimator and names of the means of both arms of a lot."""
PATH, SIDES = "synthetic_path", ("treated", "synthetic")
"""Estimator and names of the means that few supported units are held against over time."""
WEIGHTS = "synthetic_weights"
"""The picture of the weights of a synthetic control."""
VERDICTS: tuple[Verdict, ...] = ("ok", "warn", "fail", "skipped")


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both languages of the house."""

    ko: str
    en: str

    def as_json(self) -> dict[str, str]:
        """`{"ko": …, "en": …}`."""
        return {"ko": self.ko, "en": self.en}

    def __getitem__(self, language: str) -> str:
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number with its uncertainty, in the unit of the outcome.

    estimator: who made it: callaway_santanna, imputation, twfe, sdid, rd, difference_in_means;
        arm_mean and synthetic_path tell the means that are compared.
    name: what it is: att_gt, simple, group, dynamic, calendar, event, twfe, imputation, sdid,
        rd, rd_bias_corrected, rd_robust, difference_in_means, treated, synthetic, mean_treated,
        mean_untreated.
    estimate: the effect; None where it is not identified.
    se, ci_low, ci_high: standard error and 95 % interval; None where there is none (a reference).
    n: rows it rests on.
    group: period of first treatment of the units it speaks of; None for all.
    time: the period it speaks of; None for all.
    event_time: periods since first treatment, negative before; None for all.
    """

    estimator: str
    name: str
    estimate: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    group: Period | None = None
    time: Period | None = None
    event_time: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The row of `estimates[]`."""
        return {
            "estimator": self.estimator,
            "name": self.name,
            "group": self.group,
            "time": self.time,
            "event_time": self.event_time,
            "estimate": known(self.estimate),
            "se": known(self.se),
            "ci_low": known(self.ci_low),
            "ci_high": known(self.ci_high),
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a design holds in one respect, and why.

    name: pre_trend, bacon, honest_did, overlap, balance, density, power, cohort_size, placebo.
    value: the figure the verdict rests on; None where there is none.
    verdict: ok; warn: read the reason first; fail: the design does not carry a number;
        skipped: could not be asked, the reason says why.
    extra: further keys of the JSON row (`shares`, `sets`, per covariate figures, …).
    """

    name: str
    value: float | None
    verdict: Verdict
    reason: Words
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The row of `checks[]`."""
        return {
            "name": self.name,
            "value": known(self.value),
            "verdict": self.verdict,
            "reason": self.reason.as_json(),
            **plain(self.extra),
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a picture that goes with a finding.

    plot: which picture: score_outcome, score_takeup, score_density, survival.
    series: what of it: below, above (the cutoff), line_below, line_above, or a group's name.
    x, x_to: where, and where it ends if it is as wide as a bar.
    value, low, high: how high, with its 95 % interval where it has one.
    n: units it rests on; None for a line.
    """

    plot: str
    series: str
    x: float
    x_to: float | None
    value: float
    low: float | None
    high: float | None
    n: int | None

    def as_json(self) -> dict[str, Any]:
        """The row of `points[]`."""
        return {
            "plot": self.plot,
            "series": self.series,
            "x": self.x,
            "x_to": known(self.x_to),
            "value": known(self.value),
            "low": known(self.low),
            "high": known(self.high),
            "n": self.n,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """What one design says of one question.

    design: did, rd, sdid, experiment or survival.
    question: the question in words.
    headline: estimator and name of the estimate to print first (its overall row).
    facts: declared columns, rows read and dropped, units, periods, dating rule, hash, settings.
    extra: further keys beside `estimates` and `checks` (`bandwidths`, `n`, `weights`, …).
    points: marks of the pictures that go with it; none where its estimates are the picture.
    """

    design: str
    question: Words
    headline: tuple[str, str]
    facts: Mapping[str, Any]
    estimates: tuple[Estimate, ...]
    checks: tuple[Check, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    points: tuple[Mark, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of the checks; a skipped one does not count as asked and answered."""
        found = {check.verdict for check in self.checks}
        return "fail" if "fail" in found else "warn" if "warn" in found else "ok"

    @property
    def main(self) -> Estimate:
        """The estimate to print first."""
        return self.estimate(*self.headline)

    def estimate(self, estimator: str, name: str, **place: Period | None) -> Estimate:
        """One estimate by its names and, where given, group, time and event_time; else overall."""
        wanted = {"group": None, "time": None, "event_time": None, **place}
        for row in self.estimates:
            if (row.estimator, row.name) == (estimator, name) and all(
                getattr(row, key) == value for key, value in wanted.items()
            ):
                return row
        raise KeyError((estimator, name, place))

    def check(self, name: str) -> Check:
        """One check by its name."""
        return next(check for check in self.checks if check.name == name)

    def as_json(self) -> dict[str, Any]:
        """The document of `koga evaluate`."""
        return {
            "finding": {
                "design": self.design,
                "question": self.question.as_json(),
                "verdict": self.verdict,
                "headline": self.main.as_json(),
                **plain(self.facts),
            },
            "estimates": [row.as_json() for row in self.estimates],
            "checks": [check.as_json() for check in self.checks],
            **({"points": [mark.as_json() for mark in self.points]} if self.points else {}),
            **plain(self.extra),
        }

    def frame(self) -> "pl.DataFrame":
        """The estimates as a Polars frame; group and time are text where periods are words."""
        return frame(self.estimates)


def from_json(document: Mapping[str, Any]) -> Finding:
    """A finding back from its document; facts and extra as they were printed."""
    head = dict(document["finding"])
    question, main = head.pop("question"), head.pop("headline")
    design, _ = head.pop("design"), head.pop("verdict")
    known_keys = {"finding", "estimates", "checks", "points"}
    return Finding(
        design=design,
        question=Words(**question),
        headline=(main["estimator"], main["name"]),
        facts=head,
        estimates=tuple(Estimate(**row) for row in document["estimates"]),
        checks=tuple(_check(row) for row in document["checks"]),
        extra={key: value for key, value in document.items() if key not in known_keys},
        points=tuple(Mark(**row) for row in document.get("points", ())),
    )


def _check(row: Mapping[str, Any]) -> Check:
    own = {"name", "value", "verdict", "reason"}
    return Check(
        name=row["name"],
        value=row["value"],
        verdict=row["verdict"],
        reason=Words(**row["reason"]),
        extra={key: value for key, value in row.items() if key not in own},
    )


def frame(estimates: Iterable[Estimate]) -> "pl.DataFrame":
    """Estimates as a Polars frame of the columns of `estimates[]`."""
    import polars as pl

    rows = [row.as_json() for row in estimates]
    words = any(isinstance(row[key], str) for row in rows for key in ("group", "time"))
    period = pl.String if words else pl.Int64
    if words:
        rows = [
            {**row, **{k: None if row[k] is None else str(row[k]) for k in ("group", "time")}}
            for row in rows
        ]
    return pl.DataFrame(
        rows,
        schema={
            "estimator": pl.String,
            "name": pl.String,
            "group": period,
            "time": period,
            "event_time": pl.Int64,
            "estimate": pl.Float64,
            "se": pl.Float64,
            "ci_low": pl.Float64,
            "ci_high": pl.Float64,
            "n": pl.Int64,
        },
    )


def known(value: float | None) -> float | None:
    """A figure as JSON has it: None where it is not a number or infinite.

    >>> known(0.5), known(float("nan")), known(None)
    (0.5, None, None)
    """
    return None if value is None or not math.isfinite(value) else float(value)


def plain(value: Any) -> Any:
    """A value of plain JSON types: mappings, lists, figures; no NaN, no array, no tuple.

    >>> plain({"h": (1.0, float("nan"))})
    {'h': [1.0, None]}
    """
    if isinstance(value, Words):
        return value.as_json()
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, Iterable):
        return [plain(part) for part in value]
    if hasattr(value, "item"):
        value = value.item()
    return known(value) if isinstance(value, float) else value
