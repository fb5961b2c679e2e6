"""No key of the scheme format silently does nothing.

Every figure either changes an answer of the simulation when it is moved, in one of the shipped
schemes or in one with further keys, or stands below with the reason why it only describes.
"""

from pathlib import Path

import pytest

from koga.plan.schemes import scheme
from tests.plan import every_key

COMPARED = "compared with what statements report, not simulated"
KNOWN = "what was announced and decided of a known project; deals are simulated by class"
APPROVAL = "an answer to an approval question, printed with the figures that bear on it"
SUMMED = "a sum or share of what instruments say, checked against them"
SHARED = "shown where schemes share a manager, not simulated"
NAMED = "says what kind of thing it is; amounts and rules stand in other keys"

DESCRIBES = {
    "scheme.legal_form": NAMED,
    "fund.vehicle": NAMED,
    "fund.uses": "named uses; classes of deals say what is simulated",
    "fund.sectors": "named sectors; `sector.*.weight` says what is simulated",
    "fund.risk_sharing": "what was stated; ranks and first losses say who bears what",
    "fund.risk_form": "what was stated; ranks and first losses say who bears what",
    "fund.use_of_gains": "what was stated; `fund.reinvested_share` says how much",
    "fund.demand": "demand registered with a fund, not money of it",
    "fund.demand_projects": "demand registered with a fund, not deals of it",
    "instrument.*.terms.blind_share": "blind and project funds are simulated alike",
    "instrument.*.terms.project_share": "blind and project funds are simulated alike",
    "vehicle.*.terms.blind_share": "blind and project funds are simulated alike",
    "vehicle.*.terms.project_share": "blind and project funds are simulated alike",
    "vehicle.*.lock_years": "a holder's right; a vehicle's cash does not depend on it",
    "size.fiscal.*": SUMMED,
    "instrument.*.all.*": SUMMED,
    "fund.public_share": SUMMED,
    "manager.*.appointed": SHARED,
    "manager.*.amount": SHARED,
    "programme.*.placement_share": "what is reported; `track.*` says who finds work after how long",
    "vehicle.*.first_loss.share_of_total": "the share of another denominator, checked",
    "target.*.value.*": COMPARED,
    **{f"contingent.*.{name}": APPROVAL
       for name in ("rationale", "exposure", "risk_return", "risk_management", "affordability")},
    **{f"project.*.{name}": KNOWN
       for name in ("project_cost", "announced", "approved", "contracted", "drawn", "repaid",
                    "of_which_banks", "approved_on", "drawn_from", "operating_from",
                    "tenor_min_years", "tenor_max_years")},
}  # fmt: skip

LEAF = '{} = {{ value = {}, basis = "assumed", low = {}, high = {}, source = "us", note = "test" }}'


def added(heading: str, *figures: tuple[str, object, object, object]) -> tuple[str, str]:
    """A heading, and the same with figures below it."""
    return heading, "\n".join([heading, *(LEAF.format(*each) for each in figures)])


MORE_TERMS = dict([
    added("[vehicle.venture_fund.terms]", ("catch_up", 0.5, 0.3, 1), ("admin_cost", 0.01, 0, 0.02),
          ("manager_commitment", 0.02, 0, 0.1), ("overrun_years", 1, 0, 2),
          ("parent_fund_fee", 0.002, 0, 0.01), ("upside_to_private", 0.2, 0, 0.4)),
    added("[class.young_firms]", ("follow_on_share", 0.2, 0, 0.5),
          ("sector_volatility", 0.1, 0, 0.3)),
    added("[class.shop_loans.loan]", ("rate", 0.05, 0.01, 0.09)),
    ("[vehicle.venture_fund.first_loss]", "[vehicle.venture_fund.first_loss]\n"
     'settles = { value = "liquidation", basis = "stated", source = "plan" }'),
    added("[market]", ("inflation", 0.02, 0, 0.05)),
    added("[fund]", ("cash_limit.2025", '"20억"', '"5억"', '"90억"')),
])  # fmt: skip
"""The teaching scheme with keys that no shipped scheme uses."""
_MULTIPLE = "[class.young_firms.multiple]\n"
COMMITMENT = added(
    "[class.young_firms.commitment]", ("called_first", 0.3, 0.1, 0.5),
    ("called_second", 0.4, 0.1, 0.6), ("called_later", 0.5, 0.3, 0.7), ("life_years", 8, 6, 10),
    ("bow", 2.5, 1, 4), ("growth", 0.1, 0.02, 0.2), ("dividend_yield", 0.02, 0, 0.05),
    ("growth_volatility", 0.2, 0, 0.4),
)[1]  # fmt: skip


