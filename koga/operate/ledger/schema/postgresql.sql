-- The books on PostgreSQL. Run once by the first migration and never altered by a schema editor.
-- The text itself is the guard: before the first posting of a connection every column, constraint,
-- index, function and trigger below is compared with the server's own printing of it, so each is
-- written the way PostgreSQL prints it, one column or constraint a line.
--
-- Seal-last: an entry's postings are inserted first, its header last. The trigger on the header
-- counts and sums the postings of all headers of a statement at once; a posting for a sealed entry
-- is refused, and a deferred constraint trigger makes a commit without a header impossible.
--
-- Postings carry no foreign keys. Checks row by row cost more than all the rest, and their plans
-- are cached while the tables are empty: the first large load of a session would scan the whole
-- table for every row. Accounts are checked per statement instead, and since a ledger's entries
-- are dense, "every posting has a header" is one comparison on the ledger's head: the last number
-- posted for (open_seq) against the last one sealed (seq).
--
-- The posting trigger locks the head of the ledger. Without that, two transactions could insert
-- postings for one place, the first could seal its own, and the second's would be committed under
-- a header that never counted them. It refuses every isolation but read committed: the statements
-- of the triggers must see what was committed while they waited for the lock, and under repeatable
-- read or serializable they would look at the snapshot of the transaction's start instead.
--
-- Functions run as the owner of the tables, so that the application's role needs no right to
-- update anything (`koga ledger grants`). Nested loops and sequential scans are switched off where
-- headers meet postings: a plan cached while the tables are small must not serve when they are big.

CREATE TABLE ledger_ledger (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  code text COLLATE "C" NOT NULL,
  opened_us bigint NOT NULL,
  CONSTRAINT ledger_ledger_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_ledger_code UNIQUE (code),
  CONSTRAINT ledger_ledger_code_length CHECK (length(code) >= 1 AND length(code) <= 60)
);

CREATE TABLE ledger_head (
  ledger_id bigint NOT NULL,
  seq bigint NOT NULL,
  recorded_us bigint NOT NULL,
  chain bytea NOT NULL,
  open_seq bigint NOT NULL,
  CONSTRAINT ledger_head_pkey PRIMARY KEY (ledger_id),
  CONSTRAINT ledger_head_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_head_chain CHECK (length(chain) = 32)
);

CREATE TABLE ledger_commodity (
  code text COLLATE "C" NOT NULL,
  scale smallint NOT NULL,
  kind text NOT NULL,
  CONSTRAINT ledger_commodity_pkey PRIMARY KEY (code),
  CONSTRAINT ledger_commodity_scale CHECK (scale >= 0 AND scale <= 9)
);

CREATE TABLE ledger_account (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  ledger_id bigint NOT NULL,
  code text COLLATE "C" NOT NULL,
  commodity text COLLATE "C" NOT NULL,
  CONSTRAINT ledger_account_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_account_code UNIQUE (ledger_id, code, commodity),
  CONSTRAINT ledger_account_unit UNIQUE (id, commodity, ledger_id),
  CONSTRAINT ledger_account_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_account_commodity FOREIGN KEY (commodity) REFERENCES ledger_commodity(code),
  CONSTRAINT ledger_account_code_length CHECK (length(code) >= 3 AND length(code) <= 120)
);

