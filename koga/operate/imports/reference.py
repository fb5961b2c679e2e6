"""The reference page of mappings, written from the keys declared in `mapping_keys`."""

from collections.abc import Iterable, Mapping

from koga.operate.imports import mapping_keys as keys
from koga.operate.imports.mapping_keys import Key

_SECTIONS: tuple[tuple[str, str, str, Mapping[str, Key]], ...] = (
    ("", "맨 위", "At the top", keys.TOP),
    ("", "표들", "Tables", keys.TABLES),
    ("[file]", "파일", "File", keys.FILE),
    ("[amounts]", "금액", "Amounts", keys.AMOUNTS),
    ("[dates]", "날짜", "Dates", keys.DATES),
    ("[recipient]", "받은 곳", "Recipients", keys.RECIPIENT),
    ("[programmes]", "지원사업", "Programmes", keys.PROGRAMMES),
    ("[agencies]", "기관", "Agencies", keys.AGENCIES),
    ("[[agency]]", "기관 하나", "One agency", keys.AGENCY),
    ("[[agency]] names", "기관의 이름 하나", "One name of an agency", keys.NAME),
    ("[[succession]]", "승계 하나", "One succession", keys.SUCCESSION),
    ("[fields.…]", "칸 하나를 채우는 규칙", "The rule that fills one field", keys.RULE),
)
_WORDS = {
    "ko": {
        "title": "매핑",
        "intro": "매핑은 대장의 열을 지원 내역으로 옮기는 법을 적은 TOML 파일입니다. "
        "쓰는 법은 [대장 반영하기](../how-to/import-a-register.ko.md)에 있습니다.",
        "heads": ("항목", "꼴", "뜻", "필수", "쓸 수 있는 값"),
        "fields": "채울 수 있는 칸",
        "field_heads": ("칸", "뜻", "필수"),
        "rule": "칸마다 `column`, `constant`, `template` 가운데 하나만 적습니다. `[programmes] "
        "existing`을 켜지 않으면 `agency`, `instrument`, `unit`도 필수입니다.",
    },
    "en": {
        "title": "Mappings",
        "intro": "A mapping is a TOML file that says how a register's columns become records of "
        "support. How to write one: [import a register](../how-to/import-a-register.md).",
        "heads": ("Key", "Type", "Meaning", "Required", "Allowed values"),
        "fields": "Fields that can be filled",
        "field_heads": ("Field", "Meaning", "Required"),
        "rule": "A field has exactly one of `column`, `constant` and `template`. Unless "
        "`[programmes] existing` is on, `agency`, `instrument` and `unit` are required too.",
    },
}


def page(language: str) -> str:
    """The page in `ko` or `en`, as Markdown."""
    words = _WORDS[language]
    lines = [f"# {words['title']}", "", str(words["intro"]), ""]
    for name, ko, en, declared in _SECTIONS:
        heading = ko if language == "ko" else en
        lines += [f"## {heading}" + (f": `{name}`" if name else ""), ""]
        lines += _table(words["heads"], (_row(key, language) for key in declared.values()))
    lines += [f"## {words['fields']}", "", str(words["rule"]), ""]
    lines += _table(
        words["field_heads"],
        (
            (f"`{field.name}`", getattr(field, language), "●" if field.required else "")
            for field in keys.FIELDS.values()
        ),
    )
    return "\n".join(lines)


def _row(key: Key, language: str) -> tuple[str, ...]:
    choices = " ".join(
        f"`{choice}`" if choice.strip() else "` `" for choice in key.choices if choice
    )
    required = "●" if key.required else ""
    return f"`{key.name}`", key.kind, getattr(key, language), required, choices


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]]) -> list[str]:
    heads = tuple(heads)
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [*lines, ""]
