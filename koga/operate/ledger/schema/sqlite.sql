-- The books on SQLite. Run once by the first migration and never altered by a schema editor, which
-- would rebuild tables and drop their triggers. The text itself is the guard: before the first
-- posting of a connection every statement below is compared with what the database holds.
--
-- Seal-last: an entry's postings are inserted first, its header last. The header's trigger counts
-- and sums the postings; the deferred foreign key makes a commit without a header impossible; a
-- posting for a sealed entry is refused. Sums are taken in two halves of 32 bits, because sum()
-- raises an overflow where only the intermediate total is large.
--
-- INSERT OR REPLACE deletes without firing delete triggers unless recursive_triggers is on, so
-- every insert of an existing row is refused as well (a posting not yet sealed excepted: it is
-- this transaction's own, and the seal counts what is there in the end).

CREATE TABLE ledger_ledger (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE CHECK (length(code) BETWEEN 1 AND 60),
  opened_us INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_head (
  ledger_id INTEGER PRIMARY KEY REFERENCES ledger_ledger (id),
  seq INTEGER NOT NULL,
  recorded_us INTEGER NOT NULL,
  chain BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;

CREATE TABLE ledger_commodity (
  code TEXT PRIMARY KEY,
  scale INTEGER NOT NULL CHECK (scale BETWEEN 0 AND 9),
  kind TEXT NOT NULL
) STRICT;

CREATE TABLE ledger_account (
  id INTEGER PRIMARY KEY,
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  code TEXT NOT NULL CHECK (length(code) BETWEEN 3 AND 120),
  commodity TEXT NOT NULL REFERENCES ledger_commodity (code),
  UNIQUE (ledger_id, code, commodity),
  UNIQUE (id, commodity, ledger_id)
) STRICT;

CREATE TABLE ledger_entry (
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  seq INTEGER NOT NULL CHECK (seq >= 1),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  effective_date TEXT NOT NULL CHECK (date(effective_date) IS effective_date),
  recorded_us INTEGER NOT NULL,
  reference TEXT NOT NULL CHECK (length(reference) <= 200),
  reverses INTEGER CHECK (reverses < seq),
  relates_to TEXT NOT NULL CHECK (length(relates_to) <= 7),
  maker TEXT NOT NULL CHECK (length(maker) BETWEEN 1 AND 40),
  checker TEXT NOT NULL CHECK (length(checker) <= 40 AND checker <> maker),
  postings INTEGER NOT NULL CHECK (postings >= 2),
  content BLOB NOT NULL CHECK (length(content) = 32),
  previous BLOB NOT NULL CHECK (length(previous) = 32),
  chain BLOB NOT NULL CHECK (length(chain) = 32),
  PRIMARY KEY (ledger_id, seq),
  UNIQUE (ledger_id, key),
  FOREIGN KEY (ledger_id, reverses) REFERENCES ledger_entry (ledger_id, seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX ledger_entry_reversed_once ON ledger_entry (ledger_id, reverses)
  WHERE reverses IS NOT NULL;

CREATE TABLE ledger_posting (
  ledger_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  line INTEGER NOT NULL CHECK (line >= 1),
  account_id INTEGER NOT NULL,
  commodity TEXT NOT NULL,
  amount INTEGER NOT NULL
    CHECK (amount <> 0 AND amount BETWEEN -1000000000000000000 AND 1000000000000000000),
  effective_date TEXT NOT NULL,
  PRIMARY KEY (ledger_id, seq, line),
  FOREIGN KEY (account_id, commodity, ledger_id)
    REFERENCES ledger_account (id, commodity, ledger_id),
  FOREIGN KEY (ledger_id, seq)
    REFERENCES ledger_entry (ledger_id, seq) DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_posting_of_account
  ON ledger_posting (account_id, effective_date, seq, amount);

CREATE TABLE ledger_closing (
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  through TEXT NOT NULL CHECK (date(through) IS through),
  after_seq INTEGER NOT NULL CHECK (after_seq >= 0),
  actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 40),
  recorded_us INTEGER NOT NULL,
  PRIMARY KEY (ledger_id, through)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_limit (
  account_id INTEGER NOT NULL REFERENCES ledger_account (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  floor INTEGER,
  ceiling INTEGER CHECK (ceiling >= floor),
  after_seq INTEGER NOT NULL CHECK (after_seq >= 0),
  actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 40),
  recorded_us INTEGER NOT NULL,
  PRIMARY KEY (account_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_balance (
  account_id INTEGER PRIMARY KEY REFERENCES ledger_account (id),
  amount INTEGER NOT NULL,
  floor INTEGER,
  ceiling INTEGER,
  CHECK (floor IS NULL OR amount >= floor),
  CHECK (ceiling IS NULL OR amount <= ceiling)
) STRICT;

CREATE TABLE ledger_draft (
  id INTEGER PRIMARY KEY,
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  body TEXT NOT NULL CHECK (json_valid(body)),
  content BLOB NOT NULL CHECK (length(content) = 32),
  maker TEXT NOT NULL CHECK (length(maker) BETWEEN 1 AND 40),
  recorded_us INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_draft_of_key ON ledger_draft (ledger_id, key);

CREATE TABLE ledger_approval (
  draft_id INTEGER PRIMARY KEY REFERENCES ledger_draft (id),
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  content BLOB NOT NULL CHECK (length(content) = 32),
  verdict TEXT NOT NULL CHECK (verdict IN ('approved', 'declined')),
  maker TEXT NOT NULL,
  checker TEXT NOT NULL CHECK (length(checker) BETWEEN 1 AND 40 AND checker <> maker),
  recorded_us INTEGER NOT NULL
) STRICT;

CREATE INDEX ledger_approval_of_content ON ledger_approval (ledger_id, content);

CREATE TABLE ledger_rejection (
  ledger_id INTEGER NOT NULL REFERENCES ledger_ledger (id),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
  content BLOB NOT NULL CHECK (length(content) = 32),
  problem TEXT NOT NULL CHECK (json_valid(problem)),
  maker TEXT NOT NULL CHECK (length(maker) BETWEEN 1 AND 40),
  recorded_us INTEGER NOT NULL,
  PRIMARY KEY (ledger_id, key)
) STRICT, WITHOUT ROWID;

-- A posting belongs to an entry that is not sealed yet.
CREATE TRIGGER ledger_posting_open BEFORE INSERT ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'koga: the entry is sealed')
    WHERE NOT EXISTS (SELECT 1 FROM ledger_head
                      WHERE ledger_id = NEW.ledger_id AND seq < NEW.seq);
END;

-- The header is the seal. It follows the head of its ledger; one pass over the postings finds
-- whether they are those it names and balance, commodity by commodity where there are several.
CREATE TRIGGER ledger_entry_seal BEFORE INSERT ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'koga: the entry does not follow the one before')
    WHERE NOT EXISTS (SELECT 1 FROM ledger_head
                      WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq - 1
                        AND chain = NEW.previous AND recorded_us < NEW.recorded_us);
  SELECT RAISE(ABORT, 'koga: the key has an outcome')
    WHERE EXISTS (SELECT 1 FROM ledger_entry
                  WHERE ledger_id = NEW.ledger_id AND key = NEW.key)
       OR EXISTS (SELECT 1 FROM ledger_rejection
                  WHERE ledger_id = NEW.ledger_id AND key = NEW.key);
  SELECT CASE
    WHEN lines <> NEW.postings OR last <> NEW.postings
      OR first_day <> NEW.effective_date OR last_day <> NEW.effective_date
    THEN RAISE(ABORT, 'koga: the postings are not those of the header')
    WHEN (low & 4294967295) <> 0 OR high + (low >> 32) <> 0
    THEN RAISE(ABORT, 'koga: the entry does not balance')
    WHEN several AND EXISTS (
      SELECT 1 FROM ledger_posting
      WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq GROUP BY commodity
      HAVING (sum(amount & 4294967295) & 4294967295) <> 0
          OR sum(amount >> 32) + (sum(amount & 4294967295) >> 32) <> 0)
    THEN RAISE(ABORT, 'koga: the entry does not balance in a commodity') END
    FROM (SELECT count(*) AS lines, max(line) AS last, min(effective_date) AS first_day,
                 max(effective_date) AS last_day, min(commodity) <> max(commodity) AS several,
                 sum(amount >> 32) AS high, sum(amount & 4294967295) AS low
          FROM ledger_posting WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq);
  SELECT RAISE(ABORT, 'koga: the period is closed')
    WHERE NEW.effective_date <= (SELECT max(through) FROM ledger_closing
                                 WHERE ledger_id = NEW.ledger_id);
END;

CREATE TRIGGER ledger_entry_approved BEFORE INSERT ON ledger_entry
WHEN NEW.checker <> ''
BEGIN
  SELECT RAISE(ABORT, 'koga: no approval of this content')
    WHERE NOT EXISTS (SELECT 1 FROM ledger_approval
                      WHERE ledger_id = NEW.ledger_id AND content = NEW.content
                        AND verdict = 'approved' AND maker = NEW.maker
                        AND checker = NEW.checker);
END;

CREATE TRIGGER ledger_entry_reverse BEFORE INSERT ON ledger_entry
WHEN NEW.reverses IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'koga: reversed already')
    WHERE EXISTS (SELECT 1 FROM ledger_entry
                  WHERE ledger_id = NEW.ledger_id AND reverses = NEW.reverses);
  SELECT RAISE(ABORT, 'koga: not the exact reverse')
    WHERE NEW.postings <> (SELECT postings FROM ledger_entry
                           WHERE ledger_id = NEW.ledger_id AND seq = NEW.reverses)
       OR NEW.postings <> (
         SELECT count(*) FROM ledger_posting AS fresh JOIN ledger_posting AS old
           ON old.ledger_id = fresh.ledger_id AND old.seq = NEW.reverses
          AND old.line = fresh.line AND old.account_id = fresh.account_id
          AND old.amount = -fresh.amount
         WHERE fresh.ledger_id = NEW.ledger_id AND fresh.seq = NEW.seq);
END;

-- What follows from a sealed entry: the head of its ledger and the balances that have limits.
CREATE TRIGGER ledger_entry_advance AFTER INSERT ON ledger_entry
BEGIN
  UPDATE ledger_head SET seq = NEW.seq, recorded_us = NEW.recorded_us, chain = NEW.chain
    WHERE ledger_id = NEW.ledger_id;
END;

CREATE TRIGGER ledger_entry_limits AFTER INSERT ON ledger_entry
WHEN EXISTS (SELECT 1 FROM ledger_balance)
BEGIN
  UPDATE ledger_balance SET amount = ledger_balance.amount + change.amount
    FROM (SELECT account_id, sum(amount) AS amount FROM ledger_posting
          WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq GROUP BY account_id) AS change
    WHERE ledger_balance.account_id = change.account_id;
END;

CREATE TRIGGER ledger_ledger_opens AFTER INSERT ON ledger_ledger
BEGIN
  INSERT INTO ledger_head (ledger_id, seq, recorded_us, chain)
    VALUES (NEW.id, 0, 0, zeroblob(32));
END;

CREATE TRIGGER ledger_head_starts BEFORE INSERT ON ledger_head
WHEN NEW.seq <> 0 OR EXISTS (SELECT 1 FROM ledger_head WHERE ledger_id = NEW.ledger_id)
  OR EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_id = NEW.ledger_id)
BEGIN
  SELECT RAISE(ABORT, 'koga: a head starts once, at 0');
END;

CREATE TRIGGER ledger_head_follows BEFORE UPDATE ON ledger_head
WHEN NEW.ledger_id <> OLD.ledger_id OR NEW.seq <> OLD.seq + 1
  OR NOT EXISTS (SELECT 1 FROM ledger_entry
                 WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq
                   AND chain = NEW.chain AND recorded_us = NEW.recorded_us)
BEGIN
  SELECT RAISE(ABORT, 'koga: a head only follows the entries');
END;

CREATE TRIGGER ledger_closing_forward BEFORE INSERT ON ledger_closing
WHEN NEW.through <= (SELECT max(through) FROM ledger_closing WHERE ledger_id = NEW.ledger_id)
  OR NEW.after_seq <> (SELECT seq FROM ledger_head WHERE ledger_id = NEW.ledger_id)
BEGIN
  SELECT RAISE(ABORT, 'koga: a closing goes beyond the one before');
END;

CREATE TRIGGER ledger_limit_next BEFORE INSERT ON ledger_limit
WHEN NEW.number <> 1 + coalesce((SELECT max(number) FROM ledger_limit
                                 WHERE account_id = NEW.account_id), 0)
  OR NEW.after_seq <> (SELECT seq FROM ledger_head WHERE ledger_id = (
                         SELECT ledger_id FROM ledger_account WHERE id = NEW.account_id))
BEGIN
  SELECT RAISE(ABORT, 'koga: a limit follows the one before');
END;

CREATE TRIGGER ledger_limit_applies AFTER INSERT ON ledger_limit
BEGIN
  UPDATE ledger_balance SET floor = NEW.floor, ceiling = NEW.ceiling
    WHERE account_id = NEW.account_id;
  INSERT INTO ledger_balance (account_id, amount, floor, ceiling)
    SELECT NEW.account_id, (SELECT coalesce(sum(amount), 0) FROM ledger_posting
                            WHERE account_id = NEW.account_id), NEW.floor, NEW.ceiling
    WHERE NOT EXISTS (SELECT 1 FROM ledger_balance WHERE account_id = NEW.account_id);
END;

CREATE TRIGGER ledger_balance_limit BEFORE UPDATE ON ledger_balance
WHEN NEW.account_id <> OLD.account_id
  OR NOT EXISTS (SELECT 1 FROM ledger_limit AS last
                 WHERE last.account_id = NEW.account_id
                   AND last.number = (SELECT max(number) FROM ledger_limit
                                      WHERE account_id = NEW.account_id)
                   AND last.floor IS NEW.floor AND last.ceiling IS NEW.ceiling)
BEGIN
  SELECT RAISE(ABORT, 'koga: a limit changes by an event only');
END;

CREATE TRIGGER ledger_balance_once BEFORE INSERT ON ledger_balance
WHEN EXISTS (SELECT 1 FROM ledger_balance WHERE account_id = NEW.account_id)
  OR NOT EXISTS (SELECT 1 FROM ledger_limit WHERE account_id = NEW.account_id)
BEGIN
  SELECT RAISE(ABORT, 'koga: a limit changes by an event only');
END;

CREATE TRIGGER ledger_approval_fits BEFORE INSERT ON ledger_approval
WHEN EXISTS (SELECT 1 FROM ledger_approval WHERE draft_id = NEW.draft_id)
  OR NOT EXISTS (SELECT 1 FROM ledger_draft
                 WHERE id = NEW.draft_id AND ledger_id = NEW.ledger_id
                   AND content = NEW.content AND maker = NEW.maker)
BEGIN
  SELECT RAISE(ABORT, 'koga: an approval is of a draft as it stands, once');
END;

CREATE TRIGGER ledger_rejection_once BEFORE INSERT ON ledger_rejection
WHEN EXISTS (SELECT 1 FROM ledger_rejection WHERE ledger_id = NEW.ledger_id AND key = NEW.key)
  OR EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_id = NEW.ledger_id AND key = NEW.key)
BEGIN
  SELECT RAISE(ABORT, 'koga: the key has an outcome');
END;

CREATE TRIGGER ledger_ledger_once BEFORE INSERT ON ledger_ledger
WHEN EXISTS (SELECT 1 FROM ledger_ledger WHERE id = NEW.id OR code = NEW.code)
BEGIN
  SELECT RAISE(ABORT, 'koga: the ledger exists');
END;

CREATE TRIGGER ledger_commodity_once BEFORE INSERT ON ledger_commodity
WHEN EXISTS (SELECT 1 FROM ledger_commodity WHERE code = NEW.code)
BEGIN
  SELECT RAISE(ABORT, 'koga: the commodity exists');
END;

CREATE TRIGGER ledger_account_once BEFORE INSERT ON ledger_account
WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM ledger_account WHERE ledger_id = NEW.ledger_id
               AND code = NEW.code AND commodity = NEW.commodity)
BEGIN
  SELECT RAISE(ABORT, 'koga: the account exists');
END;

CREATE TRIGGER ledger_draft_once BEFORE INSERT ON ledger_draft
WHEN EXISTS (SELECT 1 FROM ledger_draft WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'koga: the draft exists');
END;

-- Nothing of the books is ever changed or removed.
CREATE TRIGGER ledger_ledger_kept BEFORE UPDATE ON ledger_ledger
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_commodity_kept BEFORE UPDATE ON ledger_commodity
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_account_kept BEFORE UPDATE ON ledger_account
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_entry_kept BEFORE UPDATE ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_posting_kept BEFORE UPDATE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_closing_kept BEFORE UPDATE ON ledger_closing
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_limit_kept BEFORE UPDATE ON ledger_limit
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_draft_kept BEFORE UPDATE ON ledger_draft
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_approval_kept BEFORE UPDATE ON ledger_approval
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_rejection_kept BEFORE UPDATE ON ledger_rejection
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_ledger_stays BEFORE DELETE ON ledger_ledger
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_commodity_stays BEFORE DELETE ON ledger_commodity
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_account_stays BEFORE DELETE ON ledger_account
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_entry_stays BEFORE DELETE ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_posting_stays BEFORE DELETE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_closing_stays BEFORE DELETE ON ledger_closing
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_limit_stays BEFORE DELETE ON ledger_limit
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_draft_stays BEFORE DELETE ON ledger_draft
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_approval_stays BEFORE DELETE ON ledger_approval
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_rejection_stays BEFORE DELETE ON ledger_rejection
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_head_stays BEFORE DELETE ON ledger_head
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;

CREATE TRIGGER ledger_balance_stays BEFORE DELETE ON ledger_balance
BEGIN
  SELECT RAISE(ABORT, 'koga: the books are append-only');
END;
