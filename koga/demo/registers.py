"""The registers the fictional city's agencies export: drawn with a seed, the same every time.

Company names are made of syllables that mean nothing, so that no real body is named.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, timedelta
from random import Random
from typing import Any

from koga.core.dates import Period

_HEADS = (
    "쿠나래 뵤리온 헤듀솜 느와린 퍼로민 됴아름 켈누비 촌다미 뮤하담 욥새나 갸온누 트레솜 "
    "휴담결 솔뉴바 옴비라 닐다뫼 푸르뇌 재퓨라 깊솔렘 루먀온 왐다리 표다솔 즈믄뵈 온쥬라"
).split()
_TAILS = "로보틱스 바이오 반도체 데이터 테크 랩스 비전 모빌리티 퀀텀 헬스 시스템 인공지능".split()
_DISTRICTS = "온새구 마루구 해들구 너울구 달무리구".split()
_SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "ai": ("언어모형 경량화", "영상 판독", "수요 예측", "AI 상담", "합성데이터 생성", "추론 가속"),
    "chips": (
        "전력반도체 시제품",
        "AI 가속칩 설계",
        "검사장비 개발",
        "패키징 공정",
        "센서 칩 제작",
    ),
    "quantum": ("양자센서 시험", "양자암호 통신", "초전도 소자", "오류정정 연구"),
    "bio": ("항체 후보 평가", "진단키트 임상", "세포치료 공정", "의료영상 AI"),
    "space": ("위성부품 진동시험", "소형 추진기", "지상국 수신", "열진공 시험"),
    "robotics": ("배송로봇 보도 실증", "물류센터 자동화", "돌봄로봇 현장시험", "자율주행 셔틀"),
    "other": ("해외 인증", "수출 상담", "시제품 디자인", "브랜드 개발"),
    "": ("설비 확충", "운전자금", "연구소 이전", "양산 준비", "AI 설비 도입"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a register as the agency's system exports it; every value is text."""

    지원번호: str
    사업코드: str
    과제명: str
    받은곳: str
    사업자등록번호: str
    공개구분: str
    소재지: str
    결정일: str
    금액: str
    국비: str = ""
    시비: str = ""
    구비: str = ""
    상위번호: str = ""


def rows(
    programme: Mapping[str, Any], period: Period, *, half: int, scale: int, seed: int
) -> Iterator[Row]:
    """The rows of one programme in one half-year.

    half counts half-years from the first; scale multiplies the number of rows of the small city.
    """
    draw = Random(f"{seed} {programme['code']} {period.name}")
    count = programme["records"] * scale * (100 + programme["growth"] * half) // 100
    days = (period.end - period.start).days
    for place in range(1, count + 1):
        yield _row(programme, period, draw, place, period.start + timedelta(draw.randint(0, days)))


def _row(programme: Mapping[str, Any], period: Period, draw: Random, place: int, day: date) -> Row:
    kind = programme.get("recipients", "named")
    amount = _amount(programme, draw)
    number = f"{programme['code'].upper()}-{period.name}-{place:04d}"
    subject = draw.choice(_SUBJECTS[programme["sector"]])
    company = f"{draw.choice(_HEADS)}{draw.choice(_TAILS)}"
    names = {"named": company, "person": "", "aggregate": "교육생 여럿"}
    shares = _shares(programme, amount) if programme["instrument"] == "grant" else {}
    return Row(
        지원번호=number,
        사업코드=programme["code"],
        과제명=f"{programme['ko']}: {subject}",
        받은곳=names[kind],
        사업자등록번호=business_number(draw) if kind == "named" else "",
        공개구분=kind,
        소재지=draw.choice(_DISTRICTS) if kind == "named" else "",
        결정일=day.isoformat(),
        금액=f"{amount:,}",
        **shares,
    )


def _amount(programme: Mapping[str, Any], draw: Random) -> int:
    """Spread around the typical amount, rounded as such registers are."""
    hundredths = draw.choice((35, 50, 60, 75, 85, 100, 100, 115, 130, 160, 210, 320))
    amount = programme["typical"] * hundredths // 100
    step = 100_000 if programme["unit"] == "KRW" else 1
    return max(step, amount // step * step)


def _shares(programme: Mapping[str, Any], amount: int) -> dict[str, str]:
    """국비·시비·구비 of a grant; they sum to its amount."""
    national = amount * 3 // 10 if programme["sector"] != "other" else 0
    district = amount // 20
    city = amount - national - district
    return {"국비": f"{national:,}", "시비": f"{city:,}", "구비": f"{district:,}"}


def business_number(draw: Random) -> str:
    """Ten digits that check, under the tax office 000, which does not exist: nobody's number."""
    digits = [0, 0, 0, *(draw.randint(0, 9) for _ in range(6))]
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
    total = sum(d * w for d, w in zip(digits, weights, strict=True)) + digits[8] * 5 // 10
    text = "".join(map(str, digits))
    return f"{text[:3]}-{text[3:5]}-{text[5:]}{(10 - total % 10) % 10}"


def as_csv(register: list[Row]) -> bytes:
    """A register as the CSV that Korean Excel writes: CP949 would lose syllables, so UTF-8 BOM."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(astuple(row) for row in register)
    return b"\xef\xbb\xbf" + out.getvalue().encode()
