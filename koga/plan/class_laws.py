"""From a class of deals in a scheme to the law its deals follow.

A class is of one kind: it has a `multiple` (equity), a `loan`, a `project_finance` or a
`commitment` table. What a kind cannot do without is asked for (`plan.needs`); what may be absent
means none: no losses of all, no tail, no market sensitivity, no follow-on round.
"""

import math

from koga.plan.model import Commitment, Equity, Infrastructure, Law, Loan
from koga.plan.needs import Needs
from koga.plan.schemes.words import RATING_WORDS

GUARANTEE = "guarantee"
"""The instrument whose classes guarantee loans of others."""
_KINDS = ("multiple", "loan", "project_finance", "commitment")


def law_of(needs: Needs, name: str, instrument: str) -> Law | None:
    """The law of a class within an instrument; None, with a problem noted, where it has none."""
    path = f"class.{name}"
    kinds = [kind for kind in _KINDS if any(True for _ in needs.scheme.under(f"{path}.{kind}"))]
    if len(kinds) > 1:
        needs.say("plan.two_laws", path, ", ".join(kinds))
        return None
    if not kinds:
        needs.say("plan.no_law", path, name)
        return None
    if kinds[0] == "multiple":
        return _equity(needs, path)
    if kinds[0] == "loan":
        return _loan(needs, path, instrument)
    return _infrastructure(needs, path) if kinds[0] == "project_finance" else _fund(needs, path)


def _equity(needs: Needs, path: str) -> Equity:
    multiple = f"{path}.multiple"
    tail = needs.has(f"{multiple}.tail_alpha")
    if tail:
        needs.needed(f"{multiple}.tail_from")
        needs.needed(f"{multiple}.cap")
    return Equity(
        holding_years=needs.needed(f"{path}.holding_years"),
        holding_shape=needs.needed(f"{path}.holding_shape"),
        zero_share=needs.given(f"{multiple}.zero_share"),
        log_mean=needs.needed(f"{multiple}.log_mean"),
        log_deviation=needs.needed(f"{multiple}.log_deviation"),
        tail_alpha=needs.given(f"{multiple}.tail_alpha"),
        tail_from=needs.given(f"{multiple}.tail_from") if tail else 0.0,
        cap=needs.given(f"{multiple}.cap", math.inf),
        beta=needs.given(f"{path}.beta"),
        sector_volatility=needs.given(f"{path}.sector_volatility"),
        follow_on_share=needs.given(f"{path}.follow_on_share"),
    )


def _loan(needs: Needs, path: str, instrument: str) -> Loan:
    loan = f"{path}.loan"
    mix = [needs.given(f"{loan}.rating.{rating}") for rating in RATING_WORDS]
    if not any(mix):
        needs.lacks(f"{loan}.rating.A")
    guarantee = instrument == GUARANTEE
    return Loan(
        ratings=tuple(mix),
        rate=_rate(needs, loan, instrument),
        loss_given_default=needs.needed(f"{loan}.loss_given_default"),
        recovery_slope=needs.given(f"{loan}.recovery_slope"),
        asset_correlation=needs.needed(f"{loan}.asset_correlation"),
        tenor_years=needs.needed(f"{loan}.tenor_years"),
        grace_years=needs.given(f"{loan}.grace_years"),
        guarantee=guarantee,
    )


def _rate(needs: Needs, loan: str, instrument: str) -> float:
    """A guarantee's fee; a loan's own rate, or the treasury rate with the instrument's spread."""
    if instrument == GUARANTEE:
        return needs.needed(f"{loan}.guarantee_fee")
    if needs.has(f"{loan}.rate"):
        return needs.needed(f"{loan}.rate")
    spread = needs.exact(f"instrument.{instrument}.terms.loan_spread")
    return float(needs.exact("market.treasury_rate") + spread)


def _infrastructure(needs: Needs, path: str) -> Infrastructure:
    project = f"{path}.project_finance"
    return Infrastructure(
        equity_share=needs.needed(f"{project}.equity_share"),
        debt_rate=needs.needed(f"{project}.debt_rate"),
        equity_return=needs.needed(f"{project}.equity_return"),
        construction_years=needs.needed(f"{project}.construction_years"),
        tenor_years=needs.needed(f"{project}.tenor_years"),
        default_share=needs.needed(f"{project}.default_share"),
        recovery_share=needs.needed(f"{project}.recovery_share"),
        beta=needs.given(f"{path}.beta"),
    )


def _fund(needs: Needs, path: str) -> Commitment:
    fund = f"{path}.commitment"
    first = needs.needed(f"{fund}.called_first")
    second = needs.given(f"{fund}.called_second", first)
    return Commitment(
        contributions=(first, second, needs.given(f"{fund}.called_later", second)),
        life_years=int(needs.needed(f"{fund}.life_years")),
        bow=needs.needed(f"{fund}.bow"),
        growth=needs.needed(f"{fund}.growth"),
        dividend_yield=needs.given(f"{fund}.dividend_yield"),
        beta=needs.given(f"{path}.beta"),
        growth_volatility=needs.given(f"{fund}.growth_volatility"),
    )


def length_years(law: Law, holding_added: float) -> float:
    """How long deals of a law mostly last, to set a horizon where the scheme names none.

    Equity: twice the mean holding time (a gamma law of shape 4 leaves 4 % beyond it).
    """
    if isinstance(law, Equity):
        return 2 * (law.holding_years + holding_added)
    if isinstance(law, Commitment):
        return float(law.life_years)
    return law.tenor_years
