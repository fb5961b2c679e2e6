"""Charts of a simulation: what they draw is what they are given, and their sentences say it."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from koga.core.problems import Refusal
from koga.figures import bands, charts, futures, futures_words
from koga.plan.result import Result
from tests.plan.futures_sample import sample

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def result(root: Path) -> Result:
    return sample(root)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_given_a_result_when_drawn_then_each_chart_is_one_named_image_with_its_table(
    result: Result, language: str
) -> None:
    drawn = dict(futures.all_of(result, language))

    assert list(drawn) == futures.available(result) == ["fan", "j_curve"]
    for figure in drawn.values():
        for picture in (figure.wide, figure.narrow):
            named = ElementTree.fromstring(picture)
            assert named.get("role") == "img" and "style" not in picture
            assert len(list(named.iter(f"{SVG}text"))) > 8
        assert len(figure.rows) == len(result.series["net.all"])
        assert figure.sentence and figure.description


def test_given_the_fan_when_its_table_is_read_then_it_holds_the_results_own_numbers(
    result: Result,
) -> None:
    rows = result.figure("fan", "en").rows

    years = result.series["net.all"]
    assert [row[0] for row in rows] == [each.year for each in years]
    assert [row[3] for row in rows] == [each.p50 for each in years]


def test_given_the_fan_when_read_then_its_sentence_recomputes_from_its_median(
    result: Result,
) -> None:
    years = result.series["net.all"]
    low = min(years, key=lambda each: each.p50 or 0)
    back = next(each for each in years if each.year > low.year and (each.p50 or 0) >= 0)

    ko, en = result.figure("fan", "ko").sentence, result.figure("fan", "en").sentence

    assert f"{low.year}년까지" in ko and f"{back.year}년에 본전이 됩니다" in ko
    assert en.endswith(f"back by {back.year}")


def test_given_a_curve_that_never_comes_back_when_read_then_it_says_so(result: Result) -> None:
    years = [replace(each, quantiles=(-4, -3, -2, -1, 0)) for each in result.series["net.all"]]

    assert futures_words.fan(years, "ko").endswith("까지 본전이 되지 않습니다")
    assert "not back by" in futures_words.fan(years, "en")


def test_given_a_curve_that_never_falls_when_read_then_it_does_not_speak_of_a_valley(
    result: Result,
) -> None:
    years = [replace(each, quantiles=(0, 1, 2, 3, 4)) for each in result.series["net.all"]]

    assert futures_words.fan(years, "en").startswith("In the median future no year")


def test_given_bands_when_drawn_then_the_outer_encloses_the_inner(result: Result) -> None:
    picture = result.figure("fan", "ko").wide
    shapes = {
        colour: [float(number) for number in re.findall(r"[ML]-?[\d.]+,(-?[\d.]+)", path)]
        for path, colour in re.findall(r'd="([^"]+)"[^>]* fill="(#[0-9a-f]{6})"', picture)
    }

    outer, inner = shapes[bands.OUTER], shapes[bands.INNER]
    assert len(outer) == len(inner) == 2 * len(result.series["net.all"])
    assert min(outer) < min(inner) and max(outer) > max(inner)


def test_given_a_tornado_when_drawn_then_bars_start_at_the_base_and_all_rows_stay(
    result: Result,
) -> None:
    swings = [bands.Swing(f"가정 {n}", 10 - n, 10 + n, "낮음", "높음") for n in range(20, 0, -1)]
    base = replace(result.figures["back.all"], mean=10.0)

    figure = futures.tornado(swings, base, "ko", name="t", label="햇수", paths=256, seed=7)

    assert len(figure.rows) == 20
    drawn = [each.text for each in ElementTree.fromstring(figure.wide).iter(f"{SVG}text")]
    assert "가정 20" in drawn and "가정 1" not in drawn
    assert figure.sentence == "햇수를 가장 크게 움직이는 가정은 가정 20입니다: −10년에서 30년까지"


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "평균 5,188억 원 · 95% 7조 원"), ("en", "mean ₩518.8 bn · 95% ₩7.00 tn")],
)
def test_given_a_loss_with_a_tail_when_named_then_mean_and_tail_cannot_be_mistaken(
    result: Result, language: str, words: str
) -> None:
    loss = replace(
        result.figures["back.all"], unit="KRW", mean=518_800_000_000,
        quantiles=(0, 0, 0, 0, 7_000_000_000_000),
    )  # fmt: skip

    assert futures_words.mean_and_tail(loss, language) == words


@pytest.mark.parametrize(
    ("language", "named", "sentence"),
    [
        ("ko", "평균 5,188억 원 · 20번에 1번 이하", "20번에 1번 이하로 잃습니다"),
        ("en", "mean ₩518.8 bn · in at most 1 of 20", "₩518.8 bn on average, in at most 1 of 20"),
    ],
)
def test_given_a_loss_rarer_than_one_in_twenty_when_named_then_no_tail_of_nothing_is_said(
    result: Result, language: str, named: str, sentence: str
) -> None:
    loss = replace(result.figures["back.all"], unit="KRW", mean=518_800_000_000, quantiles=(0,) * 5)

    assert futures_words.mean_and_tail(loss, language) == named
    assert futures_words.losses([("senior", loss)], language).endswith(sentence)


def test_given_a_cost_that_is_the_same_in_every_future_when_read_then_it_is_said_once(
    result: Result,
) -> None:
    years = [replace(result.series["net.all"][0], mean=10**12, quantiles=(10**12,) * 5)]

    assert futures_words.cost("Cost", years, "en") == f"Cost: highest in {years[0].year}, ₩1.00 tn"
    assert futures_words.cost("비용", years, "ko").endswith("이 1조 원으로 가장 큽니다")


def test_given_a_chart_nobody_drew_when_asked_for_then_those_there_are_are_named(
    result: Result,
) -> None:
    with pytest.raises(Refusal) as refused:
        result.figure("pie")

    assert "fan, j_curve" in refused.value.problems[0].message("en")


def test_given_a_figure_in_a_notebook_when_shown_then_its_sentence_stands_over_it(
    result: Result,
) -> None:
    shown = result.figure("fan", "en")._repr_html_()

    assert shown.startswith("<figure><figcaption>In the median future")


def test_given_ranged_columns_when_drawn_then_the_line_spans_the_range() -> None:
    drawn = [bands.Bar(str(n), n, n - 1, n + 2, "") for n in (2, 4, 6)]

    figure = bands.ranged_columns(
        [2027, 2028, 2029], drawn, charts.Scale(1, "건"), name="c", sentence="s", description="d",
        columns=["a"], rows=[[1]], end="폭",
    )  # fmt: skip

    lines = re.findall(r"h1\.(?:6|59)\d*v(-?[\d.]+)h", figure.wide)
    assert len(lines) == 3 and max(map(float, lines)) - min(map(float, lines)) < 0.1