CREATE TABLE ledger_entry (
  ledger_id bigint NOT NULL,
  seq bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  effective_date date NOT NULL,
  recorded_us bigint NOT NULL,
  reference text COLLATE "C" NOT NULL,
  reverses bigint,
  relates_to text COLLATE "C" NOT NULL,
  maker text COLLATE "C" NOT NULL,
  checker text COLLATE "C" NOT NULL,
  postings integer NOT NULL,
  content bytea NOT NULL,
  previous bytea NOT NULL,
  chain bytea NOT NULL,
  CONSTRAINT ledger_entry_pkey PRIMARY KEY (ledger_id, seq),
  CONSTRAINT ledger_entry_key UNIQUE (ledger_id, key),
  CONSTRAINT ledger_entry_original FOREIGN KEY (ledger_id, reverses)
    REFERENCES ledger_entry(ledger_id, seq),
  CONSTRAINT ledger_entry_seq CHECK (seq >= 1),
  CONSTRAINT ledger_entry_key_length CHECK (length(key) >= 1 AND length(key) <= 200),
  CONSTRAINT ledger_entry_kind CHECK (length(kind) >= 1 AND length(kind) <= 40),
  CONSTRAINT ledger_entry_reference CHECK (length(reference) <= 200),
  CONSTRAINT ledger_entry_reverses CHECK (reverses < seq),
  CONSTRAINT ledger_entry_relates_to CHECK (length(relates_to) <= 7),
  CONSTRAINT ledger_entry_maker CHECK (length(maker) >= 1 AND length(maker) <= 40),
  CONSTRAINT ledger_entry_checker CHECK (length(checker) <= 40 AND checker <> maker),
  CONSTRAINT ledger_entry_postings CHECK (postings >= 2),
  CONSTRAINT ledger_entry_content CHECK (length(content) = 32),
  CONSTRAINT ledger_entry_previous CHECK (length(previous) = 32),
  CONSTRAINT ledger_entry_chain CHECK (length(chain) = 32)
);

CREATE UNIQUE INDEX ledger_entry_reversed_once ON ledger_entry USING btree (ledger_id, reverses)
  WHERE (reverses IS NOT NULL);

CREATE TABLE ledger_posting (
  ledger_id bigint NOT NULL,
  seq bigint NOT NULL,
  line integer NOT NULL,
  account_id bigint NOT NULL,
  commodity text COLLATE "C" NOT NULL,
  amount bigint NOT NULL,
  effective_date date NOT NULL,
  CONSTRAINT ledger_posting_pkey PRIMARY KEY (ledger_id, seq, line),
  CONSTRAINT ledger_posting_line CHECK (line >= 1),
  CONSTRAINT ledger_posting_amount CHECK (amount <> 0
    AND amount >= '-1000000000000000000'::bigint AND amount <= '1000000000000000000'::bigint)
);

CREATE INDEX ledger_posting_of_account ON ledger_posting
  USING btree (account_id, effective_date, seq) INCLUDE (amount);

CREATE TABLE ledger_closing (
  ledger_id bigint NOT NULL,
  through date NOT NULL,
  after_seq bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  recorded_us bigint NOT NULL,
  CONSTRAINT ledger_closing_pkey PRIMARY KEY (ledger_id, through),
  CONSTRAINT ledger_closing_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_closing_actor CHECK (length(actor) >= 1 AND length(actor) <= 40)
);

CREATE TABLE ledger_limit (
  account_id bigint NOT NULL,
  number integer NOT NULL,
  floor bigint,
  ceiling bigint,
  after_seq bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  recorded_us bigint NOT NULL,
  CONSTRAINT ledger_limit_pkey PRIMARY KEY (account_id, number),
  CONSTRAINT ledger_limit_account FOREIGN KEY (account_id) REFERENCES ledger_account(id),
  CONSTRAINT ledger_limit_order CHECK (ceiling >= floor),
  CONSTRAINT ledger_limit_actor CHECK (length(actor) >= 1 AND length(actor) <= 40)
);

CREATE TABLE ledger_balance (
  account_id bigint NOT NULL,
  amount bigint NOT NULL,
  floor bigint,
  ceiling bigint,
  CONSTRAINT ledger_balance_pkey PRIMARY KEY (account_id),
  CONSTRAINT ledger_balance_account FOREIGN KEY (account_id) REFERENCES ledger_account(id),
  CONSTRAINT ledger_balance_floor CHECK (floor IS NULL OR amount >= floor),
  CONSTRAINT ledger_balance_ceiling CHECK (ceiling IS NULL OR amount <= ceiling)
);

