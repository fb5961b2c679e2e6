"""The Data Package: the essentials of version 2, checked by hand and against the files."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from koga.release.tables import TABLES

# The parts of the version 2 profiles that a reader of the package relies on.
ESSENTIALS: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "name", "title", "created", "licenses", "resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": {"pattern": "^[a-z0-9._-]+$"},
        "created": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
        "licenses": {"type": "array", "minItems": 1, "items": {"required": ["name"]}},
        "contributors": {"items": {"properties": {"roles": {"type": "array"}}}},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["name", "path", "type", "schema", "hash", "bytes", "format"],
                "not": {"required": ["data"]},
                "properties": {
                    "name": {"pattern": "^[a-z0-9._-]+$"},
                    "path": {"type": "string", "pattern": r"^((?!\.\.)[^/])[^:]*$"},
                    "type": {"const": "table"},
                    "hash": {"pattern": "^sha256:[0-9a-f]{64}$"},
                    "bytes": {"type": "integer"},
                    "encoding": {"const": "utf-8"},
                    "schema": {
                        "required": ["fields", "primaryKey"],
                        "properties": {
                            "fields": {
                                "minItems": 1,
                                "items": {
                                    "required": ["name", "type", "title"],
                                    "properties": {
                                        "type": {
                                            "enum": ["string", "integer", "number", "date",
                                                     "datetime", "boolean"]
                                        },
                                    },
                                },
                            },
                            "primaryKey": {"type": "array", "items": {"type": "string"}},
                            "missingValues": {"type": "array", "items": {"type": "string"}},
                            "foreignKeys": {
                                "items": {
                                    "required": ["fields", "reference"],
                                    "properties": {
                                        "fields": {"type": "array"},
                                        "reference": {"required": ["fields", "resource"]},
                                    },
                                }
                            },
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def package(sample: Path) -> dict[str, Any]:
    return json.loads((sample / "datapackage.json").read_text())  # type: ignore[no-any-return]


def test_given_the_data_package_when_validated_then_the_essentials_hold(
    package: dict[str, Any],
) -> None:
    jsonschema.validate(package, ESSENTIALS)
    names = [resource["name"] for resource in package["resources"]]

    assert len(set(names)) == len(names) == 4 * len(TABLES)


def test_given_each_resource_when_its_file_is_read_then_hash_bytes_and_rows_are_those_said(
    package: dict[str, Any], sample: Path
) -> None:
    for resource in package["resources"]:
        content = (sample / resource["path"]).read_bytes()

        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert resource["bytes"] == len(content)
        if resource["format"] == "jsonl":
            assert resource["rows"] == content.count(b"\n")


def test_given_each_csv_when_its_heading_is_read_then_it_is_the_fields_in_order(
    package: dict[str, Any], sample: Path
) -> None:
    for resource in (each for each in package["resources"] if each["format"] == "csv"):
        heading = (sample / resource["path"]).read_text(encoding="utf-8-sig").split("\n")[0]

        assert heading.strip().split(",") == [f["name"] for f in resource["schema"]["fields"]]


def test_given_foreign_keys_when_followed_then_resource_and_field_exist(
    package: dict[str, Any],
) -> None:
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]}
        for resource in package["resources"]
    }
    for resource in package["resources"]:
        for foreign in resource["schema"].get("foreignKeys", []):
            reference = foreign["reference"]
            assert set(reference["fields"]) <= fields[reference["resource"]]
            assert set(foreign["fields"]) <= fields[resource["name"]]


def test_given_every_column_when_described_then_in_korean_and_english(
    package: dict[str, Any],
) -> None:
    for resource in package["resources"]:
        for field in resource["schema"]["fields"]:
            assert field["title_en"]
            assert re.search("[가-힣]", field["title_ko"]), field


def test_given_the_copy_for_excel_when_described_then_the_apostrophe_is_mentioned(
    package: dict[str, Any],
) -> None:
    copies = [each for each in package["resources"] if each["path"].endswith(".excel.csv")]

    assert len(copies) == len(TABLES)
    assert all("apostrophe" in each["description"] for each in copies)
    assert {each["dialect"]["lineTerminator"] for each in copies} == {"\r\n"}
