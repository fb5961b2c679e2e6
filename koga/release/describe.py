"""What explains a release to strangers: the Data Package (v2), the read-me and the list of hashes.

All are a function of the manifest's head, the tables and the files written.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from koga.release.declared import table_schema
from koga.release.manifest import LICENCES, ReleaseFile, ReleaseHead, Total, moment, total_json
from koga.release.read import DATA_PACKAGE, path_of
from koga.release.tables import TABLES, Table

__all__ = ["DATA_PACKAGE", "HASHES", "READ_ME", "data_package", "hashes", "read_me"]

READ_ME = "README.txt"
HASHES = "SHA256SUMS"
_PACKAGE_SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
_RESOURCE_SCHEMA = "https://datapackage.org/profiles/2.0/dataresource.json"
_MEDIA: Mapping[str, tuple[str, str]] = {
    "csv": ("csv", "text/csv"),
    "excel": ("csv", "text/csv"),
    "jsonl": ("jsonl", "application/jsonl"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
}
_NOTES: Mapping[str, tuple[str, str]] = {
    "csv": (
        "기준 사본. UTF-8, 줄바꿈 LF. 빈칸은 모름, 0은 0.",
        "The copy of reference. UTF-8, line feeds. A blank is unknown, zero is zero.",
    ),
    "excel": (
        "한국어 Excel에서 열리는 사본(UTF-8 BOM, CR LF). =, +, -, @, 탭, 줄바꿈으로 시작하는"
        " 글자 칸은 수식으로 실행되지 않도록 이 사본에서만 앞에 작은따옴표(')를 붙임.",
        "The copy Korean Excel opens (UTF-8 with byte order mark, CR LF). In this copy alone, text"
        " that begins with =, +, -, @, a tab or a line end has an apostrophe (') put in front, so"
        " that no cell runs as a formula.",
    ),
    "jsonl": (
        "한 줄에 한 행. 금액은 정수, 소수와 시각은 글자, 모름은 null.",
        "One row a line. Amounts are integers; decimals and moments are text; unknown is null.",
    ),
    "parquet": (
        "같은 행. 소수는 decimal(38, 9), 시각은 UTC.",
        "The same rows. Decimals are decimal(38, 9), moments UTC.",
    ),
}


def data_package(
    head: ReleaseHead, files: Sequence[ReleaseFile], totals: Sequence[Total], koga: str
) -> bytes:
    """The bytes of `datapackage.json`."""
    by_path = {each.path: each for each in files}
    licence_ko, licence_en = LICENCES[head.licence]
    package = {
        "$schema": _PACKAGE_SCHEMA,
        "name": head.release.lower(),
        "title": head.title_ko,
        "title_ko": head.title_ko,
        "title_en": head.title_en,
        "version": head.release,
        "period": head.period,
        "created": moment(head.signed_on),
        "generator": f"koga {koga}",
        "licenses": [{"name": head.licence, "title": f"{licence_ko} / {licence_en}"}],
        "contributors": [
            {"title": head.organisation_ko, "title_en": head.organisation_en, "roles": ["creator"]}
        ],
        "resources": [
            _resource(table, form, by_path, totals)
            for table in TABLES.values()
            for form in _MEDIA
            if path_of(table.name, form) in by_path
        ],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


def _resource(
    table: Table, form: str, by_path: Mapping[str, ReleaseFile], totals: Sequence[Total]
) -> dict[str, Any]:
    file = by_path[path_of(table.name, form)]
    note_ko, note_en = _NOTES[form]
    name = table.name.replace("_", "-")
    resource: dict[str, Any] = {
        "$schema": _RESOURCE_SCHEMA,
        "name": name if form == "csv" else f"{name}-{form}",
        "type": "table",
        "title": f"{table.ko} / {table.en}",
        "title_ko": table.ko,
        "title_en": table.en,
        "description": f"{note_ko} / {note_en}",
        "path": file.path,
        "format": _MEDIA[form][0],
        "mediatype": _MEDIA[form][1],
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "rows": file.rows,
        "sums": [total_json(total) for total in totals if total.table == table.name],
    }
    if form in ("csv", "excel"):
        ending = "\r\n" if form == "excel" else "\n"
        resource["dialect"] = {"delimiter": ",", "lineTerminator": ending, "quoteChar": '"'}
    resource["schema"] = table_schema(table)
    return resource


def hashes(files: Iterable[ReleaseFile]) -> bytes:
    """The list that `sha256sum -c` reads."""
    return "".join(f"{each.sha256}  {each.path}\n" for each in files).encode()


def read_me(head: ReleaseHead, origin: str) -> bytes:
    """The read-me: what this is and how to verify it, with and without koga."""
    licence_ko, licence_en = LICENCES[head.licence]
    return f"""{head.title_ko}
{head.title_en}

{head.organisation_ko} / {head.organisation_en}
{head.release} · {head.period} · {moment(head.signed_on)}
{licence_ko} / {licence_en}

[한국어]
이 폴더는 서명된 공개판입니다. data/ 아래에 표마다 CSV, Excel용 CSV, JSON Lines, Parquet가 있습니다.
datapackage.json은 모든 열의 뜻과 단위를, manifest.json은 모든 파일의 해시와 합계를 적습니다.
금액은 그 행의 단위(unit)의 가장 작은 단위로 센 정수이며, 단위가 다른 금액은 더하지 않습니다.
빈칸은 모름이고 0은 0입니다. 고친 값은 corrections 표에 까닭과 함께 있습니다.

파일이 온전한지: 이 폴더에서  sha256sum -c {HASHES}
서명까지 확인하려면, 다른 곳(공보 등)에서 받은 공개키로:
  koga release verify . --public-key 공개키파일
지난 공개판의 checkpoint 파일을 갖고 계시면 그 뒤로 기록이 바뀌지 않았는지도 확인됩니다:
  koga release verify . --public-key 공개키파일 --since 지난-checkpoint
서명한 기록의 이름은 {origin} 입니다.

[English]
This folder is a signed release. Under data/ every table lies as CSV, CSV for Excel, JSON Lines and
Parquet. datapackage.json gives the meaning and unit of every column; manifest.json the hash of
every file and every total. An amount is an integer in the smallest parts of its row's unit; amounts
of two units are never added. A blank is unknown, zero is zero. Corrected values stand in the table
corrections, each with its reason.

Whether the files are whole: in this folder,  sha256sum -c {HASHES}
To check the signature too, with the public key from elsewhere (the gazette, say):
  koga release verify . --public-key KEYFILE
If you kept the checkpoint of an earlier release, this also shows that nothing was rewritten since:
  koga release verify . --public-key KEYFILE --since EARLIER-CHECKPOINT
The log that is signed is called {origin}.
""".encode()