CREATE TABLE ledger_draft (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  ledger_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  body text NOT NULL,
  content bytea NOT NULL,
  maker text COLLATE "C" NOT NULL,
  recorded_us bigint NOT NULL,
  CONSTRAINT ledger_draft_pkey PRIMARY KEY (id),
  CONSTRAINT ledger_draft_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_draft_content CHECK (length(content) = 32),
  CONSTRAINT ledger_draft_maker CHECK (length(maker) >= 1 AND length(maker) <= 40)
);

CREATE INDEX ledger_draft_of_key ON ledger_draft USING btree (ledger_id, key);

CREATE TABLE ledger_approval (
  draft_id bigint NOT NULL,
  ledger_id bigint NOT NULL,
  content bytea NOT NULL,
  verdict text NOT NULL,
  maker text COLLATE "C" NOT NULL,
  checker text COLLATE "C" NOT NULL,
  recorded_us bigint NOT NULL,
  CONSTRAINT ledger_approval_pkey PRIMARY KEY (draft_id),
  CONSTRAINT ledger_approval_draft FOREIGN KEY (draft_id) REFERENCES ledger_draft(id),
  CONSTRAINT ledger_approval_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_approval_content CHECK (length(content) = 32),
  CONSTRAINT ledger_approval_verdict 
    CHECK (verdict = ANY (ARRAY['approved'::text, 'declined'::text])),
  CONSTRAINT ledger_approval_checker CHECK (length(checker) >= 1
    AND length(checker) <= 40 AND checker <> maker)
);

CREATE INDEX ledger_approval_of_content ON ledger_approval USING btree (ledger_id, content);

CREATE TABLE ledger_rejection (
  ledger_id bigint NOT NULL,
  key text COLLATE "C" NOT NULL,
  content bytea NOT NULL,
  problem text NOT NULL,
  maker text COLLATE "C" NOT NULL,
  recorded_us bigint NOT NULL,
  CONSTRAINT ledger_rejection_pkey PRIMARY KEY (ledger_id, key),
  CONSTRAINT ledger_rejection_ledger FOREIGN KEY (ledger_id) REFERENCES ledger_ledger(id),
  CONSTRAINT ledger_rejection_content CHECK (length(content) = 32),
  CONSTRAINT ledger_rejection_maker CHECK (length(maker) >= 1 AND length(maker) <= 40)
);

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  RAISE EXCEPTION 'koga: % on %: the books are append-only', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'check_violation';
END $$;

-- A posting belongs to an entry that is not sealed yet, in a ledger this transaction has locked.
CREATE FUNCTION ledger_posting_open() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
  ledgers bigint;
  locked bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'koga: posting needs the isolation read committed'
      USING ERRCODE = 'check_violation';
  END IF;
  SELECT count(DISTINCT ledger_id) INTO ledgers FROM fresh;
  UPDATE ledger_head h SET open_seq = greatest(h.open_seq, f.last)
    FROM (SELECT ledger_id, min(seq) AS first, max(seq) AS last FROM fresh GROUP BY 1) f
    WHERE h.ledger_id = f.ledger_id AND f.first > h.seq;
  GET DIAGNOSTICS locked = ROW_COUNT;
  IF locked <> ledgers THEN
    RAISE EXCEPTION 'koga: the entry is sealed' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT account_id, commodity, ledger_id FROM fresh) f
             WHERE NOT EXISTS (SELECT 1 FROM ledger_account a
                               WHERE a.id = f.account_id AND a.commodity = f.commodity
                                 AND a.ledger_id = f.ledger_id)) THEN
    RAISE EXCEPTION 'koga: no such account in this ledger and commodity'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

-- The header is the seal; all headers of a statement are judged together, ledger by ledger.
CREATE FUNCTION ledger_entry_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
  part record;
  wrong text;
