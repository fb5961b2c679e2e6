"""The database itself refuses to change or delete a signed statement, its lines and promises."""

from typing import Any

from django.db import migrations

CHILDREN = ("publish_statementline", "publish_statementpromise")
REFUSAL = "a signed statement never changes"

_SQLITE = """
CREATE TRIGGER publish_signed_update BEFORE UPDATE ON publish_statement
WHEN OLD.state = 'signed' BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
CREATE TRIGGER publish_signed_delete BEFORE DELETE ON publish_statement
WHEN OLD.state = 'signed' BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
CREATE TRIGGER publish_signed_replace BEFORE INSERT ON publish_statement
WHEN EXISTS (SELECT 1 FROM publish_statement s WHERE s.state = 'signed' AND (s.id = NEW.id
  OR (s.agency_id = NEW.agency_id AND s.period = NEW.period AND s.version = NEW.version)))
BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
"""
_SQLITE_CHILD = """
CREATE TRIGGER {table}_signed_insert BEFORE INSERT ON {table}
WHEN 'signed' = (SELECT state FROM publish_statement WHERE id = NEW.statement_id)
  OR 'signed' = (SELECT s.state FROM {table} c JOIN publish_statement s ON s.id = c.statement_id
                 WHERE c.id = NEW.id)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
CREATE TRIGGER {table}_signed_update BEFORE UPDATE ON {table}
WHEN EXISTS (SELECT 1 FROM publish_statement
             WHERE id IN (OLD.statement_id, NEW.statement_id) AND state = 'signed')
BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
CREATE TRIGGER {table}_signed_delete BEFORE DELETE ON {table}
WHEN 'signed' = (SELECT state FROM publish_statement WHERE id = OLD.statement_id)
BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
"""
_POSTGRESQL = """
CREATE FUNCTION publish_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF OLD.state = 'signed' THEN RAISE EXCEPTION '{refusal}'; END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION publish_keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM publish_statement
      WHERE id = OLD.statement_id AND state = 'signed') THEN
    RAISE EXCEPTION '{refusal}';
  END IF;
  IF TG_OP <> 'DELETE' AND EXISTS (SELECT 1 FROM publish_statement
      WHERE id = NEW.statement_id AND state = 'signed') THEN
    RAISE EXCEPTION '{refusal}';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION publish_keep_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM publish_statement WHERE state = 'signed') THEN
    RAISE EXCEPTION '{refusal}';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER publish_signed BEFORE UPDATE OR DELETE ON publish_statement
  FOR EACH ROW EXECUTE FUNCTION publish_keep_signed();
CREATE TRIGGER publish_signed_truncate BEFORE TRUNCATE ON publish_statement
  FOR EACH STATEMENT EXECUTE FUNCTION publish_keep_all();
"""
_POSTGRESQL_CHILD = """
CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION publish_keep_rows();
CREATE TRIGGER {table}_signed_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION publish_keep_all();
"""


def statements(vendor: str) -> list[str]:
    """The guards of an engine; SQLite takes one statement at a time."""
    head, child = {
        "sqlite": (_SQLITE, _SQLITE_CHILD),
        "postgresql": (_POSTGRESQL, _POSTGRESQL_CHILD),
    }[vendor]
    whole = head + "".join(child.replace("{table}", table) for table in CHILDREN)
    text = whole.replace("{refusal}", REFUSAL).strip()
    if vendor == "postgresql":
        return [text]
    return [f"{part} END" for part in text.split("END;") if part.strip()]


def install(apps: Any, schema_editor: Any) -> None:
    """Add the guards of the engine at hand."""
    with schema_editor.connection.cursor() as cursor:
        for statement in statements(schema_editor.connection.vendor):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("publish", "0001_statements")]
    operations = [migrations.RunPython(install)]
