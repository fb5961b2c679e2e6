"""An entry as JSON, for the drafts that wait for a second person."""

import json
from datetime import date

from koga.core.journal import Entry, Posting


def to_json(entry: Entry) -> str:
    """The whole content of an entry; `from_json` gives an entry with the same content hash."""
    return json.dumps(
        {
            "ledger": entry.ledger,
            "key": entry.key,
            "kind": entry.kind,
            "effective": entry.effective.isoformat(),
            "reference": entry.reference,
            "reverses": entry.reverses,
            "relates_to": entry.relates_to,
            "postings": [
                [posting.account, posting.commodity, posting.amount] for posting in entry.postings
            ],
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> Entry:
    """The entry a draft holds."""
    body = json.loads(text)
    return Entry(
        ledger=body["ledger"],
        key=body["key"],
        kind=body["kind"],
        effective=date.fromisoformat(body["effective"]),
        postings=tuple(Posting(*line) for line in body["postings"]),
        reference=body["reference"],
        reverses=body["reverses"],
        relates_to=body["relates_to"],
    )