BEGIN
  FOR part IN SELECT ledger_id, min(seq) AS first, max(seq) AS last,
                     bool_or(reverses IS NOT NULL) AS reversing, bool_or(checker <> '') AS checked
              FROM fresh GROUP BY ledger_id
  LOOP
    wrong := ledger_misplaced(part.ledger_id, part.first, part.last);
    IF wrong IS NULL THEN
      wrong := ledger_unbalanced(part.ledger_id, part.first, part.last);
    END IF;
    IF wrong IS NULL AND EXISTS (
      SELECT 1 FROM ledger_entry WHERE ledger_id = part.ledger_id
        AND seq BETWEEN part.first AND part.last
        AND effective_date <= (SELECT max(through) FROM ledger_closing
                               WHERE ledger_id = part.ledger_id)
    ) THEN
      wrong := 'the period is closed';
    END IF;
    IF wrong IS NULL AND EXISTS (
      SELECT 1 FROM ledger_entry e JOIN ledger_rejection USING (ledger_id, key)
      WHERE e.ledger_id = part.ledger_id AND e.seq BETWEEN part.first AND part.last
    ) THEN
      wrong := 'the key was rejected';
    END IF;
    IF wrong IS NULL AND part.checked THEN
      wrong := ledger_unapproved(part.ledger_id, part.first, part.last);
    END IF;
    IF wrong IS NULL AND part.reversing THEN
      wrong := ledger_not_reverse(part.ledger_id, part.first, part.last);
    END IF;
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'koga: %', wrong USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_head h SET seq = e.seq, recorded_us = e.recorded_us, chain = e.chain
      FROM ledger_entry e
      WHERE h.ledger_id = part.ledger_id AND e.ledger_id = h.ledger_id AND e.seq = part.last;
    UPDATE ledger_balance b SET amount = b.amount + change.amount
      FROM (SELECT account_id, sum(amount) AS amount FROM ledger_posting
            WHERE ledger_id = part.ledger_id AND seq BETWEEN part.first AND part.last
              AND EXISTS (SELECT 1 FROM ledger_balance)
            GROUP BY account_id) change
      WHERE b.account_id = change.account_id;
  END LOOP;
  RETURN NULL;
END $$;

-- Entries follow the head without a gap, each carrying the hash of the one before, time moving on.
CREATE FUNCTION ledger_misplaced(ledger bigint, first bigint, last bigint) RETURNS text
LANGUAGE plpgsql SET search_path TO 'public', 'pg_temp'
SET enable_seqscan TO 'off' SET enable_nestloop TO 'off' AS $$
BEGIN
  IF first IS DISTINCT FROM 1 + (SELECT seq FROM ledger_head WHERE ledger_id = ledger) OR EXISTS (
    SELECT 1 FROM (
      SELECT seq, previous, recorded_us, lag(seq) OVER w AS seq_before,
             lag(chain) OVER w AS chain_before, lag(recorded_us) OVER w AS us_before
      FROM ledger_entry WHERE ledger_id = ledger AND seq BETWEEN first - 1 AND last
      WINDOW w AS (ORDER BY seq)) e
    WHERE e.seq >= first
      AND NOT (e.seq = 1 AND e.previous = decode(repeat('00', 32), 'hex'))
      AND (e.seq_before = e.seq - 1 AND e.chain_before = e.previous
           AND e.us_before < e.recorded_us) IS NOT TRUE
  ) THEN
    RETURN 'the entry does not follow the one before';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_unbalanced(ledger bigint, first bigint, last bigint) RETURNS text
LANGUAGE plpgsql SET search_path TO 'public', 'pg_temp'
SET enable_seqscan TO 'off' SET enable_nestloop TO 'off' AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM ledger_entry e LEFT JOIN (
      SELECT seq, count(*) AS lines, max(line) AS last_line, min(effective_date) AS first_day,
             max(effective_date) AS last_day
      FROM ledger_posting WHERE ledger_id = ledger AND seq BETWEEN first AND last GROUP BY seq
    ) p USING (seq)
    WHERE e.ledger_id = ledger AND e.seq BETWEEN first AND last
      AND (p.lines = e.postings AND p.last_line = e.postings
           AND p.first_day = e.effective_date AND p.last_day = e.effective_date) IS NOT TRUE
  ) THEN
    RETURN 'the postings are not those of the header';
  END IF;
  IF EXISTS (
    SELECT 1 FROM ledger_posting WHERE ledger_id = ledger AND seq BETWEEN first AND last
    GROUP BY seq, commodity HAVING sum(amount) <> 0
  ) THEN
    RETURN 'the entry does not balance';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_unapproved(ledger bigint, first bigint, last bigint) RETURNS text
