"""The files of the release: listed with rows, sums and hashes, and given out byte for byte."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from koga.release.manifest import NAME as MANIFEST
from koga.release.read import FORMATS, path_of
from koga.release.tables import STAGES, TABLES
from koga.site import telling
from koga.site.edition import Edition
from koga.site.selectors import Absent
from koga.site.telling import word

SIGNED = (MANIFEST, "checkpoint", "release.tlog-proof", "log/leaves.txt", "log/add-checkpoint")
"""What a release holds beside the files its manifest names: the manifest and its signatures."""
NOTES: Mapping[str, tuple[str, str]] = {
    "manifest.json": ("모든 파일의 해시와 합계", "hash of every file, every total"),
    "checkpoint": ("서명된 기록의 끝", "the signed end of the log"),
    "release.tlog-proof": (
        "이 공개판이 기록에 있다는 증명",
        "proof that the log holds it",
    ),
    "log/leaves.txt": ("지금까지의 모든 공개판", "every release so far"),
    "log/add-checkpoint": ("증인에게 보낼 것", "what a witness is sent"),
    "datapackage.json": ("모든 열의 뜻과 단위", "meaning and unit of every column"),
    "README.txt": ("읽어 두기", "read first"),
    "SHA256SUMS": ("sha256sum -c 로 읽는 목록", "the list that sha256sum -c reads"),
}
FOLDERS: Mapping[str, tuple[str, str]] = {
    "files/plans/": ("등록된 평가 계획", "a registered plan of an evaluation"),
}
MEDIA: Mapping[str, str] = {
    ".csv": "text/csv; charset=utf-8",
    ".jsonl": "application/jsonl; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
}
WORDS: Mapping[str, str] = {
    "csv": "CSV",
    "excel": "CSV(Excel)",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
}


def downloads(edition: Edition, language: str) -> Mapping[str, Any]:
    """Every file with its rows, sums and hash."""
    manifest = edition.release.manifest
    named = {file.path for file in manifest.files}
    others = [file for file in manifest.files if not file.table]
    return {
        "name_of_page": "자료 받기" if language == "ko" else "Downloads",
        "tables": [_table(edition, name, language) for name in TABLES],
        "others": [
            {"path": file.path, "bytes": f"{file.bytes:,}", "sha256": file.sha256,
             "note": _note(file.path, language)}
            for file in others
        ],
        "signed": [
            {"path": path, "note": _note(path, language)}
            for path in SIGNED
            if path not in named and (edition.release.folder / path).is_file()
        ],
        "count": len(manifest.files),
        "total": f"{sum(file.bytes for file in manifest.files):,}",
    }  # fmt: skip


def _note(path: str, language: str) -> str:
    note = NOTES.get(path) or next(
        (words for folder, words in FOLDERS.items() if path.startswith(folder)), None
    )
    return note[0 if language == "ko" else 1] if note else ""


def _table(edition: Edition, name: str, language: str) -> Mapping[str, Any]:
    manifest, table = edition.release.manifest, TABLES[name]
    files = {file.path: file for file in manifest.files}
    return {
        "name": name,
        "title": table.ko if language == "ko" else table.en,
        "rows": f"{edition.release.count(name):,}",
        "files": [
            {"path": path_of(name, form), "word": WORDS[form],
             "bytes": f"{files[path_of(name, form)].bytes:,}",
             "sha256": files[path_of(name, form)].sha256}
            for form in FORMATS
            if path_of(name, form) in files
        ],
        "sums": [
            {
                "amount": telling.exact(total.sum, total.unit),
                "unit": telling.unit_word(total.unit, language),
                "by": ", ".join(
                    word(STAGES, value, language)
                    for key, value in total.by.items()
                    if key != "unit"
                ),
                "rows": f"{total.rows:,}",
            }
            for total in manifest.totals_of(name)
        ],
    }  # fmt: skip


def place(edition: Edition, path: str) -> tuple[Path, str]:
    """A file that may be given out, and its media type; anything else is absent."""
    manifest = edition.release.manifest
    if path in SIGNED:
        found = edition.release.folder / path
        if found.is_symlink() or not found.is_file():
            raise Absent(path)
    elif any(file.path == path for file in manifest.files):
        found = edition.release.file(path)
    else:
        raise Absent(path)
    return found, MEDIA.get(found.suffix, "text/plain; charset=utf-8")


def verification(edition: Edition, language: str) -> Mapping[str, Any]:
    """How anyone verifies this release, with and without koga."""
    folder, manifest = edition.release.folder, edition.release.manifest
    checkpoint = folder / "checkpoint"
    shown = checkpoint.is_file() and checkpoint.stat().st_size < 10_000
    return {
        "name_of_page": "검증 방법" if language == "ko" else "How to verify",
        "checkpoint": checkpoint.read_text("utf-8", "replace") if shown else "",
        "previous": manifest.previous,
        "heads": [
            {"ledger": row["ledger"], "entries": f"{row['entries']:,}", "chain": row["chain"],
             "at": telling.seoul(row["recorded_at"]).strftime("%Y-%m-%d %H:%M")}
            for row in edition.tables["ledger_heads"]
        ],
        "koga": manifest.koga,
        "withheld": [
            {"name": each.name, "rows": f"{each.rows:,}", "sha256": each.sha256,
             "rerun": each.rerun_ko if language == "ko" else each.rerun_en}
            for each in manifest.withheld
        ],
    }  # fmt: skip
