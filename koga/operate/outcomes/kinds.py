"""What may be observed, and what came of an application: closed lists with their words."""

from collections.abc import Mapping
from dataclasses import dataclass

from koga.release.tables import Word


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that can be observed of a unit in a month.

    ko, en: its words. unit: of its value, as `release.tables.MEASURES` or a commodity.
    whole: only whole numbers. least, most: the ends of its range, None where there is none.
    """

    code: str
    ko: str
    en: str
    unit: str
    whole: bool = True
    least: int | None = 0
    most: int | None = None


METRICS: Mapping[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric("employment", "고용 인원", "people employed", "people"),
        Metric("jobs", "새 일자리", "new jobs", "jobs"),
        Metric("sales", "매출", "sales", "KRW", least=None),
        Metric("exports", "수출액", "exports", "KRW"),
        Metric("follow_on", "후속 투자", "follow-on money", "KRW"),
        Metric("survival", "생존 여부", "survival", "ratio", most=1),
        Metric("insured", "취업 여부", "in insured work", "ratio", most=1),
        Metric("wage", "임금", "wage", "KRW"),
        Metric("patents", "특허", "patents", "count"),
    )
}
"""Every metric by its code. A rate is never among them: rates are computed from observations."""
COVERAGE: Mapping[str, Word] = {
    "full": Word("full", "전수", "everything of the unit"),
    "part": Word("part", "일부", "part of the unit"),
}
"""Whether the source counts all of a unit (every employee) or a part (the insured ones alone)."""
ANSWERS: Mapping[str, Word] = {
    "accepted": Word("accepted", "선정", "accepted"),
    "refused": Word("refused", "탈락", "refused"),
    "reserve": Word("reserve", "예비", "reserve"),
    "ineligible": Word("ineligible", "부적격", "ineligible"),
    "withdrawn": Word("withdrawn", "신청 취소", "withdrawn"),
}
"""What came of an application."""
