"""Who paid and who got, on paths: the compiled kernel is the truth of core.waterfall."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from koga.plan import holders
from tests.plan.pot_by_hand import SOURCES, by_source, exact, flows, model, vehicle

_SPEC = importlib.util.spec_from_file_location(
    "waterfall_cases_of_core", Path(__file__).parents[1] / "core" / "test_waterfall_cases.py"
)
assert _SPEC and _SPEC.loader
golden = importlib.util.module_from_spec(_SPEC)
sys.modules["waterfall_cases_of_core"] = golden
_SPEC.loader.exec_module(golden)

VEHICLES = {
    "ranks": vehicle(),
    "pari passu": vehicle(parts=(("bonds", 0.5), ("banks", 0.5))),
    "hurdle and carry": vehicle(hurdle_rate=0.05, carry=0.2),
    "catch-up": vehicle(hurdle_rate=0.08, carry=0.2, catch_up=1.0),
    "half catch-up": vehicle(hurdle_rate=0.08, carry=0.2, catch_up=0.5),
    "excess passed on": vehicle(hurdle_rate=0.05, carry=0.2, upside_to_private=0.2),
    "manager's money": vehicle(
        parts=(("bonds", 0.28), ("manager", 0.02), ("banks", 0.7)),
        carry=0.2, hurdle_rate=0.04, upside_to_private=0.3,
    ),
    "funded first loss": vehicle(
        parts=(("citizens", 0.7), ("budget", 0.3)), first_loss_provider="fiscal",
        first_loss_share=0.2, first_loss_denominator="vehicle_total",
        ranks=(("citizens", "senior"), ("budget", "unranked")),
    ),
    "cover at the end": vehicle(
        first_loss_provider="fiscal", first_loss_share=0.3,
        first_loss_denominator="protected_money", first_loss_settles="liquidation",
    ),
    "cover at realisation": vehicle(
        first_loss_provider="fiscal", first_loss_share=0.25,
        first_loss_denominator="vehicle_total", first_loss_settles="realisation",
        hurdle_rate=0.05, carry=0.1,
    ),
    "cover by the manager": vehicle(
        first_loss_provider="manager", first_loss_share=0.1,
        first_loss_denominator="vehicle_total", first_loss_settles="liquidation",
    ),
}  # fmt: skip

MILLIONS = st.integers(0, 10**7).map(lambda number: number * 10**6)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(VEHICLES)),
    paths=st.lists(
        st.lists(
            st.tuples(
                MILLIONS,
                MILLIONS,
                MILLIONS,
            ),
            min_size=9, max_size=9,
        ),
        min_size=1, max_size=3,
    ),
)  # fmt: skip
def test_given_any_flows_when_held_then_each_source_nets_what_the_exact_waterfall_says(
    name: str, paths: list[list[tuple[int, int, int]]]
) -> None:
    one = model(VEHICLES[name], 9)
    table = np.array(paths, dtype=float)

    held = holders.holdings(one, flows(table[:, :, 0], table[:, :, 1], table[:, :, 2]))

    for place, path in enumerate(paths):
        invested, returned, lost = (list(column) for column in zip(*path, strict=True))
        truth = by_source(exact(one, invested, returned, lost))
        bound = 40 + 1e-9 * sum(invested + returned)
        for source in SOURCES:
            covers = sum(cover[place].sum() for cover in held.covered.values())
            net = held.received[source.name][place].sum() - held.paid[source.name][place].sum()
            paid_in = sum(
                round(put * part)
                for part in [dict(one.vehicles[0].parts).get(source.name, 0.0)]
                for put in invested
            )
            assert net + paid_in == pytest.approx(truth.get(source.name, 0), abs=bound), (
                source.name, covers,
            )  # fmt: skip
        assert held.carry["v"][place].sum() == pytest.approx(truth["carry"], abs=bound)
