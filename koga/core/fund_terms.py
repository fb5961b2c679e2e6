"""A fund's rules (규약) as data: who has committed, in which order money is paid out, who covers
losses, what the manager earns, what comes back.

Rules are written in TOML (docs/reference/fund-rules.md). Rates and shares become exact fractions,
addresses (rank, role or identifier) become members, so that the waterfall only computes. Terms are
dated: an amendment replaces lists from its day on and the old terms stay for the days before.

The Korean default is principal, hurdle, split: carry on what exceeds the hurdle, without catch-up.
The Anglo pattern adds a `catch_up` tier before the split.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

TIER_KINDS = ("return_of_capital", "hurdle", "catch_up", "split")
COMPOUNDINGS = ("simple", "annual")
HURDLE_BASES = ("paid_in", "commitment")
COVER_BASES = (
    "commitment",
    "paid_in",
    "beneficiary_commitment",
    "beneficiary_paid_in",
    "provider_commitment",
    "provider_paid_in",
)
MANAGER_ROLES = ("gp", "manager")


@dataclass(frozen=True, slots=True)
class LegalForm:
    """A form of fund and the words its documents use.

    code: name in rules.
    ko, en: the form itself.
    manager_ko, manager_en, investor_ko, investor_en: its members' titles.
    """

    code: str
    ko: str
    en: str
    manager_ko: str
    manager_en: str
    investor_ko: str
    investor_en: str


LEGAL_FORMS: Mapping[str, LegalForm] = {
    form.code: form
    for form in (
        LegalForm(
            "venture_association",
            "벤처투자조합",
            "venture investment association",
            "업무집행조합원",
            "managing partner",
            "유한책임조합원",
            "limited partner",
        ),
        LegalForm(
            "new_technology_association",
            "신기술사업투자조합",
            "new technology investment association",
            "업무집행조합원",
            "managing partner",
            "조합원",
            "partner",
        ),
        LegalForm(
            "private_equity_fund",
            "기관전용 사모집합투자기구(PEF)",
            "private equity fund",
            "업무집행사원",
            "general partner",
            "유한책임사원",
            "limited partner",
        ),
        LegalForm(
            "public_offering_fund",
            "공모집합투자기구",
            "publicly offered fund",
            "집합투자업자",
            "asset manager",
            "수익자",
            "unit holder",
        ),
        LegalForm(
            "statutory_fund",
            "기금",
            "statutory fund",
            "기금운용기관",
            "managing body",
            "출연기관",
            "contributing body",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Member:
    """One who takes part in the fund.

    code: identifier in rules and flows.
    role: gp, lp, sponsor …; `gp` and `manager` are the manager, who earns fee and carry.
    rank: 1 is senior, the highest number bears loss first.
    commitment: won promised.
    closing: the day of a later close on which this member joined, for equalisation.
    """

    code: str
    role: str
    rank: int
    commitment: int
    closing: date | None = None

    @property
    def manages(self) -> bool:
        """Whether this member is the manager."""
        return self.role in MANAGER_ROLES


@dataclass(frozen=True, slots=True)
class Accrual:
    """How a return owed grows.

    rate: per year.
    compounding: simple, or annual (what is unpaid joins the base on each anniversary).
    day_count: convention of `day_counts`.
    base: paid_in (and not yet returned) or commitment (less what was returned).
    """

    rate: Fraction
    compounding: str
    day_count: str
    base: str = "paid_in"


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the order of payment.

    kind: return_of_capital, hurdle, catch_up or split.
    to: members paid; for catch_up the manager.
    accrual: the return owed (hurdle), or the return at which a bounded split ends.
    share: the manager's part of a catch_up tier.
    cap: the manager's part of all profit at which a catch_up ends.
    shares: for split, groups of members and the part of each; parts sum to one. A group of
        managers alone is paid carry; a manager within a wider group (its rank) is an investor.
    counts: for a bounded split, whether `received` money or all `distributed` money of the tier
        counts towards its end.
    """

    kind: str
    to: tuple[str, ...]
    accrual: Accrual | None = None
    share: Fraction = Fraction(0)
    cap: Fraction = Fraction(0)
    shares: tuple[tuple[str, tuple[str, ...], Fraction], ...] = ()
    counts: str = "received"

    @property
    def endless(self) -> bool:
        """Whether the tier takes all that is left."""
        return self.kind == "split" and self.accrual is None


