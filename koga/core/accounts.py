"""The chart of accounts and the kinds of entry, as tables.

An account code is `ROOT:NAME`, such as `delivered:hub-tenancy`. The root decides its side of the
books; a positive posting is a debit (차변), a negative one a credit (대변). Support in won,
GPU-hours, seats and floor space uses the same roots, each in its own commodity.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Root:
    """A family of accounts.

    code: first part of the account code.
    side: asset, liability, equity, income or expense.
    ko, en: heading in printed books.
    stage: the position it stands for in statements and in the release's flows, or "".
    """

    code: str
    side: str
    ko: str
    en: str
    stage: str = ""


ROOTS: Mapping[str, Root] = {
    root.code: root
    for root in (
        # support: source -> available -> reserved -> committed -> delivered, or lapsed
        Root("source", "income", "재원", "Source of support"),
        Root("available", "asset", "배정 가능액", "Available", "available"),
        Root("reserved", "asset", "예약", "Reserved", "reserved"),
        Root("committed", "asset", "협약(약정)", "Committed", "committed"),
        Root("delivered", "expense", "지급·제공", "Delivered", "delivered"),
        Root("returned", "asset", "반납", "Returned", "returned"),
        Root("lapsed", "equity", "불용", "Lapsed", "lapsed"),
        # fund: commitments and their use
        Root("commitment", "equity", "출자약정", "Commitment"),
        Root("undrawn", "asset", "미납입 약정액", "Undrawn commitment"),
        Root("paid-in", "equity", "납입출자금", "Paid-in capital"),
        Root("receivable", "asset", "출자 미수금", "Capital receivable"),
        Root("cash", "asset", "예치금(수탁)", "Cash at custodian"),
        Root("investment", "asset", "투자", "Investment at cost"),
        Root("trading", "equity", "자원 교환", "Trading between commodities"),
        Root("holding", "asset", "보유 주식", "Shares held"),
        Root("issuer", "equity", "발행인", "Issuer of shares"),
        Root("fee", "expense", "관리보수", "Management fee"),
        Root("expense", "expense", "조합운영경비", "Fund expenses"),
        Root("gain", "income", "투자손익(실현)", "Realised result of investments"),
        Root("mark", "asset", "가치평가 조정", "Fair-value adjustment"),
        Root("unrealised", "income", "투자손익(미실현)", "Unrealised result of investments"),
        Root("released", "income", "가치평가 조정 환입", "Fair-value adjustment released at exit"),
        Root("distributed", "equity", "배분 누계", "Distributed to investors"),
        Root("carry", "expense", "성과보수", "Carried interest paid"),
        Root("accrued", "liability", "미지급 성과보수", "Accrued carried interest"),
        Root("provision", "expense", "성과보수 충당", "Provision for carried interest"),
        Root("residue", "liability", "단수차이", "Rounding residue"),
    )
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry.

    code: stored with the entry.
    approval: whether a second person must approve the very content that is posted.
    ko, en: name in the journal.
    """

    code: str
    approval: bool
    ko: str
    en: str


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("import", False, "대장 반영", "Import of a register"),
        Kind("import_correction", False, "대장 정정", "Correction of an imported record"),
        Kind("budget", False, "예산 배정", "Budget"),
        Kind("commit", False, "협약", "Commitment of support"),
        Kind("deliver", False, "지급·제공", "Delivery of support"),
        Kind("lapse", False, "불용", "Lapse"),
        Kind("fund_commitment", True, "출자약정", "Commitment to a fund"),
        Kind("capital_call", True, "출자 납입 요청", "Capital call"),
        Kind("capital_received", False, "출자 납입", "Capital received"),
        Kind("investment", True, "투자", "Investment"),
        Kind("fund_book", False, "펀드 장부 반영", "Fund book taken in"),
        Kind("reversal", True, "취소분개", "Reversal"),
    )
}

_CODE = re.compile(r"[a-z][a-z-]*:[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]{0,99}")


def root_of(account: str) -> Root | None:
    """The family of an account code, or None where the code is not one.

    >>> root_of("delivered:hub-tenancy").side
    'expense'
    """
    return ROOTS.get(account.partition(":")[0]) if _CODE.fullmatch(account) else None
