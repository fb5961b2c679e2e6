"""Fields of the desk's forms: label above, help below, the problem beside the field.

Values are text as typed and go through the same reading as a TOML file (`typed`), so nothing a
person typed is lost on a mistake and no figure passes through a float.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from koga.core import units
from koga.core.problems import Problem
from koga.publish import typed
from koga.publish.checks import METRIC_SECTIONS
from koga.publish.content import Line, Promise, cell
from koga.release import tables
from koga.release.tables import Word


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    name: as posted. kind: text, area, date, select or password. ko, en: label.
    help_ko, help_en: what to write. options: of a select. value: as typed.
    problems: what is wrong with it.
    """

    name: str
    ko: str
    en: str
    kind: str = "text"
    help_ko: str = ""
    help_en: str = ""
    options: tuple[Word, ...] = ()
    value: str = ""
    problems: tuple[Problem, ...] = ()
    required: bool = False

    @property
    def shown_problems(self) -> list[dict[str, Any]]:
        """Its problems in both languages."""
        return shown(self.problems)


FIELD_OF = {
    "publish.unknown_code": "code",
    "publish.unknown_unit": "unit",
    "publish.unknown_programme": "programme",
    "publish.both_languages": "text_en",
    "publish.value_missing": "value",
    "publish.bare_percentage": "denominator",
    "publish.metric_incomplete": "denominator",
    "publish.window_order": "window_start",
    "publish.answer_missing": "answer_ko",
    "publish.evidence_missing": "evidence",
    "publish.promise_unanswered": "state",
    "publish.promise_reason": "reason",
    "publish.promise_contradicted": "state",
    "publish.promise_past": "due_on",
}
"""Which field a problem found after reading stands beside."""


def field_of(problem: Problem) -> str:
    """The name of the field a problem belongs to, or ""."""
    return str(problem.details.get("field", FIELD_OF.get(problem.code, "")))


def shown(problems: Iterable[Problem], fields: Iterable[Field] = ()) -> list[dict[str, Any]]:
    """Problems in both languages, each with the field of the form it belongs to."""
    known = {field.name: field for field in fields}
    return [
        {
            "code": one.code,
            "ko": one.message("ko"),
            "en": one.message("en"),
            "field": known.get(field_of(one)),
        }
        for one in problems
    ]


def complaints(reader: typed.Reader, found: Iterable[Problem]) -> list[Problem]:
    """What reading found, then what checking found in the fields that could be read."""
    unread = {field_of(problem) for problem in reader.problems}
    return [*reader.problems, *(one for one in found if field_of(one) not in unread)]


def filled(
    fields: Iterable[Field], values: Mapping[str, Any], problems: Iterable[Problem] = ()
) -> list[Field]:
    """Fields with what was typed and the problems that belong to each."""
    beside: dict[str, list[Problem]] = {}
    for problem in problems:
        beside.setdefault(field_of(problem), []).append(problem)
    return [
        replace(
            field,
            value=str(values.get(field.name) or ""),
            problems=tuple(beside.get(field.name, ())),
        )
        for field in fields
    ]


def _units() -> tuple[Word, ...]:
    commodities = (Word(one.code, one.ko, one.en) for one in units.COMMODITIES.values())
    return (*tables.MEASURES.values(), *commodities)


UNIT = Field("unit", "단위", "Unit", "select", options=_units())
EVIDENCE = Field(
    "evidence",
    "증빙",
    "Evidence",
    help_ko="누구나 찾아볼 수 있는 주소나 문서 번호",
    help_en="An address or document number anyone can look up",
)
_MEASURE = (
    Field("value", "값", "Figure", help_ko="숫자만 적습니다. 예: 87", help_en="Digits, such as 87"),
    UNIT,
    Field(
        "denominator",
        "분모",
        "Out of",
        help_ko="비율과 결과에는 꼭 있어야 합니다. 예: 104",
        help_en="Required for ratios and results, such as 104",
    ),
    Field("denominator_ko", "분모의 뜻", "What the denominator is (Korean)"),
    Field("denominator_en", "분모의 뜻(영어)", "What the denominator is (English)"),
    Field("window_start", "측정 시작", "Measured from", "date"),
    Field("window_end", "측정 끝", "Measured to", "date"),
    Field("method", "방법", "Method", help_ko="어떻게 쟀는지", help_en="How it was measured"),
)
_TEXTS = (
    Field("text_ko", "내용", "Text (Korean)", "area", required=True),
    Field("text_en", "내용(영어)", "Text (English)", "area", required=True),
)


def line_fields(section: str) -> list[Field]:
    """The fields of a typed line of a section."""
    closed = {"actions": tables.ACTIONS, "advice": tables.ADVICE_ANSWERS}.get(section)
    code = Field(
        "code",
        "항목 코드",
        "Item",
        help_ko="같은 항목은 해마다 같은 코드로. 영문 소문자와 밑줄, 예: alive_24_months",
        help_en="The same item keeps its code every year: a-z and _, such as alive_24_months",
        required=True,
    )
    if closed is not None:
        code = replace(code, kind="select", options=tuple(closed.values()), help_ko="", help_en="")
    fields = [code, *_TEXTS]
    if section == "advice":
        fields += [
            Field("answer_ko", "우리의 답", "Our answer (Korean)", "area", required=True),
            Field("answer_en", "우리의 답(영어)", "Our answer (English)", "area", required=True),
        ]
    elif section != "limits":
        needed = {"value", "unit"} if section == "actions" else set[str]()
        if section in METRIC_SECTIONS:
            needed = {field.name for field in _MEASURE}
        fields += [replace(field, required=field.name in needed) for field in _MEASURE]
        fields.append(Field("programme", "사업 코드", "Programme", help_ko="없으면 비워 둡니다",
                            help_en="Leave blank if none"))  # fmt: skip
    return [*fields, replace(EVIDENCE, required=section != "limits")]


def promise_fields() -> list[Field]:
    """The fields of a next promise: all of them make it measurable."""
    return [
        *_TEXTS,
        Field("target", "목표값", "Target", required=True),
        Field("target_rule", "목표 방향", "Rule", "select", required=True,
              options=tuple(tables.TARGET_RULES.values())),
        replace(UNIT, required=True),
        Field("due_on", "기한", "Due on", "date", required=True,
              help_ko="이 기간이 끝난 뒤의 날", help_en="A day after this period ends"),
    ]  # fmt: skip


def answer_fields() -> list[Field]:
    """The fields of the answer to an earlier promise."""
    states = tuple(word for word in tables.PROMISE_STATES.values() if word.code != "promised")
    return [
        Field("state", "상태", "State", "select", options=states, required=True),
        Field("now", "지금 값", "Figure now", help_ko="접은 약속이 아니면 적습니다",
              help_en="Unless the promise is dropped"),
        EVIDENCE,
        Field("reason", "까닭", "Reason", "area", help_ko="접은 약속에는 꼭 적습니다",
              help_en="Required for a dropped promise"),
    ]  # fmt: skip


def reason_field(name: str, ko: str, en: str) -> Field:
    """One text to give a reason in."""
    return Field(name, ko, en, "area", required=True)


def sign_in_fields() -> list[Field]:
    """The fields of the sign-in page."""
    return [
        Field("login", "로그인 이름", "Login", required=True),
        Field("password", "비밀번호", "Password", "password", required=True),
    ]


def values_of(row: Line | Promise) -> dict[str, str]:
    """A stored row as the text its form shows."""
    return {name: cell(getattr(row, name)) or "" for name in type(row).__slots__}
