"""What a card says against itself: what it does not say, when it was registered, what is withheld.

Every line stands on the card whatever was found; which ones depends on its design and counts.
"""

from collections.abc import Iterator, Mapping, Sequence

from koga.core.korean import with_particle
from koga.evaluate.cards import card_words
from koga.evaluate.cards.card_about import About
from koga.evaluate.finding import Estimate, Words

PLANNED = ("before", "amended", "after")
_ALWAYS = (
    Words(
        "다른 곳에서 옮겨 온 몫(대체 효과)은 빼지 않았습니다. 도시 전체로 그만큼 늘었다는 뜻이 "
        "아닙니다.",
        "What was drawn from elsewhere (displacement) is not taken off: it does not say that the "
        "city as a whole gained.",
    ),
    Words(
        "평균입니다. 하나하나가 얼마나 달라졌는지는 말하지 않습니다.",
        "It is a mean; it does not say by how much any single one changed.",
    ),
    Words(
        "적은 기간이 지난 뒤에도 이어지는지는 말하지 않습니다.",
        "It does not say whether anything lasts beyond the window.",
    ),
)
_BY_DESIGN: Mapping[str, Words] = {
    "did": Words(
        "지원이 없었다면 두 집단이 나란히 움직였고, 지원을 앞두고 미리 달라지지 않았으리라는 가정 "
        "위에 서 있습니다. 위의 검증은 그 가정을 증명하지 않고, 어긋남을 찾아볼 뿐입니다.",
        "It rests on the two groups moving alike had there been no support, and on none changing "
        "in anticipation of it. The checks look for a breach; they do not prove it.",
    ),
    "sdid": Words(
        "견준 대상의 가중 평균이 지원받은 대상과 나란히 움직였으리라는 가정 위에 서 있습니다.",
        "It rests on a weighted mean of those compared with moving like those supported.",
    ),
    "rd": Words(
        "기준점 가까이에서 뽑힌 신청자의 효과입니다. 높은 점수로 뽑힌 곳의 효과는 말하지 않습니다.",
        "It speaks of applicants near the cutoff alone, not of those far above it.",
    ),
    "experiment": Words(
        "그 회차에 신청한 이들의 효과입니다. 다른 회차에서도 같으리라는 뜻이 아닙니다.",
        "It speaks of those who applied to that round, not of another.",
    ),
    "survival": Words(
        "지켜보지 못하게 된 이들이 남은 이들과 같다고 보았습니다.",
        "It takes those lost from sight to be like those still followed.",
    ),
}
_SHARES = (
    Words(
        "비율이지 효과가 아닙니다. 지원이 없었어도 이르렀을 몫을 빼지 않았습니다.",
        "A share, not an effect: those who would have got there without support are not taken off.",
    ),
    Words(
        "집단이 추첨으로 나뉘지 않았다면 집단 사이의 차이도 효과가 아닙니다.",
        "Unless groups were drawn by lot, a difference between them is no effect either.",
    ),
)
_ERRORS = Words(
    "오차는 영향함수를 대상마다 묶어 세고 구간은 정규분포로 셉니다. 작은 표본 보정은 없습니다. "
    "집락을 정했으면 집락마다 묶어 G/(G−1)로 늘리고 자유도 G−1의 t분포로 셉니다. 구간은 하나씩 "
    "본 것이며, 여러 기간과 집단을 함께 볼 때의 다중 검정은 보정하지 않았습니다.",
    "Influence functions gathered by unit, normal intervals, no small-sample correction; where "
    "clusters are declared, by cluster with G/(G−1) and Student's t of G−1. Each interval stands "
    "on its own: none is widened for looking at several periods and groups (multiple testing).",
)
_HIDDEN = Words(
    "대상이 다섯보다 적은 자리는 숨겼습니다.", "Places with fewer than five units are hidden."
)


