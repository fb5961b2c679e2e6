"""Imputation: what treated units would have been, from units and periods not yet treated.

Borusyak, Jaravel and Spiess (2024), "Revisiting event-study designs", Review of Economic Studies
91, as diff-diff computes it, with their conservative errors. More precise than cohort by cohort
where trends are parallel throughout; it takes every earlier period as a base.
"""

import warnings
from dataclasses import dataclass

from koga.core.problems import Problem, Refusal
from koga.evaluate.panel import Panel


@dataclass(frozen=True, slots=True)
class Imputed:
    """An average effect. event_time: periods since first treatment, None for all."""

    event_time: int | None
    effect: float
    se: float
    rows: int


def effects(panel: Panel) -> list[Imputed]:
    """Effects by event time, then overall; a `Refusal` where they cannot be solved."""
    import diff_diff
    import numpy as np
    import pandas as pd

    columns = ["outcome", "unit", "time", "first", *panel.covariates]
    columns += [part for part in ("cluster", "weight") if part in panel.frame.columns]
    frame = pd.DataFrame({name: panel.frame[name].to_numpy() for name in columns})
    frame["first"] = np.where(np.isinf(frame["first"]), 0, frame["first"]).astype(np.int64)
    weighted = "weight" in columns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = diff_diff.ImputationDiD(
                cluster="cluster" if "cluster" in columns else None
            ).fit(
                frame,
                outcome="outcome",
                unit="unit",
                time="time",
                first_treat="first",
                covariates=panel.covariates or None,
                survey_design=diff_diff.SurveyDesign(weights="weight") if weighted else None,
            )
            study = fitted.aggregate("event_study").to_dataframe()
        except (ValueError, np.linalg.LinAlgError) as failed:
            said = str(failed).split("\n", 1)[0]
            raise Refusal(Problem("evaluate.singular", "imputation", said)) from None
    since = frame["time"] - frame["first"]
    treated = (frame["first"] > 0) & (since >= 0)
    found = [
        Imputed(int(time), float(effect), float(se), int((treated & (since == time)).sum()))
        for time, effect, se in zip(study["event_time"], study["att"], study["se"], strict=True)
        if time >= 0
    ]
    return [*found, Imputed(None, float(fitted.att), float(fitted.se), len(frame))]