@dataclass(frozen=True, slots=True)
class Cover:
    """First loss borne by a named provider (우선손실충당).

    base, cap: the provider pays at most cap × base, the denominator being named.
    cap_won: an amount of won in place of cap × base.
    level: `vehicle` measures each deal (or vehicle of a feeder) alone, `feeder` all together.
    settles: at each realised loss, or once at liquidation on the whole result.
    """

    provider: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    base: str
    cap: Fraction
    level: str
    settles: str
    cap_won: int | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money or a stake passed from one member to another.

    kind: `excess` passes a share of the givers' profit on (초과수익 이전), `call_option` lets the
        takers buy up to `share` of the givers' stake at cost plus `accrual`.
    over: what counts as excess: profit above `capital` or above `hurdle`.
    """

    kind: str
    givers: tuple[str, ...]
    takers: tuple[str, ...]
    share: Fraction
    over: str = "hurdle"
    accrual: Accrual | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A management fee, charged at the end of each year counted from the first flow.

    brackets: (lower bound of the base in won, rate) in rising order; one bracket is a flat rate.
    base: commitment, or paid_in and not yet returned less what stands impaired.
    first, last: years of the fund, from 1; last None: to the end.
    restoration: whether a reversed impairment restores the fee `forward` or also the fee withheld
        before (`retroactive`, the January 2025 guideline).
    """

    brackets: tuple[tuple[int, Fraction], ...]
    base: str
    first: int
    last: int | None
    restoration: str = "forward"


@dataclass(frozen=True, slots=True)
class Waiver:
    """A share of the fee the manager waives in years first to last."""

    share: Fraction
    first: int
    last: int | None


@dataclass(frozen=True, slots=True)
class Offset:
    """A fee the manager received from a portfolio company, part of which reduces its own.

    day: when it was recognised.
    amount: won received.
    share: the fund's part of it.
    source: the category as ILPA lists it (advisory, monitoring, directors …).
    """

    day: date
    amount: int
    share: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Recycling:
    """What stays in the fund: `share` of each receipt up to `limit` of all commitments."""

    share: Fraction
    limit: Fraction


@dataclass(frozen=True, slots=True)
class Clawback:
    """Carry returned at liquidation.

    test: `fund`, what is due on the whole fund.
    also: further tests: `capital` (investors have their capital back), `hurdle` (and the hurdle).
    tax: the part of carry paid that is never returned.
    """

    test: str
    also: str = ""
    tax: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Equalisation:
    """Members of a later close pay their share of earlier calls, and interest apart from it."""

    rate: Fraction
    day_count: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms in force from a day on (`since` None: from the start)."""

    since: date | None
    tiers: tuple[Tier, ...]
    covers: tuple[Cover, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    fees: tuple[Fee, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    recycling: Recycling | None = None
    clawback: Clawback | None = None
    escrow: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class FundRules:
    """A fund's rules, read and checked.

    scope: `fund` pays on the fund as a whole, `deal` on each deal by itself.
    losses_carried_forward: with scope deal, whether a realised loss is made good from later deals.
    """

    scope: str
    members: Mapping[str, Member]
    terms: tuple[Terms, ...]
    legal_form: LegalForm | None = None
    losses_carried_forward: bool = True
    offsets: tuple[Offset, ...] = ()
    equalisation: Equalisation | None = None

    def terms_on(self, day: date) -> Terms:
        """The terms in force on a day."""
        found = self.terms[0]
        for terms in self.terms[1:]:
            if terms.since is not None and terms.since <= day:
                found = terms
        return found

    @property
    def managers(self) -> tuple[str, ...]:
        """Codes of the members who manage."""
        return tuple(code for code, member in self.members.items() if member.manages)

    def title(self, code: str, language: str) -> str:
        """A member's title as documents of this legal form print it.

        Without a legal form the roles print as 운용사(GP) and 출자자(LP).
        """
        manages = self.members[code].manages
        if self.legal_form is None:
            words = ("운용사(GP)", "manager (GP)", "출자자(LP)", "investor (LP)")
        else:
            form = self.legal_form
            words = (form.manager_ko, form.manager_en, form.investor_ko, form.investor_en)
        return words[(0 if manages else 2) + (language == "en")]
