"""A first loss in numbers: how much of it is money already in the vehicle, how much must be paid.

The cap is `share` of a named denominator of what is paid in: the whole vehicle, the money
protected (all but the provider's) or the provider's own. As far as the provider has money in the
vehicle, that money stands behind all other (funded); what the cap exceeds it by is paid when the
loss settles (unfunded). What the provider has beyond the cap ranks as it is declared to.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from koga.plan.model import Source, Vehicle

MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class FirstLoss:
    """Shares of everything paid into the vehicle. providers: sources by name."""

    providers: tuple[str, ...]
    cap: float
    funded: float
    unfunded: float


def providers(sources: Iterable[Source], provider: str) -> tuple[str, ...]:
    """Names of the sources that a first loss's provider stands for.

    fiscal: budget money on top, else budget money within the fund. sponsor: policy banks and
    sovereign assets, else all fund money.

    >>> providers([Source("city", "fund", "budget", "junior")], "fiscal")
    ('city',)
    """
    listed = list(sources)
    tests = {
        "fiscal": (lambda one: one.side == "fiscal", lambda one: one.kind == "budget"),
        "fund": (lambda one: one.side == "fund",),
        "sponsor": (
            lambda one: one.kind in ("policy_bank", "sovereign_assets"),
            lambda one: one.side == "fund",
        ),
        MANAGER: (lambda one: one.kind == MANAGER,),
    }
    for test in tests.get(provider, ()):
        names = tuple(one.name for one in listed if test(one))
        if names:
            return names
    return ()


def of(vehicle: Vehicle, sources: Iterable[Source]) -> FirstLoss:
    """The first loss of a vehicle; zeros where it has none."""
    if not vehicle.first_loss_provider:
        return FirstLoss((), 0.0, 0.0, 0.0)
    names = providers(sources, vehicle.first_loss_provider)
    own = sum(part for name, part in vehicle.parts if name in names)
    bases = {"vehicle_total": 1.0, "protected_money": 1.0 - own, "provider_commitment": own}
    cap = vehicle.first_loss_share * bases[vehicle.first_loss_denominator]
    # Amounts published to the won give shares a rounding apart: that is no claim on anybody.
    funded = cap if cap <= own + 1e-12 else own
    return FirstLoss(names, cap, funded, cap - funded)
