"""Files on the desk between their upload and their posting, kept under var/uploads by hash."""

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import localcontext
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from koga.core.problems import Problem, Refusal
from koga.core.units import as_decimal
from koga.operate.imports import mapping as mappings
from koga.operate.imports import mapping_text, reading, services
from koga.operate.imports.awards import Award, AwardReader
from koga.operate.imports.models import Batch, Upload
from koga.operate.imports.services import EXACT, Outcome
from koga.operate.imports.sheets import FileSettings, Sheet
from koga.operate.parties.models import Person
from koga.operate.support import services as support

PREVIEW_ROWS = 20
KEPT_DAYS = 7


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as mapped, or the problems it has."""

    number: int
    award: Award | None
    problems: list[Problem]

    @property
    def amount(self) -> str:
        """The amount as people read it."""
        if self.award is None:
            return ""
        return f"{as_decimal(self.award.amount, self.award.unit):,f}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What the desk shows of an upload. problems: of the file or of the mapping as a whole."""

    sheet: Sheet | None
    rows: list[PreviewRow]
    problems: list[Problem]


def folder() -> Path:
    """Where uploads wait."""
    return Path.cwd() / "var" / "uploads"


def path_of(upload: Upload) -> Path:
    """The file of an upload."""
    return folder() / upload.file_hash


def keep(
    chunks: Iterable[bytes], *, name: str, person: Person, mapping_name: str, snapshot: bool
) -> Upload:
    """Store a file under its hash, with a shipped mapping or a first draft made from its columns.

    The file is refused at once where it is no register at all.
    """
    services.require_operator(person)
    _forget_old(person)
    file_hash = _store(chunks)
    path = folder() / file_hash
    try:
        text = _first_mapping(path, name, mapping_name)
    except Refusal:
        _remove_unused(file_hash)
        raise
    return Upload.objects.create(
        person=person, file_name=name[:255], file_hash=file_hash, mapping_text=text,
        snapshot=snapshot,
    )  # fmt: skip


def _store(chunks: Iterable[bytes]) -> str:
    """Write to a temporary name first: a file under its hash is always whole."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=place, delete=False) as part:
        for chunk in chunks:
            digest.update(chunk)
            part.write(chunk)
    Path(part.name).replace(place / digest.hexdigest())
    return digest.hexdigest()


def _first_mapping(path: Path, name: str, mapping_name: str) -> str:
    if mapping_name:
        text = mappings.load(mapping_name).text
        reading.kind_of(path.read_bytes()[: 64 * 1024] or b" ", name)
        return text
    try:
        sheet = reading.read(path, FileSettings(), rows_max=1)
    except Refusal as refusal:
        if refusal.problems[0].code != "imports.which_sheet":
            raise
        return mapping_text.dumps(mapping_text.suggest([], name))
    return mapping_text.dumps(mapping_text.suggest(sheet.columns, name))


def change(upload: Upload, *, mapping_text: str, sheet: str, snapshot: bool) -> None:
    """Keep what was written for an upload, problems or not: nothing is lost on a mistake."""
    upload.mapping_text = mapping_text.replace("\r\n", "\n")
    upload.sheet, upload.snapshot = sheet, snapshot
    upload.save()


def preview(upload: Upload) -> Preview:
    """The first rows of an upload as its mapping reads them; writes nothing."""
    try:
        mapping = mappings.parse(upload.mapping_text)
    except Refusal as refusal:
        return Preview(_sheet_alone(upload), [], refusal.problems)
    file = mapping.file
    settings = FileSettings(
        file.encoding, file.delimiter, file.header_row, upload.sheet or file.sheet
    )
    try:
        sheet = reading.read(path_of(upload), settings, rows_max=PREVIEW_ROWS)
    except Refusal as refusal:
        return Preview(None, [], refusal.problems)
    problems = mappings.check_columns(mapping, sheet.columns, upload.file_name)
    if problems:
        return Preview(sheet, [], problems)
    places = services.known_places(mapping)
    reader = AwardReader(mapping, sheet.columns, places, support.opaque_secret())
    with localcontext(EXACT):
        rows = [_preview_row(row.number, reader.read(row)) for row in sheet.rows]
    return Preview(sheet, rows, [])


def _preview_row(number: int, result: Award | list[Problem]) -> PreviewRow:
    if isinstance(result, Award):
        return PreviewRow(number, result, [])
    return PreviewRow(number, None, result)


def _sheet_alone(upload: Upload) -> Sheet | None:
    try:
        return reading.read(path_of(upload), FileSettings(sheet=upload.sheet), rows_max=1)
    except Refusal:
        return None


def attempt(upload: Upload, *, person: Person) -> Outcome:
    """The dry run of an upload."""
    return services.import_awards(
        path_of(upload), mappings.parse(upload.mapping_text), person=person,
        snapshot=upload.snapshot, dry_run=True, sheet=upload.sheet, name=upload.file_name,
    )  # fmt: skip


def post(upload: Upload, *, person: Person, expected: str) -> Batch:
    """Post an upload exactly as its dry run said; refused where the books have moved since.

    expected: the digest of the dry run's outcome. Posting again answers with the same batch.
    """
    with transaction.atomic():
        held = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if held.batch_id is not None:
            return Batch.objects.get(pk=held.batch_id)
        outcome = services.import_awards(
            path_of(upload), mappings.parse(held.mapping_text), person=person,
            snapshot=held.snapshot, sheet=held.sheet, name=held.file_name,
        )  # fmt: skip
        if outcome.digest() != expected:
            raise Refusal(Problem("imports.moved_on", held.file_name))
        held.batch_id = outcome.batch
        held.save()
    _remove_unused(held.file_hash)
    return Batch.objects.get(pk=outcome.batch)


def discard(upload: Upload) -> None:
    """Throw an upload away."""
    file_hash = upload.file_hash
    upload.delete()
    _remove_unused(file_hash)


def _forget_old(person: Person) -> None:
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    for upload in Upload.objects.filter(person=person, batch=None, created_at__lt=limit):
        discard(upload)


def _remove_unused(file_hash: str) -> None:
    """The file may hold personal data: it goes as soon as nobody waits for it."""
    if not Upload.objects.filter(file_hash=file_hash, batch=None).exists():
        (folder() / file_hash).unlink(missing_ok=True)
