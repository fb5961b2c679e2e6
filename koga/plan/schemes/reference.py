"""The reference page of the scheme format, made from the declared tables and keys."""

from collections.abc import Iterator

from koga.plan.schemes import declared, schema
from koga.plan.schemes.schema import Field, Section

Row = tuple[str, ...]
_INTRO = {
    "ko": """# 계획 파일(스킴)의 형식

계획은 TOML 파일 하나입니다. 쓰는 법은 [계획 쓰기](../how-to/write-a-scheme.ko.md)에 있고, 이 쪽은
쓸 수 있는 표와 이름을 모두 적습니다. 여기에 없는 이름은 `koga check`가 그 자리를 짚어 알립니다.

값은 두 가지입니다. **잎**은 수와 주장이며 `{ value = …, basis = …, source = … }`로 적습니다.
**이름표**(아래에서 ○)는 이름, 코드, 가리킴이며 값만 적습니다.

- `basis = "stated"`(밝힘): 이 펀드나 사업에 대해 책임 있는 쪽이 공개한 값. `source`가 있어야
  합니다.
- `basis = "derived"`(셈함): 다른 값에서 셈한 값. `from`에 식을 적으면 정확한 분수로 다시 셈해
  다르면 알립니다. 사칙연산이 아니면 `formula`에 방법을 글로 적습니다.
- `basis = "assumed"`(가정): 고른 값. 수는 `low`와 `high`, 낱말은 `options`, 그리고 까닭 `note`와
  `source`가 있어야 합니다. 까닭과 출처는 그 표에 한 번 적어 함께 쓸 수 있습니다.

`from`은 밝힌 값에도 붙일 수 있으며 그때는 검산입니다. `rule = "at_least"`인 값은 하한이어서 식의
결과가 더 커도 됩니다. 식에는 경로, 수, `+ - * / ( )`만 씁니다. 경로는 표 이름을 점으로 이은 것이고
`[[programme]]`과 `[[target]]`은 `id`로 가리킵니다(`target.talents.yearly`).

두 발표가 같은 값을 말하면 하나만 적고, 다른 값을 말하면 목표를 둘로 나눕니다.
""",
    "en": """# The scheme format

A scheme is one TOML file. How to write one is in [Write a scheme](../how-to/write-a-scheme.md);
this page lists every table and key. A name that is not here is a problem at its own place, says
`koga check`.

There are two kinds of value. A **leaf** is a figure or a claim, written
`{ value = …, basis = …, source = … }`. A **plain** value (○ below) is a name, a code or a reference
and is written bare.

- `basis = "stated"`: published about this fund or programme by those responsible. Needs `source`.
- `basis = "derived"`: computed. Arithmetic in `from` is done again in exact fractions and refused
  where it differs; where it is no simple arithmetic, say the method in `formula`.
- `basis = "assumed"`: chosen. Figures need `low` and `high`, words need `options`, and both need a
  reason (`note`) and a `source`. Reason and source may be given once for the table they stand in.

A stated value may carry `from` too: then it is a cross-check. A value with `rule = "at_least"` is a
floor, so its formula may give more. Formulas use paths, numbers and `+ - * / ( )` only. A path is
the names of the tables joined by dots; `[[programme]]` and `[[target]]` go by their `id`
(`target.talents.yearly`).

Where two announcements say the same, write one; where they differ, write two targets.
""",
}
_TITLES = {
    "ko": ("## 잎의 열쇠", "## 값의 종류", "## 표"),
    "en": ("## Keys of a leaf", "## Types of value", "## Tables"),
}
_LEAF_HEADS = {"ko": ("열쇠", "뜻"), "en": ("Key", "Meaning")}
_TYPE_HEADS = {"ko": ("종류", "적는 법"), "en": ("Type", "Written as")}
_KEY_HEADS = {
    "ko": ("열쇠", "이름", "종류", "필수", "낱말"),
    "en": ("Key", "Name", "Type", "Required", "Words"),
}


def page(language: str) -> str:
    """The whole page in `ko` or `en`, as Markdown."""
    ko = language == "ko"
    leaf: list[Row] = [(f"`{key}`", text[0 if ko else 1]) for key, text in schema.LEAF_KEYS.items()]
    types: list[Row] = [(f"`{kind}`", text[1 if ko else 2]) for kind, text in schema.TYPES.items()]
    leaf_title, type_title, table_title = _TITLES[language]
    parts = [
        _INTRO[language],
        leaf_title,
        _table(_LEAF_HEADS[language], leaf),
        type_title,
        _table(_TYPE_HEADS[language], types),
        table_title,
    ]
    for section in declared.SCHEME.parts:
        if isinstance(section, Section):
            title = section.ko if ko else section.en
            parts.append(f"### `{_header(section)}` {title}")
            parts.append(_table(_KEY_HEADS[language], list(_rows(section, "", language))))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _header(section: Section) -> str:
    if section.shape == "list":
        return f"[[{section.name}]]"
    return f"[{section.name}.NAME]" if section.shape == "named" else f"[{section.name}]"


def _rows(section: Section, before: str, language: str) -> Iterator[Row]:
    if section.entry is not None:
        key = "YEAR" if section.shape == "by_year" else "NAME"
        yield _row(section.entry, before + key, section, language)
    for part in section.parts:
        if isinstance(part, Field):
            yield _row(part, before + part.name, None, language)
        else:
            inside = f"{before}{part.name}." + ("NAME." if part.shape == "named" else "")
            yield from _rows(part, inside, language)


def _row(field: Field, key: str, section: Section | None, language: str) -> Row:
    of = field if section is None else section
    words = dict(field.choices) or (dict(section.names) if section else {})
    spelled = ", ".join(f"`{code}` {getattr(word, language)}" for code, word in words.items())
    if field.refers_to:
        spelled = f"→ `{field.refers_to}`"
    kind = f"`{field.type}`" + (" ○" if field.plain else "")
    return f"`{key}`", of.ko if language == "ko" else of.en, kind, _mark(of), spelled


def _mark(of: Field | Section) -> str:
    return "●" if of.required else ""


def _table(heads: Row, rows: list[Row]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines
    )
