"""Every key a mapping may have, declared once: the reader, the checks and the reference use this.

A mapping is a TOML file that says, as data, how one register becomes records of support.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from koga.core.money import ROUNDINGS
from koga.operate.imports.reading_csv import DELIMITERS, ENCODINGS

HOLE = re.compile(r"\{([^{}]+)\}")
"""A column's place in a template."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    name: as written. kind: text, integer, boolean, date, texts, table, map (text to text, or the
    name of a table under [maps]) or patterns (regular expressions).
    ko, en: what it says. required: never left out. choices: the only values allowed.
    """

    name: str
    kind: str
    ko: str
    en: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One target field of a record that [fields.NAME] fills.

    ko, en: what it is. required: a row without it is refused. rule: extra keys it understands.
    """

    name: str
    ko: str
    en: str
    required: bool = False


def _keys(*rows: Key) -> Mapping[str, Key]:
    return {key.name: key for key in rows}


TOP = _keys(
    Key("register", "text", "대장의 코드; 행의 신원과 분개 열쇠에 들어가며 바꾸지 않음",
        "code of the register; part of every row's identity, never changed", True),
    Key("version", "integer", "이 매핑의 판", "version of this mapping", True),
    Key("prefix", "text", "지원번호의 앞머리(대문자·숫자·붙임표)",
        "start of the record numbers (capitals, digits, hyphens)", True),
    Key("source_system", "text", "원천 시스템 이름", "name of the source system", True),
    Key("identity", "texts", "행을 알아보는 열; 없으면 내용과 몇 번째인지로 알아봄",
        "columns that identify a row; without them content and occurrence do"),
    Key("content", "texts", "신원 열이 없을 때 내용으로 보는 열; 없으면 읽는 열 모두",
        "columns that make the content where there is no identity; all that are read by default"),
    Key("split_sums", "texts", "모두 적힌 줄에서 합이 금액과 같아야 하는 재원 칸",
        "shares that must sum to the amount where all of them are given"),
    Key("reason", "text", "정정의 까닭으로 적을 말", "reason written with corrections"),
)  # fmt: skip
TABLES = _keys(
    Key("file", "table", "파일을 읽는 법", "how the file is read"),
    Key("amounts", "table", "금액을 읽는 법", "how amounts are read"),
    Key("dates", "table", "날짜를 읽는 법", "how dates are read"),
    Key("recipient", "table", "받은 곳을 나누는 법", "how recipients are classed"),
    Key("programmes", "table", "지원사업을 찾거나 만드는 법", "how programmes are found or made"),
    Key("agencies", "table", "기관을 찾거나 만드는 법", "how agencies are found or made"),
    Key("fields", "table", "칸마다 무엇으로 채우는지", "what fills each field", True),
    Key("maps", "table", "값을 값으로 바꾸는 표", "tables from value to value"),
    Key("agency", "table", "기관과 그 이름들 (여러 개)", "agencies and their names (several)"),
    Key("succession", "table", "기관의 승계 (여러 개)", "succession of agencies (several)"),
)
FILE = _keys(
    Key("encoding", "text", "글자 부호화; 없으면 찾아냄", "text encoding; found out by default",
        choices=ENCODINGS),
    Key("delimiter", "text", "칸 나눔 글자; 없으면 찾아냄", "separator; found out by default",
        choices=DELIMITERS),
    Key("header_row", "integer", "열 이름이 있는 줄(1부터)", "line with the column names, from 1"),
    Key("sheet", "text", "Excel 시트 이름", "name of the Excel sheet"),
)  # fmt: skip
AMOUNTS = _keys(
    Key("decimal", "text", "소수점 글자", "decimal sign", choices=(".", ",")),
    Key("thousands", "text", "자릿점 글자", "thousands separator",
        choices=(",", ".", " ", "'", "")),
    Key("multiplier", "integer", "파일의 1이 뜻하는 크기(천원이면 1000)",
        "what 1 in the file stands for (1000 for thousands)"),
    Key("rounding", "text", "가장 작은 단위로 맞추는 법; 없으면 맞지 않는 줄은 거절",
        "how to fit the smallest unit; without it a row that does not fit is refused",
        choices=tuple(ROUNDINGS)),
    Key("symbols", "texts", "떼어 낼 글자(£, 원 등)", "signs to take off (£, 원, …)"),
    Key("korean_words", "boolean", "조·억·만으로 적은 원화도 읽음",
        "also reads won written with 조·억·만"),
)  # fmt: skip
DATES = _keys(
    Key("formats", "texts", "날짜 꼴(strptime); 2026-03-31은 언제나 읽음",
        "date formats (strptime); 2026-03-31 is always read"),
)  # fmt: skip
RECIPIENT = _keys(
    Key("person", "patterns", "개인을 알아보는 꼴: 이름을 두지 않고 불투명 번호만 둠",
        "patterns of a person: no name is kept, only an opaque number"),
    Key("aggregate", "patterns", "여럿을 묶은 줄을 알아보는 꼴", "patterns of several together"),
    Key("number", "text", "받은 곳 번호의 종류; 검증숫자가 틀리면 알림",
        "kind of the recipient's number; a wrong check digit is a warning",
        choices=("business", "corporate")),
    Key("keep_title", "boolean", "개인의 줄에도 과제명을 둠(이름이 들어 있지 않을 때만)",
        "keeps titles of persons' rows too (only where they name nobody)"),
)  # fmt: skip
PROGRAMMES = _keys(
    Key("existing", "boolean", "장부에 있는 지원사업만 씀; 기관·수단·단위도 거기서 옴",
        "only programmes of the books; agency, instrument and unit come from there"),
    Key("per_agency", "boolean", "기관마다 따로: 코드가 기관.사업",
        "separate for each agency: the code is agency.programme"),
)  # fmt: skip
AGENCIES = _keys(
    Key("existing", "boolean", "장부나 이 매핑에 있는 기관만 씀",
        "only agencies of the books or of this mapping"),
    Key("kind", "text", "새 기관의 종류", "kind of new agencies"),
    Key("prefix", "text", "새 기관 코드의 앞머리", "start of new agencies' codes"),
)  # fmt: skip
AGENCY = _keys(
    Key("code", "text", "기관 코드", "agency's code", True),
    Key("values", "texts", "이 기관을 가리키는 값들", "values that mean this agency"),
    Key("kind", "text", "기관 종류", "kind of body"),
    Key("names", "table", "이름들: ko, en과 그 이름을 쓴 첫날 from",
        "names: ko, en and the first day of each, from", True),
)  # fmt: skip
NAME = _keys(
    Key("ko", "text", "이름", "name in Korean"),
    Key("en", "text", "영문 이름", "name in English", True),
    Key("from", "date", "쓰기 시작한 날; 첫 이름은 없어도 됨",
        "first day; may be left out for the first name"),
)  # fmt: skip
SUCCESSION = _keys(
    Key("from", "text", "없어진 기관", "agency that ended", True),
    Key("to", "text", "이은 기관", "agency that followed", True),
    Key("on", "date", "이은 날", "day it followed", True),
)
RULE = _keys(
    Key("column", "text", "이 열의 값", "the value of this column"),
    Key("constant", "text", "모든 줄에 같은 값", "the same value on every row"),
    Key("template", "text", "여러 열을 이은 글: “{시도} {시군구}”",
        "columns joined in a text: “{city}, {state}”"),
    Key("map", "map", "값을 바꾸는 표 또는 [maps]의 이름", "value to value, or a name in [maps]"),
    Key("otherwise", "text", "표에 없는 값 대신", "instead of a value the map lacks"),
    Key("default", "text", "빈칸 대신", "instead of a blank"),
)  # fmt: skip
SOURCES = ("column", "constant", "template")
"""A rule has exactly one of these."""

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("agency", "기관(코드, 값 또는 이름)", "agency (code, value or name)"),
        Field("agency_name", "기관 이름", "agency's name"),
        Field("programme", "지원사업(코드 또는 이름)", "programme (code or name)", True),
        Field("programme_name", "지원사업 이름", "programme's name"),
        Field("instrument", "지원 수단", "instrument"),
        Field("sector", "분야", "sector"),
        Field("legal_basis", "근거", "legal basis"),
        Field("title", "과제명", "title"),
        Field("recipient", "받은 곳", "recipient"),
        Field("recipient_id", "받은 곳 번호", "recipient's number"),
        Field("recipient_class", "공개구분", "disclosure class"),
        Field("region", "지역", "region"),
        Field("awarded_on", "결정일", "decided on", True),
        Field("fiscal_year", "회계연도(없으면 결정일의 해)",
              "fiscal year (the decision's year by default)"),
        Field("unit", "단위(통화·자원)", "unit (currency or resource)"),
        Field("amount", "금액·물량", "amount", True),
        Field("amount_national", "국비", "national share"),
        Field("amount_city", "시비", "city share"),
        Field("amount_district", "구비", "district share"),
        Field("amount_own", "자부담", "own contribution"),
        Field("parent", "상위 원천 번호", "source number of the parent"),
        Field("counts_in_total", "합계 포함(없으면 상위가 없는 줄만)",
              "counts in totals (rows without a parent by default)"),
        Field("source_number", "원천 번호(없으면 신원 열)",
              "number in the source (the identity columns by default)"),
    )
}  # fmt: skip
SHARES = ("amount_national", "amount_city", "amount_district", "amount_own")
