"""Tables as a release declares them: written into its Data Package, and read back from there.

A release is read by its own declaration, so one made years ago still reads and verifies after
columns have been added since. The Table Schema carries a few members of our own: a field's `kind`,
and the table's `sums`, `sumsBy`, `sumsWhere` and `moving`.
"""

import json
from collections.abc import Mapping
from typing import Any

from koga.release.tables import AMOUNT_MAX, Column, Table, Word

_TABLE_SCHEMA = "https://datapackage.org/profiles/2.0/tableschema.json"
_TYPES: Mapping[str, str] = {
    "text": "string",
    "integer": "integer",
    "amount": "integer",
    "decimal": "number",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
}
_KINDS: Mapping[str, tuple[str, str]] = {
    "amount": (
        f"그 행의 단위(unit)의 가장 작은 단위로 센 정수. 절댓값 {AMOUNT_MAX} 이하.",
        f"An integer in the smallest parts of the row's unit, at most {AMOUNT_MAX} in size.",
    ),
}


def table_schema(table: Table) -> dict[str, Any]:
    """A table's columns as a Table Schema, with both headings of each field."""
    schema: dict[str, Any] = {
        "$schema": _TABLE_SCHEMA,
        "fields": [_field(table, column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
        "sums": list(table.sums),
        "sumsBy": list(table.sums_by),
        "sumsWhere": table.sums_where,
        "moving": list(table.moving),
    }
    if table.references:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {"resource": other.replace("_", "-"), "fields": [pointed]},
            }
            for column, (other, pointed) in table.references.items()
        ]
    return schema


def _field(table: Table, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "kind": column.kind,
        "title": f"{column.ko} / {column.en}",
        "title_ko": column.ko,
        "title_en": column.en,
    }
    if column.kind in _KINDS:
        field["description"] = " / ".join(_KINDS[column.kind])
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if table.key == (column.name,):
        constraints["unique"] = True
    if words := table.closed.get(column.name):
        constraints["enum"] = list(words)
        field["categories"] = [
            {
                "value": word.code,
                "label": f"{word.ko} / {word.en}",
                "label_ko": word.ko,
                "label_en": word.en,
            }
            for word in words.values()
        ]
    if constraints:
        field["constraints"] = constraints
    return field


def read_tables(package: bytes) -> dict[str, Table]:
    """The tables a Data Package of ours declares, by name; ValueError where it is not one.

    >>> from koga.release.tables import DUE
    >>> schema = {"name": "due", "title_ko": DUE.ko, "title_en": DUE.en, "format": "csv",
    ...           "path": "data/due.csv", "schema": table_schema(DUE)}
    >>> read_tables(json.dumps({"resources": [schema]}).encode()) == {"due": DUE}
    True
    """
    try:
        resources = json.loads(package)["resources"]
        read = [_table(each) for each in resources if each["path"] == f"data/{_stem(each)}.csv"]
    except (LookupError, TypeError, AttributeError, RecursionError) as trouble:
        raise ValueError(f"not a Data Package of a release ({trouble})") from None
    return {table.name: table for table in read}


def _stem(resource: Mapping[str, Any]) -> str:
    return str(resource["name"]).replace("-", "_")


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource["schema"]
    fields = schema["fields"]
    return Table(
        name=_stem(resource),
        ko=resource["title_ko"],
        en=resource["title_en"],
        key=tuple(schema["primaryKey"]),
        columns=tuple(_column(each) for each in fields),
        references={
            each["fields"][0]: (
                each["reference"]["resource"].replace("-", "_"),
                each["reference"]["fields"][0],
            )
            for each in schema.get("foreignKeys", [])
        },
        sums=tuple(schema["sums"]),
        sums_by=tuple(schema["sumsBy"]),
        sums_where=schema["sumsWhere"],
        closed={each["name"]: _words(each) for each in fields if "categories" in each},
        moving=tuple(schema["moving"]),
    )


def _column(field: Mapping[str, Any]) -> Column:
    if _TYPES[field["kind"]] != field["type"]:
        raise KeyError(field["kind"])
    required = bool(field.get("constraints", {}).get("required", False))
    return Column(field["name"], field["kind"], field["title_ko"], field["title_en"], required)


def _words(field: Mapping[str, Any]) -> dict[str, Word]:
    return {
        each["value"]: Word(each["value"], each["label_ko"], each["label_en"])
        for each in field["categories"]
    }
