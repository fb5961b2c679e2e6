"""Why each line of a waterfall is what it is, in Korean and English."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor
from typing import Any

TIERS: Mapping[str, tuple[str, str]] = {
    "return_of_capital": ("출자원금 배분", "return of capital"),
    "hurdle": ("기준수익", "hurdle"),
    "catch_up": ("캐치업", "catch-up"),
    "split": ("초과수익 배분", "split"),
    "cover": ("우선손실충당", "first-loss cover"),
    "transfer": ("이전", "transfer"),
    "fee": ("관리보수·경비", "fee"),
    "recycling": ("재투자", "recycling"),
    "recallable": ("재출자 조건부 배분", "recallable distribution"),
    "clawback": ("성과보수 환급", "carry clawback"),
    "escrow": ("성과보수 예치", "carry escrow"),
    "equalisation": ("후속 결성 정산", "equalisation"),
    "equalisation_interest": ("후속 결성 이자", "equalisation interest"),
}
"""Tiers of lines with their printed names."""

_TEXTS: Mapping[str, tuple[str, str]] = {
    "return_of_capital": (
        "미반환 출자원금 {due}원의 반환",
        "repays capital of {due} won not yet returned",
    ),
    "hurdle": (
        "기준수익률 연 {rate}({compounding_ko}, {day_count})로 쌓인 미지급액 {due}원",
        "unpaid hurdle of {due} won at {rate} a year ({compounding_en}, {day_count})",
    ),
    "catch_up": (
        "운용사 몫이 전체 이익의 {cap}가 될 때까지 이 단계의 {share}",
        "{share} of the tier to the manager until it has {cap} of all profit",
    ),
    "catch_up_beside": (
        "캐치업 단계에서 운용사 몫 {share}를 뺀 나머지",
        "the rest of the catch-up tier beside the manager's {share}",
    ),
    "split": ("초과수익의 {part} ({group})", "{part} of what is left ({group})"),
    "split_until": (
        "연 {rate}에 이를 때까지 초과수익의 {part} ({group})",
        "{part} of what is left until {rate} a year ({group})",
    ),
    "cover": (
        "손실 {loss}원에 대한 우선손실충당, 한도 {limit}원",
        "cover of a loss of {loss} won, limit {limit} won",
    ),
    "cover_paid": (
        "손실 {loss}원을 먼저 부담, 한도 {limit}원",
        "bears a loss of {loss} won first, limit {limit} won",
    ),
    "excess": (
        "초과수익 {profit}원의 {share} 이전",
        "passes on {share} of a profit of {profit} won",
    ),
    "excess_received": ("이전된 초과수익 수령", "receives profit passed on"),
    "call_option": (
        "콜옵션 행사: 원금 {capital}원과 연 {rate} 이자",
        "call option: capital of {capital} won with interest at {rate} a year",
    ),
    "fee": (
        "{year}차년도 관리보수: 기준액 {base}원, 총액 {gross}원{adjust_ko}",
        "management fee of year {year}: base {base} won, gross {gross} won{adjust_en}",
    ),
    "expense": ("그날 청구된 보수·경비", "fee or expense charged that day"),
    "recycling": (
        "수령액의 {share} 재투자, 한도는 약정총액의 {limit}",
        "{share} of the receipt stays, up to {limit} of all commitments",
    ),
    "recallable": (
        "다시 납입을 요청할 수 있는 원금 반환",
        "capital returned that may be called again",
    ),
    "clawback": (
        "지급된 성과보수 {paid}원이 전체 기준 {due}원을 넘어 환급",
        "carry paid of {paid} won exceeds the {due} won due on the whole fund",
    ),
    "clawback_received": (
        "운용사가 환급한 성과보수 수령 (지급 {paid}원, 전체 기준 {due}원)",
        "receives carry given back (paid {paid} won, due {due} won)",
    ),
    "escrow": ("성과보수의 {share} 예치", "{share} of carry kept in escrow"),
    "escrow_release": ("예치한 성과보수 정산", "carry in escrow settled"),
    "equalisation": (
        "{called} 납입분을 {newcomer} 가입에 맞춰 다시 나눔",
        "call of {called} shared anew on the joining of {newcomer}",
    ),
    "equalisation_interest": (
        "{called} 납입분에 대한 {newcomer}의 이자, 납입금이 아님",
        "interest of {newcomer} on the call of {called}; not a contribution",
    ),
}


def per_cent(share: Fraction) -> str:
    """A share as people write it.

    >>> per_cent(Fraction(1, 8)), per_cent(Fraction(1, 3))
    ('12.5 %', '1/3')
    """
    hundredths = share * 100
    if (hundredths * 10_000).denominator != 1:
        return str(share)
    text = f"{int(hundredths * 10_000):05d}"
    whole, part = text[:-4], text[-4:].rstrip("0")
    return f"{int(whole)}{'.' + part if part else ''} %"


def reason(code: str, details: Mapping[str, Any]) -> tuple[str, str]:
    """The reason of a line in Korean and English."""
    words = {name: _word(value) for name, value in details.items()}
    accrual = details.get("accrual")
    if accrual is not None:
        words |= {
            "rate": per_cent(accrual.rate),
            "day_count": accrual.day_count,
            "compounding_ko": "단리" if accrual.compounding == "simple" else "연복리",
            "compounding_en": accrual.compounding,
        }
        code = "split_until" if code == "split" else code
    if "fee" in details:
        words |= _fee_words(details["fee"])
    korean, english = _TEXTS[code]
    return korean.format(**words), english.format(**words)


def _word(value: Any) -> str:
    if isinstance(value, Fraction) and 0 <= value <= 1:
        return per_cent(value)
    if isinstance(value, int | Fraction):
        return f"{floor(value + Fraction(1, 2)):,}"
    return str(value)


def _fee_words(entry: Any) -> dict[str, str]:
    korean, english = [], []
    for amount, ko, en in (
        (entry.restored, "복원", "restored"),
        (-entry.waived, "면제", "waived"),
        (-entry.offset_applied, "상계", "offset"),
    ):
        if amount:
            korean.append(f"{ko} {int(amount):+,}원")
            english.append(f"{en} {int(amount):+,} won")
    return {
        "year": str(entry.year),
        "base": f"{int(entry.base):,}",
        "gross": f"{int(entry.gross):,}",
        "adjust_ko": "".join(f", {part}" for part in korean),
        "adjust_en": "".join(f", {part}" for part in english),
    }
