"""Both engines: the same model, one drawn deal by deal and one in expectation."""

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri

from bench import peer_plan
from koga.plan.engine import exact, factors, fast, laws, migration, prepared
from koga.plan.model import Equity, Flows, Infrastructure, Law, Loan, Model
from tests.plan import deals_by_hand as by_hand

NAMES = ("invested", "returned", "income", "written_off", "closed")


def rows(flows: Flows) -> np.ndarray:
    """Paths × lines × 5 × quarters."""
    return np.stack([getattr(flows, name) for name in NAMES], axis=2)


def drawn(model: Model, paths: int, seed: int = 5) -> factors.Factors:
    return factors.drawn(
        years=prepared.years_of(model), sectors=len(model.sectors), memory=model.market.memory,
        seed=seed, first=0, paths=paths,
    )  # fmt: skip


def errors(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Differences of means over paths, in standard errors, where there is enough to tell."""
    apart = one - other
    spread = apart.std(axis=0, ddof=1) / math.sqrt(apart.shape[0])
    often = ((one != 0).mean(axis=0) > 0.1) & (spread > 1e-9 * np.abs(one).max())
    return apart.mean(axis=0)[often] / spread[often]


# ---------------------------------------------------------------- pure functions of their range


@pytest.mark.parametrize("cuts", [(7,), (1, 2, 11)])
@pytest.mark.parametrize("engine", ["exact", "fast", "control"])
def test_given_a_range_cut_in_parts_when_simulated_then_the_bits_are_the_same(
    engine: str, cuts: Sequence[int]
) -> None:
    model = by_hand.model(by_hand.ALL, evergreen=0.5)

    def simulated(first: int, paths: int) -> np.ndarray:
        if engine == "exact":
            return rows(exact.flows(model, seed=9, first=first, paths=paths))
        source: factors.Draws = "sobol" if engine == "fast" else "counter"
        return rows(fast.flows(model, seed=9, first=first, paths=paths, draws=source))

    ends = [0, *cuts, 12]
    parts = [simulated(low, high - low) for low, high in itertools.pairwise(ends)]

    assert (np.concatenate(parts) == simulated(0, 12)).all()


def test_given_another_seed_or_path_when_simulated_then_it_differs() -> None:
    model = by_hand.model({"venture": by_hand.VENTURE})
    one = exact.flows(model, seed=1, first=0, paths=2)
    other = exact.flows(model, seed=2, first=0, paths=2)

    assert (one.returned != other.returned).any()
    assert (one.returned[0] != one.returned[1]).any()


def test_given_a_scheme_with_one_line_more_when_drawn_then_the_others_deals_are_the_same() -> None:
    few = by_hand.model({"venture": by_hand.VENTURE, "secured": by_hand.SECURED})
    more = by_hand.model(
        {"wind": by_hand.WIND, "venture": by_hand.VENTURE, "secured": by_hand.SECURED}
    )
    one = exact.flows(few, seed=4, first=0, paths=3)
    other = exact.flows(more, seed=4, first=0, paths=3)

    assert (rows(one) == rows(other)[:, 1:]).all()


# ---------------------------------------------------------------- exact against fast and a peer


def test_given_equal_factors_when_averaged_then_exact_is_fast_within_its_error() -> None:
    model = by_hand.model(by_hand.ALL, evergreen=0.5, deals=6)
    given = drawn(model, 1500)
    one = rows(exact.flows_on(model, given, seed=5, first=0))
    z = errors(one, rows(fast.flows_on(model, given, first=0)))

    assert z.size > 1000
    assert np.abs(z).max() < 6
    assert np.sqrt((z**2).mean()) == pytest.approx(1.0, abs=0.15)


def test_given_equal_factors_when_drawn_in_plain_numpy_then_the_distribution_is_the_same() -> None:
    model = by_hand.model({name: law for name, law in by_hand.ALL.items() if name != "fund"},
                          evergreen=0.5, deals=10)  # fmt: skip
    paths = 800
    given = drawn(model, paths)
    own = rows(exact.flows_on(model, given, seed=5, first=0))
    peer, rng = peer_plan.lay_out(model), np.random.default_rng(17)
    other = np.stack([peer_plan.path(peer, given.values[path], rng) for path in range(paths)])
    z = errors(own, other)

    assert np.abs(z).max() < 6
    assert np.sqrt((z**2).mean()) == pytest.approx(1.0, abs=0.2)
    for line in range(own.shape[1]):
        for row in (1, 3):
            totals = [each[:, line, row].sum(axis=1) for each in (own, other)]
            assert stats.ks_2samp(*totals).pvalue > 1e-4


def test_given_philox_when_audited_then_the_distribution_is_the_same() -> None:
    model = by_hand.model({"seed": by_hand.SEED, "secured": by_hand.SECURED}, deals=20)
    given = drawn(model, 600)
    one = rows(exact.flows_on(model, given, seed=5, first=0))
    other = rows(exact.flows_on(model, given, seed=5, first=0, audit="philox"))
    z = errors(one, other)

    assert (one != other).any()
    assert np.abs(z).max() < 6
    for line in range(2):
        totals = [each[:, line, 1].sum(axis=1) for each in (one, other)]
        assert stats.ks_2samp(*totals).pvalue > 1e-4


@pytest.mark.parametrize("name", ["venture", "seed", "secured", "fund"])
def test_given_many_equal_deals_when_counts_are_drawn_then_the_distribution_is_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400 deals of one cell as counts against two cells of 200 drawn deal by deal."""
    law = {name: by_hand.ALL[name]}
    many = by_hand.model(law, sectors=1, vintages=1, deals=400)
    twice = dataclasses.replace(
        many, lines=many.lines * 2, planned_won=np.full((2, 1, 1), 200e9),
        deals=np.full((2, 1, 1), 200), evergreen_line=np.full(2, 0.5),
    )  # fmt: skip
    twice = dataclasses.replace(
        twice, lines=(twice.lines[0], dataclasses.replace(twice.lines[1], name="again"))
    )
    given = drawn(many, 800)
    one = rows(exact.flows_on(many, given, seed=5, first=0))[:, 0]
    other = rows(exact.flows_on(twice, given, seed=5, first=0)).sum(axis=1)
    expected = rows(fast.flows_on(many, given, first=0))[:, 0]
    apart = [(each - expected)[:, 1].sum(axis=1) for each in (one, other)]

    assert np.abs(errors(one, expected)).max() < 6
    assert stats.ks_2samp(*apart).pvalue > 1e-4
    if name != "seed":  # its tail has hardly a variance
        assert apart[0].std() == pytest.approx(apart[1].std(), rel=0.15)


# ---------------------------------------------------------------- closed forms


def one_year(loan: Loan, deals: int, vintages: int = 1) -> Model:
    return by_hand.model({"loan": loan}, sectors=1, vintages=vintages, deals=deals, quarters=20)


def alone(rating: int, *, correlation: float = 0.15) -> Loan:
    ratings = tuple(1.0 if place == rating else 0.0 for place in range(6))
    return Loan(ratings, 0.0, 1.0, 0.0, correlation, 1.5, 0.0, False)


@pytest.mark.parametrize("correlation", [0.08, 0.15, 0.24])
def test_given_a_large_pool_when_a_quarter_passes_then_defaults_are_vasiceks(
    correlation: float,
) -> None:
    model = one_year(alone(4, correlation=correlation), 1)
    flows = fast.flows(model, seed=1, first=0, paths=65536)
    rate = migration.YEARLY[4, 6]
    # the first quarter: a quarter of the year's chance, and a sixth repaid by those alive
    defaulted = (flows.closed[:, 0, 1] / 1e9 - 1 / 6) / (1 - 1 / 6) * 4
    for level in (0.5, 0.9, 0.99, 0.999):
        expected = ndtr(
            (ndtri(rate) + math.sqrt(correlation) * ndtri(level)) / math.sqrt(1 - correlation)
        )
        assert np.quantile(defaulted, level) == pytest.approx(expected, rel=0.03)
    assert defaulted.mean() == pytest.approx(rate, rel=0.01)


def test_given_a_small_pool_without_correlation_when_drawn_then_defaults_are_binomial() -> None:
    deals, paths = 25, 6000
    model = one_year(alone(5, correlation=0.0), deals)
    flows = exact.flows(model, seed=2, first=0, paths=paths)
    counted = np.rint(flows.written_off[:, 0, 1] / 1e9).astype(int)
    chance = migration.YEARLY[5, 6] / 4
    expected = stats.binom.pmf(np.arange(deals + 1), deals, chance) * paths
    many = expected > 5
    observed = np.bincount(counted, minlength=deals + 1)
    groups = [np.append(each[many], each[~many].sum()) for each in (observed, expected)]

    assert stats.chisquare(*groups).pvalue > 1e-4


def test_given_correlated_small_pools_when_drawn_then_defaults_mix_binomials() -> None:
    """The distribution of the number of defaults is the binomial averaged over the factor."""
    deals, paths = 20, 6000
    model = one_year(alone(5, correlation=0.24), deals)
    flows = exact.flows(model, seed=3, first=0, paths=paths)
    counted = np.rint(flows.written_off[:, 0, 1] / 1e9).astype(int)
    nodes = np.linspace(-7, 7, 2001)
    weights = np.exp(-nodes * nodes / 2)
    year = ndtr((ndtri(migration.YEARLY[5, 6]) - math.sqrt(0.24) * nodes) / math.sqrt(0.76))
    mixed = stats.binom.pmf(np.arange(deals + 1)[:, None], deals, year / 4)
    expected = (mixed @ (weights / weights.sum())) * paths
    many = expected > 5
    observed = np.bincount(counted, minlength=deals + 1)
    groups = [np.append(each[many], each[~many].sum()) for each in (observed, expected)]

    assert stats.chisquare(*groups).pvalue > 1e-4


@pytest.mark.parametrize("market,tolerance", [(by_hand.FORGETFUL, 0.004), (by_hand.LIVELY, 0.02)])
def test_given_all_paths_when_averaged_then_means_are_those_of_the_classes(
    market: object, tolerance: float
) -> None:
    model = dataclasses.replace(by_hand.model(by_hand.ALL, quarters=80), market=market)
    averaged = fast.flows(model, seed=1, first=0, paths=4096)
    expected = fast.expected(model)

    for name in ("invested", "returned", "written_off", "closed"):
        found = getattr(averaged, name).sum(axis=2).mean(axis=0)
        np.testing.assert_allclose(
            found, getattr(expected, name)[0].sum(axis=1), rtol=tolerance, atol=1e-3 * 1e12
        )


def test_given_the_deterministic_path_when_summed_then_multiples_are_the_class_ones() -> None:
    model = by_hand.model({"venture": by_hand.VENTURE}, sectors=1, vintages=1, quarters=160)
    path = fast.expected(model)
    mean = math.exp(0.515 + 0.537**2 / 2)

    assert path.returned.sum() / path.invested.sum() == pytest.approx(0.787 * mean, rel=1e-4)
    assert path.written_off.sum() / path.invested.sum() == pytest.approx(0.213, rel=1e-4)


# ---------------------------------------------------------------- nothing moves

# A borrower of the best rating cannot default within a year and a half: two steps to a rating that
# can are needed first.
CERTAIN: dict[str, Law] = {
    "exit": Equity(3.1, 1e9, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 1.5, 0.1, 0.25),
    "lost": Equity(1e6, 4.0, 0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 1.5, 0.1, 0.0),
    "capped": Equity(2.1, 1e9, 0.0, 3.0, 0.0, 2.0, 5.0, 9.0, 1.5, 0.1, 0.0),
    "loan": Loan((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.04, 0.35, 0.0, 0.0, 1.5, 0.5, False),
    "guarantee": Loan((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.01, 0.35, 0.0, 0.0, 1.5, 0.5, True),
    "wind": Infrastructure(0.2, 0.055, 0.08, 1.0, 8.5, 0.0, 0.8, 0.5),
    "fund": dataclasses.replace(by_hand.FUND, growth_volatility=0.0),
}


@pytest.mark.parametrize("deals", [1, 13, 500])
def test_given_no_volatility_when_simulated_then_every_path_is_the_deterministic_one_to_the_won(
    deals: int,
) -> None:
    model = by_hand.model(
        CERTAIN, market=by_hand.STILL, evergreen=0.5, deals=deals, sectors=1, quarters=72
    )
    expected = np.rint(rows(fast.expected(model)))

    assert (np.rint(rows(exact.flows(model, seed=3, first=0, paths=4))) == expected).all()
    assert (np.rint(rows(fast.flows(model, seed=3, first=0, paths=4))) == expected).all()


def test_given_no_volatility_when_an_exit_is_certain_then_it_is_at_its_quarter_and_multiple() -> (
    None
):
    model = by_hand.model(
        {"capped": CERTAIN["capped"]}, market=by_hand.STILL, sectors=1, vintages=1, deals=7,
        quarters=20,
    )  # fmt: skip
    path = exact.flows(model, seed=1, first=0, paths=1)

    assert path.returned[0, 0].nonzero()[0].tolist() == [9]
    assert path.returned[0, 0, 9] == pytest.approx(7e9 * 9.0)
    assert path.closed[0, 0, 9] == path.invested[0, 0, 0] == pytest.approx(7e9)


# ---------------------------------------------------------------- money


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_evergreen_when_money_comes_back_then_half_of_it_goes_out_a_quarter_later(
    engine: str,
) -> None:
    equities: dict[str, Law] = {"venture": by_hand.VENTURE, "seed": by_hand.SEED,
                                "secured": by_hand.SECURED}  # fmt: skip
    model = by_hand.model(equities, evergreen=0.5, vintages=20)
    run = exact.flows if engine == "exact" else fast.flows
    flows = run(model, seed=1, first=0, paths=5)
    out, back = flows.invested.sum(axis=1), flows.returned.sum(axis=1)

    np.testing.assert_allclose(
        out[:, 1:20], model.planned_won.sum(axis=(0, 1))[1:] + 0.5 * back[:, :19], rtol=1e-12
    )
    assert not out[:, 20:].any()


def test_given_a_vintage_without_planned_money_when_money_comes_back_then_its_deals_share_it() -> (
    None
):
    model = by_hand.model({"venture": by_hand.VENTURE}, evergreen=1.0, vintages=24, deals=40)
    planned = model.planned_won.copy()
    planned[:, :, 8:] = 0.0
    deals = model.deals.copy()
    deals[:, 0, 12:] = 0
    model = dataclasses.replace(model, planned_won=planned, deals=deals)
    flows = exact.flows(model, seed=1, first=0, paths=3)

    np.testing.assert_allclose(flows.invested[:, 0, 8:24], flows.returned[:, 0, 7:23], rtol=1e-12)


@pytest.mark.parametrize("engine", ["exact", "fast"])
def test_given_any_model_when_all_has_ended_then_every_won_paid_in_is_closed(engine: str) -> None:
    short: dict[str, Law] = {
        "venture": dataclasses.replace(by_hand.VENTURE, holding_years=2.0, holding_shape=20.0,
                                       zero_share=0.0, follow_on_share=0.3),
        "secured": by_hand.SECURED, "guarantee": by_hand.GUARANTEE,
        "fund": dataclasses.replace(by_hand.FUND, life_years=8),
        "wind": dataclasses.replace(by_hand.WIND, tenor_years=9.0),
    }  # fmt: skip
    model = by_hand.model(short, quarters=80, vintages=4, sectors=1)
    run = exact.flows if engine == "exact" else fast.flows
    flows = run(model, seed=1, first=0, paths=20)
    paid, closed = flows.invested.sum(axis=2), flows.closed.sum(axis=2)

    np.testing.assert_allclose(closed[:, [0, 1, 2, 4]], paid[:, [0, 1, 2, 4]], rtol=1e-9)
    np.testing.assert_allclose(closed[:, 3], paid[:, 3], rtol=2e-3)  # a fund calls a little forever
    assert (flows.written_off.sum(axis=2) <= closed * (1 + 1e-12)).all()
    assert (flows.income <= flows.returned + 1e-3).all()


def test_given_a_guarantee_when_nothing_is_called_then_it_costs_nothing_and_earns_its_fee() -> None:
    loan = dataclasses.replace(by_hand.GUARANTEE, ratings=(1.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    model = by_hand.model({"guarantee": loan}, sectors=1, vintages=1)
    path = fast.expected(model)

    assert path.invested[0, 0, 0] == 0.0
    assert path.income[0, 0, 1] == pytest.approx(12e9 * 0.01 / 4, rel=1e-3)


def test_given_a_guarantee_when_it_is_called_then_it_is_paid_and_partly_recovered() -> None:
    model = by_hand.model({"guarantee": by_hand.GUARANTEE}, sectors=1, vintages=1)
    path = fast.expected(model)
    called, recovered = path.invested.sum(), (path.returned - path.income).sum()

    assert called > 0.0
    assert recovered == pytest.approx(0.35 * called, rel=1e-6)
    assert path.written_off.sum() == pytest.approx(0.65 * called, rel=1e-6)


def test_given_a_flooded_market_when_equity_is_bought_then_its_payoffs_shrink_by_the_factor() -> (
    None
):
    lines: dict[str, Law] = {"venture": by_hand.VENTURE, "fund": by_hand.FUND,
                             "secured": by_hand.SECURED}  # fmt: skip
    plain = by_hand.model(lines)
    flooded = by_hand.model(lines, entry=np.repeat([0.5, 1.0], 4))
    one, other = (exact.flows(model, seed=1, first=0, paths=6) for model in (plain, flooded))
    early = by_hand.model(lines, vintages=4)
    first = exact.flows(early, seed=1, first=0, paths=6)

    lost = one.returned - other.returned
    np.testing.assert_allclose(lost[:, :2], 0.5 * first.returned[:, :2], rtol=1e-9, atol=1.0)
    assert (lost[:, 2] == 0.0).all()
    assert (one.invested == other.invested).all()


def test_given_a_shift_when_weighed_then_a_bad_decade_is_told_as_without_it() -> None:
    model = by_hand.model({"venture": by_hand.VENTURE, "growth": by_hand.GROWTH})
    plain = fast.flows(model, seed=1, first=0, paths=16384)
    shifted = fast.flows(model, seed=2, first=0, paths=8192, shift=-1.5)
    back = [each.returned.sum(axis=(1, 2)) / each.invested.sum(axis=(1, 2))
            for each in (plain, shifted)]  # fmt: skip
    level = float(np.quantile(back[0], 0.01))

    assert (shifted.weights * (back[1] < level)).mean() == pytest.approx(0.01, rel=0.1)
    assert (back[1] < level).mean() > 0.1
    assert (plain.factors == plain.factors[:, : model.years]).all()


def test_given_more_volatility_when_simulated_then_the_fan_is_wider_and_exits_cluster() -> None:
    def spread(volatility: float) -> tuple[float, float]:
        market = dataclasses.replace(by_hand.FORGETFUL, volatility=volatility)
        model = dataclasses.replace(by_hand.model({"venture": by_hand.VENTURE}), market=market)
        flows = fast.flows(model, seed=1, first=0, paths=512)
        together = np.corrcoef(flows.factors[:, 5], flows.closed[:, 0, 20:24].sum(axis=1))[0, 1]
        return float(flows.returned.sum(axis=(1, 2)).std()), float(together)

    calm, wild = spread(0.05), spread(0.2)
    assert wild[0] > 1.5 * calm[0]
    assert wild[1] > 0.4


def test_given_money_without_deals_when_prepared_then_it_is_our_own_mistake() -> None:
    model = by_hand.model({"venture": by_hand.VENTURE})
    broken = dataclasses.replace(model, deals=np.zeros_like(model.deals))

    with pytest.raises(AssertionError):
        fast.expected(broken)


def test_given_the_same_model_twice_when_prepared_then_its_arrays_are_made_once() -> None:
    one, other = (by_hand.model({"venture": by_hand.VENTURE}) for _ in range(2))

    assert prepared.tables(one) is prepared.tables(other)
    assert prepared.tables(one) is not prepared.tables(one, still=True)


def test_given_laws_when_compared_by_hand_then_the_slots_are_those_of_age() -> None:
    """Slot = age + 1: what is drawn at age nought stands in slot one, year of slot = slot // 4."""
    terms = laws.terms(by_hand.WIND, by_hand.model(by_hand.ALL).sectors[0], by_hand.LIVELY,
                       years=21)  # fmt: skip

    assert terms.draw.nonzero()[0].tolist() == list(range(1, 13))
