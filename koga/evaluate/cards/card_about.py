"""What a card says of a finding beside its estimates and checks."""

from dataclasses import dataclass
from datetime import date

from koga.evaluate.finding import Words

NOBODY = Words("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a finding beside its estimates and checks.

    code: its name. programme: the programme's name. state: ok, warn, fail or registered.
    headline: estimator and name of the estimate to print first.
    span: word of a period; window: first and last. supported, covered: units with a record, and
    those of them observed. compared: units compared with; also_supported: those of them with
    other support. unit, spent: what the covered were given. registration: before, amended, after,
    or blank where no plan was registered. event, month: what is waited for and by which month the
    share is told first (survival). The rest as in the open table of findings.
    """

    code: str
    programme: Words
    design: str
    state: str
    headline: tuple[str, str]
    question: Words
    estimand: Words
    comparison: Words
    dating: Words
    outcome: Words
    outcome_unit: Words
    units: Words
    span: Words
    window: tuple[str, str]
    supported: int | None = None
    covered: int | None = None
    compared: int | None = None
    also_supported: int | None = None
    unit: str | None = None
    spent: int | None = None
    registration: str = ""
    registered_on: date | None = None
    amended_on: date | None = None
    amended_because: str = ""
    opened_on: date | None = None
    plan_sha256: str = ""
    panel_rows: int | None = None
    panel_sha256: str = ""
    code_sha256: str = ""
    rerun: Words = NOBODY
    event: str = ""
    month: float | None = None
