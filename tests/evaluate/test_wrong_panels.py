"""Wrong tables: every design answers with problems in both languages, or with a number that has an
interval, or with a failed check; never with a stack trace or a number alone."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from koga.core.problems import Refusal
from koga.evaluate.cards import card_reading
from koga.evaluate.effects import did, experiment, followed, rd, sdid
from koga.evaluate.finding import Finding
from koga.evaluate.panels import panel
from koga.evaluate.panels.panel import Declaration, Panel

c = pl.col
GENERATOR = np.random.default_rng(3)


def _sound() -> pl.DataFrame:
    rows = []
    for unit in range(24):
        first = (0, 3, 5)[unit % 3]
        for time in range(1, 7):
            on = 0 < first <= time
            rows.append(
                {"u": f"u{unit:02d}", "t": time, "g": first, "d": int(on),
                 "y": float(GENERATOR.normal() + unit * 0.1 + time * 0.2 + on),
                 "x": float(GENERATOR.normal()), "w": 1.0 + unit % 3, "c": f"c{unit % 6}",
                 "s": float(GENERATOR.normal(60, 10)), "z": unit % 2,
                 "m": float(1 + abs(GENERATOR.normal(10, 4))), "e": int(GENERATOR.random() < 0.7)}
            )  # fmt: skip
    return pl.DataFrame(rows)


SOUND = _sound()
TREATED = c("g") > 0
WRONG: Mapping[str, pl.DataFrame] = {
    "duplicate rows": pl.concat([SOUND, SOUND.head(3)]),
    "switches off": SOUND.with_columns(
        d=pl.when(c("t") == 6).then(0).otherwise("d"), g=pl.when(c("t") == 6).then(0).otherwise("g")
    ),
    "no untreated group": SOUND.filter(TREATED),
    "one cohort, no untreated": SOUND.filter(c("g") == 3),
    "nobody treated": SOUND.filter(~TREATED).with_columns(z=0),
    "one cluster": SOUND.with_columns(c=pl.lit("a")),
    "clusters are the groups": SOUND.with_columns(c=c("g").cast(pl.String)),
    "constant outcome": SOUND.with_columns(y=pl.lit(5.0)),
    "outcome all blank": SOUND.with_columns(y=pl.lit(None, dtype=pl.Float64)),
    "outcome all NaN": SOUND.with_columns(y=pl.lit(math.nan)),
    "text in numbers": SOUND.with_columns(y=c("y").cast(pl.String) + "명"),
    "one period": SOUND.filter(c("t") == 4),
    "after support alone": SOUND.filter(c("t") >= 5),
    "before support alone": SOUND.filter(c("t") < 3),
    "treated in the first period": SOUND.with_columns(
        g=pl.when(TREATED).then(1).otherwise(0), d=TREATED.cast(pl.Int8)
    ),
    "negative weights": SOUND.with_columns(w=-c("w")),
    "no weight": SOUND.with_columns(w=pl.lit(0.0)),
    "all weight on one": SOUND.with_columns(w=pl.when(c("u") == "u00").then(1e80).otherwise(1.0)),
    "a unit without earlier periods": SOUND.filter(~((c("u") == "u01") & (c("t") < 3))),
    "no treated unit with earlier periods": SOUND.filter(~(TREATED & (c("t") < 3))),
    "two firms": SOUND.filter(c("u") < "u02"),
    "one firm": SOUND.filter(c("u") < "u01"),
    "one treated": SOUND.filter(~TREATED | (c("u") == "u01")),
    "one to compare with": SOUND.filter(TREATED | (c("u") == "u00")),
    "few rows": SOUND.sample(fraction=0.15, seed=1),
    "numbers beyond reach": SOUND.with_columns(y=c("y") * 1e300),
    "numbers that vanish": SOUND.with_columns(y=c("y") * 1e-300),
    "infinite outcome": SOUND.with_columns(
        y=pl.when(c("u") == "u03").then(math.inf).otherwise("y")
    ),
    "covariate is treatment": SOUND.with_columns(x=TREATED.cast(pl.Float64)),
    "covariate is constant": SOUND.with_columns(x=pl.lit(1.0)),
    "covariate is blank": SOUND.with_columns(x=pl.lit(None, dtype=pl.Float64)),
    "outcome is treatment": SOUND.with_columns(y=c("d").cast(pl.Float64)),
    "outcome of the unit alone": SOUND.with_columns(y=c("u").str.slice(1).cast(pl.Float64)),
    "outcome of the period alone": SOUND.with_columns(y=c("t").cast(pl.Float64)),
    "words for periods": SOUND.with_columns(g=pl.lit("soon"), t=pl.lit("later")),
    "half periods": SOUND.with_columns(t=c("t") + 0.5),
    "blank units": SOUND.with_columns(u=pl.when(c("u") == "u03").then(None).otherwise("u")),
    "two for treated": SOUND.with_columns(d=c("d") * 2, z=c("z") * 2, e=c("e") * 2),
    "one score": SOUND.with_columns(s=pl.lit(60.0)),
    "two scores": SOUND.with_columns(s=pl.when(c("s") > 60).then(61.0).otherwise(59.0)),
    "scores on one side": SOUND.with_columns(s=c("s").abs() + 60),
    "a step and nothing else": SOUND.with_columns(y=(c("s") >= 60).cast(pl.Float64)),
    "a line and nothing else": SOUND.with_columns(y=c("s") * 2),
    "months below 0": SOUND.with_columns(m=-c("m")),
    "no event": SOUND.with_columns(e=pl.lit(0)),
    "no rows": SOUND.head(0),
    "one row": SOUND.head(1),
}
_DID: dict[str, Any] = {
    "design": "did", "outcome": "y", "unit": "u", "time": "t", "first_treated": "g",
}  # fmt: skip
_SDID: dict[str, Any] = {
    "design": "sdid", "outcome": "y", "unit": "u", "time": "t", "treated": "d",
}  # fmt: skip
DESIGNS: Mapping[str, tuple[Declaration, Callable[[Panel], Finding]]] = {
    "did": (
        Declaration(**_DID, control="not-yet"),
        lambda given: did.find(given, did.Options(relative_m=(1.0,))),
    ),
    "did with all": (
        Declaration(**_DID, covariates=("x",), weights="w", cluster="c"),
        lambda given: did.find(given, did.Options(draws=10, base="universal")),
    ),
    "sdid": (Declaration(**_SDID), lambda given: sdid.find(given, sdid.Options(draws=3))),
    "sdid jackknife": (
        Declaration(**_SDID), lambda given: sdid.find(given, sdid.Options(error="jackknife")),
    ),
    "rd": (
        Declaration(design="rd", outcome="y", score="s", cutoff=60.0, treated="z",
                    covariates=("x",), weights="w"),
        rd.find,
    ),
    "rd sharp": (Declaration(design="rd", outcome="y", score="s", cutoff=60.0), rd.find),
    "experiment": (
        Declaration(design="experiment", outcome="y", treated="z", covariates=("x", "s"),
                    weights="w", cluster="c"),
        experiment.find,
    ),
    "survival": (
        Declaration(design="survival", outcome="m", treated="e", group="c"), followed.find,
    ),
}  # fmt: skip


@pytest.mark.parametrize("design", list(DESIGNS))
@pytest.mark.parametrize("wrong", list(WRONG))
def test_given_a_wrong_table_when_estimated_then_problems_or_a_number_with_its_interval(
    wrong: str, design: str
) -> None:
    declared, find = DESIGNS[design]
    try:
        found = find(panel.from_frame(WRONG[wrong], declared))
    except Refusal as refused:
        assert refused.problems
        for problem in refused.problems:
            for language in ("ko", "en"):
                said = problem.message(language)
                assert said and "{" not in said
        return
    document = json.loads(json.dumps(found.as_json(), allow_nan=False))
    for language in ("ko", "en"):
        assert card_reading.of_document(document, "table").card(language).heading
    main = found.main
    assert main.estimate is not None and math.isfinite(main.estimate)
    assert main.ci_low is not None and main.ci_high is not None
    assert main.ci_low < main.ci_high


MUST_REFUSE = {
    ("duplicate rows", "did"): "evaluate.duplicate_row",
    ("switches off", "did"): "evaluate.switches_off",
    ("switches off", "sdid"): "evaluate.switches_off",
    ("one cohort, no untreated", "did"): "evaluate.no_untreated",
    ("nobody treated", "did"): "evaluate.no_treated",
    ("nobody treated", "experiment"): "evaluate.one_arm",
    ("one cluster", "did with all"): "evaluate.one_cluster",
    ("one cluster", "experiment"): "evaluate.one_cluster",
    ("constant outcome", "rd"): "evaluate.constant_outcome",
    ("outcome all NaN", "experiment"): "evaluate.nothing_left",
    ("text in numbers", "sdid"): "evaluate.not_a_number",
    ("one period", "did"): "evaluate.one_period",
    ("treated in the first period", "did"): "evaluate.no_treated",
    ("negative weights", "rd"): "evaluate.negative_weight",
    ("two firms", "did"): "evaluate.few_units",
    ("outcome is treatment", "did"): "evaluate.no_error",
    ("a step and nothing else", "rd sharp"): "evaluate.singular",
    ("numbers beyond reach", "experiment"): "evaluate.too_large",
    ("numbers that vanish", "rd"): "evaluate.too_small",
    ("no treated unit with earlier periods", "sdid"): "evaluate.gaps",
    ("no event", "survival"): "evaluate.no_events",
}


@pytest.mark.parametrize(("place", "code"), list(MUST_REFUSE.items()))
def test_given_a_known_mistake_when_estimated_then_its_own_problem_is_told(
    place: tuple[str, str], code: str
) -> None:
    wrong, design = place
    declared, find = DESIGNS[design]

    with pytest.raises(Refusal) as refused:
        find(panel.from_frame(WRONG[wrong], declared))

    assert code in {problem.code for problem in refused.value.problems}