LANGUAGE plpgsql SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM ledger_entry e
    WHERE e.ledger_id = ledger AND e.seq BETWEEN first AND last AND e.checker <> ''
      AND NOT EXISTS (SELECT 1 FROM ledger_approval a
                      WHERE a.ledger_id = ledger AND a.content = e.content
                        AND a.verdict = 'approved' AND a.maker = e.maker
                        AND a.checker = e.checker)
  ) THEN
    RETURN 'no approval of this content';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_not_reverse(ledger bigint, first bigint, last bigint) RETURNS text
LANGUAGE plpgsql SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM ledger_entry e JOIN ledger_entry o
      ON o.ledger_id = ledger AND o.seq = e.reverses
    WHERE e.ledger_id = ledger AND e.seq BETWEEN first AND last
      AND (e.postings <> o.postings OR e.postings <> (
        SELECT count(*) FROM ledger_posting f JOIN ledger_posting p
          ON p.ledger_id = ledger AND p.seq = e.reverses AND p.line = f.line
         AND p.account_id = f.account_id AND p.amount = -f.amount
        WHERE f.ledger_id = ledger AND f.seq = e.seq))
  ) THEN
    RETURN 'not the exact reverse';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_ledger_opens() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  INSERT INTO ledger_head (ledger_id, seq, recorded_us, chain, open_seq)
    VALUES (NEW.id, 0, 0, decode(repeat('00', 32), 'hex'), 0);
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_head_starts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF NEW.seq <> 0 OR EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_id = NEW.ledger_id) THEN
    RAISE EXCEPTION 'koga: a head starts once, at 0' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_head_follows() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF NEW.ledger_id = OLD.ledger_id AND NEW.seq = OLD.seq AND NEW.chain = OLD.chain
    AND NEW.recorded_us = OLD.recorded_us AND NEW.open_seq >= OLD.open_seq
  THEN
    RETURN NEW;
  END IF;
  IF NEW.ledger_id <> OLD.ledger_id OR NEW.seq <= OLD.seq OR NEW.open_seq <> OLD.open_seq
    OR NOT EXISTS (
    SELECT 1 FROM ledger_entry WHERE ledger_id = NEW.ledger_id AND seq = NEW.seq
      AND chain = NEW.chain AND recorded_us = NEW.recorded_us
  ) THEN
    RAISE EXCEPTION 'koga: a head only follows the entries' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- At commit: everything posted for has been sealed.
CREATE FUNCTION ledger_head_sealed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM ledger_head WHERE ledger_id = NEW.ledger_id AND open_seq > seq) THEN
    RAISE EXCEPTION 'koga: postings without a header' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_closing_forward() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  PERFORM 1 FROM ledger_head WHERE ledger_id = NEW.ledger_id FOR UPDATE;
  IF NEW.through <= (SELECT max(through) FROM ledger_closing WHERE ledger_id = NEW.ledger_id)
    OR NEW.after_seq <> (SELECT seq FROM ledger_head WHERE ledger_id = NEW.ledger_id)
  THEN
    RAISE EXCEPTION 'koga: a closing goes beyond the one before'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_limit_next() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
DECLARE
  head bigint;
