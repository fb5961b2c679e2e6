"""Ranges put together: the same tables however many workers computed them, here or elsewhere."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from koga import plan
from koga.core.problems import Refusal
from koga.plan import build, comparison, measures, paths, simulation, tornado
from koga.plan.figure import Figure
from koga.plan.result import Result
from koga.plan.schemes.shape import Scheme
from koga.plan.schemes.values import Value

PATHS, SEED = 600, 11


@pytest.fixture(scope="module")
def small(root: Path) -> Scheme:
    return plan.load(root / "schemes" / "small.toml")


@pytest.fixture(scope="module")
def alone(small: Scheme) -> Result:
    return plan.simulate(small, paths=PATHS, seed=SEED)


def tables(result: Result) -> dict[str, Any]:
    told = result.as_json()
    return {key: told[key] for key in ("measures", "by_year", "tails", "hash", "deals", "quarters")}


def test_given_an_analyst_when_a_scheme_and_its_result_are_shown_then_each_is_one_line(
    small: Scheme, alone: Result
) -> None:
    assert repr(small).startswith("<Scheme small: Hannuri growth fund (for learning); ")
    assert small.sha256[:12] in repr(small) and " assumed; " in repr(small)
    assert repr(alone).startswith("<Result of small: 600 futures, exact, seed 11; ")
    assert len(repr(alone)) < 200


def test_given_two_threads_when_each_computes_a_range_then_neither_waits_for_the_other(
    small: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, both, drawn = build.build(small), threading.Barrier(2, timeout=60), paths.flows

    def meeting(*given: Any, **named: Any) -> Any:
        both.wait()  # breaks unless both threads are here at one time
        return drawn(*given, **named)

    monkeypatch.setattr(paths, "flows", meeting)
    job = simulation.Job(small, model, SEED, "fast", room="returns")

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda first: job.run(first, 4), (0, 4)))

    assert len(found) == 2


def test_given_a_scheme_when_simulated_then_every_name_is_declared_and_has_its_shape(
    alone: Result,
) -> None:
    told = alone.as_json()

    assert told["scheme"] == "small" and told["paths"] == PATHS and told["seed"] == SEED
    for name, each in told["measures"].items():
        assert {"mean", "p05", "p25", "p50", "p75", "p95", "error"} <= each.keys()
        if measures.find(name).unit == "KRW":
            assert each["unit"] == "KRW"
            assert each["mean"] is None or isinstance(each["mean"], int)
        if each["mean"] is None:
            assert each["status"]
    years = sorted({row["year"] for row in told["by_year"]})
    assert years[0] == 2025 and len(years) == alone.quarters // 4
    assert set(told["seconds"]) == {"engine", "total"} and told["bytes_peak"] > 10**7
    for language in ("ko", "en"):
        assert all(alone.label(name, language) for name in (*alone.figures, *alone.series))


def test_given_frames_when_asked_for_then_they_hold_what_the_json_holds(alone: Result) -> None:
    by_year, found = alone.by_year, alone.measures

    assert by_year.height == len(alone.as_json()["by_year"])
    row = by_year.filter(series="net.all", year=2026).row(0, named=True)
    assert row["mean"] == alone.series["net.all"][1].mean
    assert found.height == len(alone.figures)


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_two_workers_when_simulated_then_the_tables_are_those_of_one(
    small: Scheme, engine: Any
) -> None:
    one = plan.simulate(small, paths=PATHS, seed=SEED, engine=engine)
    two = plan.simulate(small, paths=PATHS, seed=SEED, engine=engine, workers=2)

    assert tables(one) == tables(two)


@pytest.fixture
def cluster(root: Path) -> Iterator[str]:
    """A Dask cluster of two processes on this machine, for as long as the test takes."""
    code = (
        "from distributed import LocalCluster; import sys;"
        "c = LocalCluster(n_workers=2, threads_per_worker=1, processes=True,"
        " dashboard_address=None, silence_logs=50);"
        "print(c.scheduler_address, flush=True); sys.stdin.read(); c.close()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"if __name__ == '__main__':\n  {code}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root,
        text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(timeout=60)


@pytest.mark.filterwarnings("ignore")
def test_given_a_cluster_when_simulated_there_then_the_tables_are_those_of_one_process(
    small: Scheme, alone: Result, cluster: str
) -> None:
    there = plan.simulate(small, paths=PATHS, seed=SEED, cluster=cluster)

    assert tables(there) == tables(alone)
    assert there.bytes_peak > alone.bytes_peak


@pytest.mark.filterwarnings("ignore")
def test_given_an_address_where_nobody_answers_when_asked_then_it_is_refused(
    small: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("koga.plan.cluster.CONNECT_SECONDS", 1)

    with pytest.raises(Refusal) as refused:
        plan.simulate(small, paths=4, seed=1, cluster="tcp://127.0.0.1:1")

    assert refused.value.problems[0].code == "plan.cluster"


def test_given_numbers_nothing_can_be_computed_with_when_asked_then_all_are_refused(
    small: Scheme,
) -> None:
    engine: Any = "quick"

    with pytest.raises(Refusal) as refused:
        plan.simulate(small, paths=0, seed=-1, engine=engine, workers=0)

    assert [problem.where for problem in refused.value.problems] == [
        "paths", "seed", "workers", "engine",
    ]  # fmt: skip


def test_given_progress_when_simulated_then_it_ends_at_all_paths(small: Scheme) -> None:
    told: list[tuple[int, int]] = []

    plan.simulate(
        small, paths=PATHS, seed=1, engine="fast", progress=lambda *done: told.append(done)
    )

    assert [done for done, _ in told] == [256, 512, 600]
    assert {whole for _, whole in told} == {600}


def test_given_other_seeds_when_simulated_then_means_agree_within_their_errors(
    small: Scheme, alone: Result
) -> None:
    other = plan.simulate(small, paths=PATHS, seed=SEED + 1)
    name = "net_at_end.all"
    first, second = alone.figures[name], other.figures[name]

    assert first.mean != second.mean
    both = (float(first.error or 0) ** 2 + float(second.error or 0) ** 2) ** 0.5
    assert abs(float(first.mean or 0) - float(second.mean or 0)) < 4.5 * both


def test_given_two_schemes_when_compared_on_common_draws_then_the_error_is_smaller(
    small: Scheme,
) -> None:
    changed = plan.changed(small, {"fund.reinvested_share": 0.6})
    cases = [comparison.Case("a", small, {}), comparison.Case("b", changed, {})]
    name = "net_at_end.all"

    rows = comparison.compare(cases, paths=512, seed=3)

    errors = [float(row.result.figures[name].error or 0) for row in rows]
    apart = rows[1].differences[name]
    independent = (errors[0] ** 2 + errors[1] ** 2) ** 0.5
    assert float(apart.error or 0) < 0.5 * independent
    assert rows[0].differences[name].mean == 0


def test_given_a_goal_within_reach_when_sought_then_the_value_gives_it(small: Scheme) -> None:
    name, path = "lowest.all", "fund.reinvested_share"
    ends = [
        simulation.measure_of(plan.changed(small, {path: end}), name, paths=256, seed=2).mean
        for end in (0, 1)
    ]
    target = (float(ends[0] or 0) + float(ends[1] or 0)) / 2

    found = comparison.seek(small, measure=name, target=target, vary=path, seed=2, paths=256)

    assert found.value is not None
    assert float(found.figure.mean or 0) == pytest.approx(target, rel=1e-4)
    again = simulation.measure_of(plan.changed(small, {path: found.value}), name, paths=256, seed=2)
    assert again.mean == found.figure.mean


def test_given_a_goal_out_of_reach_when_sought_then_the_closer_end_is_told(small: Scheme) -> None:
    found = comparison.seek(
        small, measure="lowest.all", target=10.0**18, vary="fund.reinvested_share", seed=2,
        paths=64,
    )  # fmt: skip

    assert found.value is None and found.rounds == 2 + comparison.SEEK_INSIDE
    means = [float(figure.mean or 0) for _, figure in found.ends]
    assert float(found.figure.mean or 0) >= max(means)


def test_given_a_goal_between_two_ends_that_miss_it_when_sought_then_it_is_found(
    small: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A measure that rises and falls again: 0.21 of a hill that stands at 0 on both ends."""
    low, high = (float(comparison.number_of(end)) for end in ends_of(small))

    def hill(scheme: Scheme, measure: str, **_: object) -> Figure:
        place = (float(scheme.number("fund.reinvested_share")) - low) / (high - low)
        value = place * (1 - place)
        return Figure(measure, 0, "rate", value, 0.0, (value,) * 5, True, "", 1)

    monkeypatch.setattr(simulation, "measure_of", hill)

    found = comparison.seek(
        small, measure="irr.public", target=0.21, vary="fund.reinvested_share", seed=1
    )

    assert found.value is not None and float(found.figure.mean or 0) == pytest.approx(0.21)


