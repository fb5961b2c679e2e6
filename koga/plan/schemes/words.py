"""The closed lists of words a scheme may choose from, with their Korean and English."""

from collections.abc import Mapping

from koga.release.tables import Word


def _words(*rows: tuple[str, str, str]) -> Mapping[str, Word]:
    return {row[0]: Word(*row) for row in rows}


LEGAL_FORM_WORDS = _words(
    ("fund", "펀드", "fund"),
    ("statutory_fund", "기금", "statutory fund"),
)
"""A 기금 exists only by statute, so a scheme must say which of the two it is."""
SIDE_WORDS = _words(
    ("fund", "펀드", "fund"),
    ("private", "민간", "private"),
    ("fiscal", "재정", "budget"),
)
CAPITAL_KIND_WORDS = _words(
    ("bond", "채권", "bonds"),
    ("sovereign_assets", "국부 자산", "sovereign assets"),
    ("budget", "예산", "budget"),
    ("policy_bank", "정책금융기관", "policy bank"),
    ("bank", "은행·금융그룹", "banks"),
    ("pension", "연기금·보험", "pensions and insurers"),
    ("corporate", "기업", "companies"),
    ("citizens", "국민", "citizens"),
    ("other", "기타", "other"),
)
RANK_WORDS = _words(
    ("senior", "선순위", "senior"),
    ("mezzanine", "중순위", "mezzanine"),
    ("junior", "후순위", "junior"),
    ("unranked", "무순위", "unranked"),
)
INSTRUMENT_WORDS = _words(
    ("direct_equity", "직접 지분투자", "direct equity"),
    ("indirect", "간접투자", "indirect (funds)"),
    ("infrastructure", "인프라 투융자", "infrastructure"),
    ("loan", "초저리 융자", "low-rate loans"),
    ("guarantee", "보증", "guarantees"),
)
RISK_SHARING_WORDS = _words(
    ("shared", "민간과 나눔", "shared with private money"),
    ("public_alone", "공공이 모두 짐", "borne by public money"),
    ("private_alone", "민간이 모두 짐", "borne by private money"),
)
RISK_FORM_WORDS = _words(
    ("public_junior", "공공 후순위", "public money junior"),
    ("pari_passu", "같은 순위", "equal rank"),
    ("private_junior", "민간 후순위", "private money junior"),
)
GAINS_WORDS = _words(
    ("reinvested", "다시 투자", "reinvested"),
    ("distributed", "나눔", "distributed"),
)
USE_WORDS = _words(
    ("scale_up", "중소·벤처 규모 확대", "scale-up of smaller firms and ventures"),
    ("mergers", "첨단기업 인수합병", "mergers and acquisitions"),
    ("facilities", "대형 연구·생산 시설", "large research and production facilities"),
    ("start_up", "창업", "start-ups"),
    ("loans", "융자", "loans"),
)
BEARER_WORDS = _words(
    ("fiscal", "재정", "the budget"),
    ("fund", "펀드", "the fund"),
    ("manager", "운용사", "the manager"),
    ("sponsor", "정책출자자", "a policy sponsor"),
)
DENOMINATOR_WORDS = _words(
    ("protected_money", "보호받는 돈", "the money protected"),
    ("vehicle_total", "그릇 전체", "the whole vehicle"),
    ("provider_commitment", "부담하는 쪽의 약정액", "the provider's commitment"),
)
LEVEL_WORDS = _words(
    ("sub_fund", "자펀드", "sub-fund"),
    ("feeder", "모펀드(재간접)", "feeder"),
)
SETTLES_WORDS = _words(
    ("realisation", "투자회수 때", "at realisation"),
    ("liquidation", "청산 때", "at liquidation"),
)
BASE_WORDS = _words(
    ("fund_commitment", "펀드 약정총액", "the fund's commitments"),
    ("investor_money", "그 출자자의 약정액", "the investor's own commitment"),
    ("manager_funds", "운용사 펀드의 합", "all funds of the manager"),
    ("committed_money", "그 기간에 승인한 돈", "money approved in the period"),
    ("none", "분모 없음(금액)", "no base: an amount"),
)
NUMERATOR_WORDS = _words(
    ("main_purpose", "주목적 투자", "investments in the main purpose"),
    ("resident_firms", "관내 기업 투자", "investments in firms of the city"),
    ("programme_graduates", "지원시설 입주·졸업 기업 투자", "investments in tenants and graduates"),
    ("ventures", "창업·벤처·혁신 중소기업 투자", "investments in start-ups and ventures"),
    ("regions", "지역 지원", "money to the regions"),
    ("sme_and_midcap", "중소·중견기업 지원", "money to SMEs and mid-caps"),
)
PER_WORDS = _words(
    ("year", "해마다", "each year"),
    ("investing_period", "투자기간", "investing period"),
    ("whole_term", "전체 기간", "the whole term"),
)
SOURCE_KIND_WORDS = _words(
    ("law", "법령", "law"),
    ("official", "공식 발표", "official release"),
    ("press", "언론 보도", "press"),
    ("statistics", "통계·공시", "statistics"),
    ("research", "연구", "research"),
    ("blog", "블로그", "blog"),
    ("own", "이 계획을 쓴 사람", "whoever wrote this scheme"),
)
RATING_WORDS = _words(
    ("AAA", "AAA", "AAA"),
    ("AA", "AA", "AA"),
    ("A", "A", "A"),
    ("BBB", "BBB", "BBB"),
    ("BB", "BB", "BB"),
    ("B", "B 이하", "B and below"),
)