BEGIN
  SELECT h.seq INTO head FROM ledger_head h JOIN ledger_account a USING (ledger_id)
    WHERE a.id = NEW.account_id FOR UPDATE OF h;
  IF NEW.after_seq <> head OR NEW.number <> 1 + coalesce(
    (SELECT max(number) FROM ledger_limit WHERE account_id = NEW.account_id), 0)
  THEN
    RAISE EXCEPTION 'koga: a limit follows the one before' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_limit_applies() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  UPDATE ledger_balance SET floor = NEW.floor, ceiling = NEW.ceiling
    WHERE account_id = NEW.account_id;
  IF NOT FOUND THEN
    INSERT INTO ledger_balance (account_id, amount, floor, ceiling)
      SELECT NEW.account_id, coalesce(sum(amount), 0), NEW.floor, NEW.ceiling
      FROM ledger_posting WHERE account_id = NEW.account_id;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION ledger_balance_limit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.account_id <> OLD.account_id OR NOT EXISTS (
    SELECT 1 FROM ledger_limit l WHERE l.account_id = NEW.account_id
      AND l.number = (SELECT max(number) FROM ledger_limit WHERE account_id = NEW.account_id)
      AND l.floor IS NOT DISTINCT FROM NEW.floor AND l.ceiling IS NOT DISTINCT FROM NEW.ceiling
  ) THEN
    RAISE EXCEPTION 'koga: a limit changes by an event only' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_approval_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_draft WHERE id = NEW.draft_id AND ledger_id = NEW.ledger_id
      AND content = NEW.content AND maker = NEW.maker
  ) THEN
    RAISE EXCEPTION 'koga: an approval is of a draft as it stands'
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION ledger_rejection_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path TO 'public', 'pg_temp' AS $$
BEGIN
  PERFORM 1 FROM ledger_head WHERE ledger_id = NEW.ledger_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM ledger_entry WHERE ledger_id = NEW.ledger_id AND key = NEW.key) THEN
    RAISE EXCEPTION 'koga: the key has an outcome' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER ledger_posting_open AFTER INSERT ON ledger_posting REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_posting_open();

CREATE TRIGGER ledger_entry_seal AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS fresh FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_entry_seal();

CREATE TRIGGER ledger_ledger_opens AFTER INSERT ON ledger_ledger FOR EACH ROW EXECUTE FUNCTION
  ledger_ledger_opens();

CREATE TRIGGER ledger_head_starts BEFORE INSERT ON ledger_head FOR EACH ROW EXECUTE FUNCTION
  ledger_head_starts();

CREATE TRIGGER ledger_head_follows BEFORE UPDATE ON ledger_head FOR EACH ROW EXECUTE FUNCTION
  ledger_head_follows();

CREATE TRIGGER ledger_closing_forward BEFORE INSERT ON ledger_closing FOR EACH ROW EXECUTE
  FUNCTION ledger_closing_forward();

CREATE TRIGGER ledger_limit_next BEFORE INSERT ON ledger_limit FOR EACH ROW EXECUTE FUNCTION
  ledger_limit_next();

CREATE TRIGGER ledger_limit_applies AFTER INSERT ON ledger_limit FOR EACH ROW EXECUTE FUNCTION
  ledger_limit_applies();

CREATE TRIGGER ledger_balance_limit BEFORE INSERT OR UPDATE ON ledger_balance FOR EACH ROW
  EXECUTE FUNCTION ledger_balance_limit();

CREATE TRIGGER ledger_approval_fits BEFORE INSERT ON ledger_approval FOR EACH ROW EXECUTE
  FUNCTION ledger_approval_fits();

CREATE TRIGGER ledger_rejection_once BEFORE INSERT ON ledger_rejection FOR EACH ROW EXECUTE
  FUNCTION ledger_rejection_once();

CREATE CONSTRAINT TRIGGER ledger_head_sealed AFTER UPDATE ON ledger_head DEFERRABLE INITIALLY
  DEFERRED FOR EACH ROW WHEN (new.open_seq > new.seq) EXECUTE FUNCTION ledger_head_sealed();

CREATE TRIGGER ledger_ledger_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_ledger FOR EACH
  STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_commodity_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_commodity FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_account_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_account FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_entry_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_entry FOR EACH
  STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_posting_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_posting FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_closing_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_closing FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_limit_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_limit FOR EACH
  STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_draft_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_draft FOR EACH
  STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_approval_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_approval FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_rejection_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger_rejection FOR
  EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_head_kept BEFORE DELETE OR TRUNCATE ON ledger_head FOR EACH STATEMENT
  EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_balance_kept BEFORE DELETE OR TRUNCATE ON ledger_balance FOR EACH
  STATEMENT EXECUTE FUNCTION ledger_refuse();