def not_said(about: About, estimates: Sequence[Estimate], language: str) -> Iterator[str]:
    """What the card does not say."""
    if about.state == "registered":
        return
    for words in _ALWAYS if about.design != "survival" else _SHARES:
        yield words[language]
    yield _BY_DESIGN[about.design][language]
    if about.design == "did":
        yield _ERRORS[language]
    missing = (about.supported or 0) - (about.covered or 0)
    them = with_particle(about.units.ko, "이", "가")
    if about.covered and missing > 0:
        yield (
            f"지원받은 {about.units.ko} 가운데 관측되지 않은 {them} {missing:,}이고, 여기에 들어 "
            "있지 않습니다."
            if language == "ko"
            else f"{missing:,} supported {about.units.en} are not observed and not in it."
        )
    if about.also_supported:
        yield (
            f"견준 {about.units.ko} 가운데 다른 사업의 지원을 받은 {them} "
            f"{about.also_supported:,}입니다. 아무 지원도 없었을 때와 견준 것이 아닙니다."
            if language == "ko"
            else f"{about.also_supported:,} of those compared with had other support, so the "
            "comparison is not with no support at all."
        )
    if any(row.estimate is None and row.n == 0 for row in estimates):
        yield _HIDDEN[language]


def proof(about: About, language: str) -> Iterator[tuple[str, str]]:
    """Registration, hashes and who may compute it again, as label and value."""
    korean = language == "ko"
    if about.registration in PLANNED:
        yield "평가 계획" if korean else "Plan", registered(about, language)
        yield "계획 해시" if korean else "Hash of the plan", f"sha256 {about.plan_sha256}"
    if about.panel_sha256:
        rows = "" if about.panel_rows is None else f"{about.panel_rows:,}"
        if about.registration in PLANNED:
            label = "비공개 표" if korean else "Withheld table"
            kept = f"{rows}줄, 안에 둠" if korean else f"{rows} rows, kept inside"
        else:
            label = "표" if korean else "Table"
            kept = f"{rows}줄" if korean else f"{rows} rows"
        yield label, f"{kept} · sha256 {about.panel_sha256}"
    if about.rerun[language]:
        yield "다시 셈할 수 있는 이" if korean else "Who may rerun it", about.rerun[language]
    if about.code_sha256:
        yield "계산 코드" if korean else "Code", f"sha256 {about.code_sha256}"


def registered(about: About, language: str) -> str:
    """When the plan was registered, amended and outcomes opened."""
    korean = language == "ko"
    day = card_words.day(about.registered_on, language)
    text = f"{day} 등록" if korean else f"registered on {day}"
    if about.amended_on is not None:
        changed = card_words.day(about.amended_on, language)
        text += f", {changed} 고침" if korean else f", amended on {changed}"
        text += f"({about.amended_because})" if korean else f" ({about.amended_because})"
    if about.opened_on is None:
        return text + (", 결과는 아직 열지 않음" if korean else "; outcomes not opened yet")
    opened = card_words.day(about.opened_on, language)
    return text + (f", 결과는 {opened}에 처음 열림" if korean else f"; outcomes opened on {opened}")


_ALARMS: Mapping[str, Words] = {
    "": Words(
        "등록된 계획이 없는 평가입니다. 결과를 보고 방법을 골랐을 수 있습니다.",
        "No plan was registered: the method may have been chosen after seeing the outcomes.",
    ),
    "after": Words(
        "결과를 연 뒤에 등록한 평가입니다. 결과를 보고 방법을 골랐을 수 있습니다.",
        "Registered after outcomes were opened: the method may have been chosen after seeing them.",
    ),
    "amended": Words(
        "결과를 연 뒤에 계획을 고쳤습니다. 언제 왜 고쳤는지는 아래에 있습니다.",
        "The plan was amended after outcomes were opened; when and why stands below.",
    ),
}


def alarm(about: About, language: str) -> str:
    """What a reader must know of the registration; blank where the plan came first."""
    return _ALARMS[about.registration][language] if about.registration in _ALARMS else ""
