"""Guards on PostgreSQL: the schema file against the server's own printing of what it holds."""

import re
from collections.abc import Iterator, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

SETTINGS = {
    "session_replication_role": ("origin",),
    "synchronous_commit": ("on", "local", "remote_write", "remote_apply"),
    "fsync": ("on",),
    "full_page_writes": ("on",),
}
"""Settings without which triggers sleep or an acknowledged entry could be lost."""

_BODY = re.compile(r"(.*?) AS \$\$(.*)\$\$", re.DOTALL)
_BLANKS = re.compile(r"\s+")

_COLUMNS = """
    SELECT c.relname || '.' || a.attname,
           a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
           || CASE WHEN l.collname = 'C' THEN ' COLLATE "C"' ELSE '' END
           || CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE '' END
           || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p'
      AND c.relname LIKE 'ledger\\_%' AND a.attnum > 0 AND NOT a.attisdropped"""
_CONSTRAINTS = """
    SELECT conname, 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid, true)
    FROM pg_constraint
    WHERE conrelid IN (SELECT oid FROM pg_class
                       WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'ledger\\_%')
      AND contype IN ('p', 'u', 'c', 'f') AND convalidated"""
_INDEXES = """
    SELECT 'index ' || indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename LIKE 'ledger\\_%'"""
_FUNCTIONS = """
    SELECT p.proname, l.lanname || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
           || coalesce(' SET ' || array_to_string(p.proconfig, ' SET '), ''), p.prosrc
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'ledger\\_%'"""
_TRIGGERS = """
    SELECT t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled = 'O', t.tgisinternal
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'ledger\\_%'"""
_RULES = """
    SELECT r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'ledger\\_%'
      AND c.relkind = 'r'"""


def statements(text: str) -> tuple[str, ...]:
    """The statements of the schema file, one `CREATE` each."""
    without_comments = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    parts = re.split(r"^(?=CREATE )", without_comments, flags=re.MULTILINE)
    return tuple(part.strip().removesuffix(";") for part in parts if part.strip())


def broken(connection: BaseDatabaseWrapper, expected: Sequence[str]) -> list[str]:
    """Names of guards that are missing, altered or switched off, and settings that are unsafe."""
    with connection.cursor() as cursor:

        def rows(query: str) -> list[tuple[str, ...]]:
            cursor.execute(query.replace("%", "%%"), [])
            return cursor.fetchall()

        present = {
            name: _printed(text)
            for query in (_COLUMNS, _CONSTRAINTS, _INDEXES)
            for name, text in rows(query)
        }
        for name, header, body in rows(_FUNCTIONS):
            present[f"{name}()"] = _printed(f"{header} {body}")
        wrong = [rule for (rule,) in rows(_RULES)]
        wanted = dict(_wanted(expected))
        for name, text, enabled, internal in rows(_TRIGGERS):
            present[f"trigger {name}"] = _printed(text)
            if not enabled or not (internal or f"trigger {name}" in wanted):
                wrong.append(name)
        for name, allowed in SETTINGS.items():
            cursor.execute("SELECT current_setting(%s)", [name])
            value = cursor.fetchone()[0]
            if value not in allowed:
                wrong.append(f"{name}={value}")
    wrong += [name for name, text in wanted.items() if present.get(name) != text]
    return sorted(set(wrong))


def _wanted(expected: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every guard of the schema file by name, printed as the server prints it."""
    for statement in expected:
        words = statement.split(None, 4)
        kind = words[2] if words[1] in ("UNIQUE", "CONSTRAINT") else words[1]
        name = words[3] if words[1] in ("UNIQUE", "CONSTRAINT") else words[2]
        if kind == "TABLE":
            yield from _wanted_of_table(name, statement)
        elif kind == "FUNCTION":
            yield _wanted_function(name.partition("(")[0], statement)
        else:
            yield f"{kind.lower()} {name}", _printed(statement)


def _wanted_of_table(table: str, statement: str) -> Iterator[tuple[str, str]]:
    for line in re.split(r",\n", statement.partition("(\n")[2].rpartition("\n)")[0]):
        text = _printed(line)
        first, second = text.split(" ", 2)[:2]
        yield (second, text) if first == "CONSTRAINT" else (f"{table}.{first}", text)


def _wanted_function(name: str, statement: str) -> tuple[str, str]:
    match = _BODY.fullmatch(statement)
    if match is None:
        raise AssertionError(f"{name}: a function of the schema file needs a $$ body")
    header, body = _printed(match[1]), match[2]
    definer = " SECURITY DEFINER" if "SECURITY DEFINER" in header else ""
    settings = "".join(
        f" SET {setting}={value}"
        for setting, value in re.findall(r"SET (\w+) TO ((?:'[^']*'(?:, )?)+)", header)
    )
    return f"{name}()", _printed(f"plpgsql{definer}{settings} {body}")


def _printed(text: str) -> str:
    """Text as compared: one blank between words, no schema, no quotes around plain settings."""
    plain = _BLANKS.sub(" ", text).strip().replace("public.", "")
    return re.sub(r"=(['\"]?)(\w+)\1(?:, (['\"]?)(\w+)\3)?(?= )", _setting, plain, count=4)


def _setting(match: re.Match[str]) -> str:
    return "=" + ", ".join(value for value in (match[2], match[4]) if value)