def ends_of(scheme: Scheme) -> tuple[Value | None, Value | None]:
    leaf = scheme.leaves["fund.reinvested_share"]
    return leaf.low, leaf.high


@pytest.mark.parametrize(
    ("measure", "vary", "code"),
    [
        ("lowest.al", "fund.reinvested_share", "plan.measure"),
        ("lowest.all", "fund.first_year", "plan.vary"),
        ("lowest.all", "fund.reinvested", "plan.path"),
    ],
)
def test_given_a_goal_nobody_can_seek_when_asked_then_it_is_refused(
    small: Scheme, measure: str, vary: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        comparison.seek(small, measure=measure, target=1.0, vary=vary, seed=1, paths=8)

    assert refused.value.problems[0].code == code


def test_given_the_assumptions_when_drawn_as_a_tornado_then_the_widest_comes_first(
    small: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = tornado.takes_part
    monkeypatch.setattr(
        tornado, "takes_part", lambda leaf: every(leaf) and leaf.path.startswith("fund.")
    )
    found = tornado.tornado(small, "lowest.all", seed=1, paths=64)
    again = tornado.tornado(small, "lowest.all", seed=1, paths=64, workers=2)

    widths = [each.width for each in found.swings]
    assert widths == sorted(widths, reverse=True) and widths[0] > 0
    paths = {each.leaf.path for each in found.swings} | set(found.skipped)
    assert paths == {leaf.path for leaf in small.leaves.values() if tornado.takes_part(leaf)}
    assert [each.at_high for each in again.swings] == [each.at_high for each in found.swings]


@pytest.mark.parametrize(
    "measure", ["irr.public", "cost.lifetime", "obligation_met.city_firms", "lowest.all"]
)
def test_given_shared_work_when_a_tornado_probes_then_each_end_is_what_it_is_alone(
    small: Scheme, measure: str
) -> None:
    """Leaves of deals, of programmes and of prices: whatever is not computed again is the same."""
    found = tornado.Probe(small, measure, seed=3, paths=64)
    ranged = [leaf for leaf in small.leaves.values() if tornado.takes_part(leaf)]
    by_table = {leaf.path.partition(".")[0]: leaf for leaf in ranged}

    assert {"programme", "class"} <= by_table.keys()
    for leaf in by_table.values():
        there = plan.changed(small, {leaf.path: leaf.high})
        alone = simulation.measure_of(there, measure, paths=64, seed=3)
        assert found.of(there) == alone, leaf.path
    base = simulation.measure_of(small, measure, paths=64, seed=3)
    assert found.of(small) == found.base == base


def test_given_tables_beside_the_deals_when_they_change_then_no_model_does(root: Path) -> None:
    scheme = plan.load(root / "schemes" / "koga-500.toml")
    model = tornado._digest(build.build(scheme, apart=False))
    ends = {
        (table, path.rpartition(".")[2]): leaf
        for path, leaf in scheme.leaves.items()
        if (table := path.partition(".")[0]) in tornado._BESIDE and tornado.takes_part(leaf)
    }

    assert {table for table, _ in ends} == set(tornado._BESIDE)
    for leaf in list(ends.values())[::4]:
        there = plan.changed(scheme, {leaf.path: leaf.low})
        assert tornado._digest(build.build(there, apart=False)) == model, leaf.path


def test_given_chances_when_compared_then_they_agree_with_the_importance_sampled_ones(
    alone: Result, small: Scheme
) -> None:
    plain = simulation.simulate(small, paths=PATHS, seed=SEED + 1, tailed=False)
    chances = [name for name, each in alone.figures.items() if each.weighed]

    assert chances
    for name in chances:
        one, other = alone.figures[name], plain.figures[name]
        error = ((one.error or 0) ** 2 + (other.error or 0) ** 2) ** 0.5
        assert abs((one.mean or 0) - (other.mean or 0)) <= 4 * error + 1e-9, name