def guarantees_and_commitments(root: Path) -> dict[str, str]:
    """The teaching scheme's loans as guarantees, its funds as commitments of unknown deals."""
    text = scheme.read_text(root / "schemes" / "small.toml")
    multiple = text[text.index(_MULTIPLE) : text.index("[class.shop_loans]")]
    _, fee = added("[class.shop_loans.loan]", ("guarantee_fee", 0.01, 0, 0.03))
    _, terms = added("[instrument.indirect.terms]", ("catch_up", 0.5, 0.3, 1),
                     ("term_years", 7, 5, 8))  # fmt: skip
    own_term = next(line for line in text.splitlines() if line.startswith("term_years"))
    return {
        multiple: COMMITMENT + "\n\n",
        f"{own_term}\n": "",
        "instrument.loan": "instrument.guarantee",
        'instruments = ["loan"]': 'instruments = ["guarantee"]',
        "[class.shop_loans.loan]": fee,
        "[market]": f"{terms}\n\n[market]",
    }


MORE_OF_KOGA = dict([
    ("[capital.bonds.bond]", "[capital.bonds.bond]\n"
     'call_after_years = { value = 2, basis = "assumed", low = 1, high = 4 }\n'
     'call_rule = { value = "always", basis = "assumed", options = ["when_cheaper", "always"] }'),
    ("[vehicle.equity_funds.first_loss]", "".join(
        f'[vehicle.equity_funds.tranche.{name}]\ncapital = "{name}"\n'
        f'rank = {{ value = "{rank}", basis = "stated", source = "S36" }}\n'
        f'share = {{ value = {share}, basis = "assumed", low = 0.1, high = 0.9, source = "own", '
        'note = "test" }\n\n'
        for name, rank, share in (("bonds", "junior", 0.5), ("banks", "senior", 0.5))
     ) + "[vehicle.equity_funds.first_loss]"),
    ("[obligation.city_money]", "[obligation.city_money]\n"
     'due_on = { value = 2030-12-31, basis = "stated", source = "S43" }'),
])  # fmt: skip
"""The proposal with bonds that are called, a tranche by share and a due date."""
OF_KOGA = {"capital.*.bond.call_after_years", "capital.*.bond.call_rule",
           "vehicle.*.tranche.*.share", "obligation.*.due_on"}  # fmt: skip


def test_given_every_key_when_looked_up_then_descriptions_are_of_keys_there_are() -> None:
    assert set(DESCRIBES) <= set(every_key.keys())


@pytest.mark.parametrize("code", ["small", "koga-500", "national-growth-150"])
def test_given_a_figure_that_describes_when_moved_then_nothing_changes(
    root: Path, code: str
) -> None:
    told = scheme.load(root / "schemes" / f"{code}.toml")

    assert every_key.acting(told, set(DESCRIBES), leaves=1) == set()


def test_given_a_figure_that_does_not_describe_when_moved_then_some_answer_changes(
    root: Path, tmp_path: Path
) -> None:
    left = set(every_key.keys()) - DESCRIBES.keys()
    folder = root / "schemes"
    left -= every_key.acting(scheme.load(folder / "small.toml"), left)
    for changes in (MORE_TERMS, guarantees_and_commitments(root)):
        further = every_key.rewritten(folder / "small.toml", changes, tmp_path)
        left -= every_key.acting(further, left)
    left -= every_key.acting(scheme.load(folder / "national-growth-150.toml"), left)
    left -= every_key.acting(scheme.load(folder / "koga-500.toml"), left - OF_KOGA)
    further = every_key.rewritten(folder / "koga-500.toml", MORE_OF_KOGA, tmp_path)
    left -= every_key.acting(further, left)

    assert sorted(left) == []
