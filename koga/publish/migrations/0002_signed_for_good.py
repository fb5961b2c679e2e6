"""The database itself refuses to change or delete a signed statement, its lines and promises."""

from typing import Any

from django.db import migrations

CHILDREN = ("publish_statementline", "publish_statementpromise")
REFUSAL = "a signed statement never changes"


def _sqlite() -> list[str]:
    made = [
        f"CREATE TRIGGER publish_signed_{act.lower()} BEFORE {act} ON publish_statement "
        f"WHEN OLD.state = 'signed' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in ("UPDATE", "DELETE")
    ]
    for table in CHILDREN:
        for act, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            made.append(
                f"CREATE TRIGGER {table}_signed_{act.lower()} BEFORE {act} ON {table} "  # noqa: S608
                f"WHEN (SELECT state FROM publish_statement WHERE id = {row}.statement_id) "
                f"= 'signed' BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
    return made


def _postgresql() -> list[str]:
    made = [
        "CREATE FUNCTION publish_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.state = 'signed' THEN RAISE EXCEPTION '{REFUSAL}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE FUNCTION publish_keep_rows() RETURNS trigger LANGUAGE plpgsql AS $$ "  # noqa: S608
        "DECLARE owner bigint; BEGIN "
        "IF TG_OP = 'INSERT' THEN owner := NEW.statement_id; ELSE owner := OLD.statement_id; "
        "END IF; "
        "IF EXISTS (SELECT 1 FROM publish_statement WHERE id = owner AND state = 'signed') "
        f"THEN RAISE EXCEPTION '{REFUSAL}'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER publish_signed BEFORE UPDATE OR DELETE ON publish_statement "
        "FOR EACH ROW EXECUTE FUNCTION publish_keep_signed()",
    ]
    made += [
        f"CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION publish_keep_rows()"
        for table in CHILDREN
    ]
    return made


def install(apps: Any, schema_editor: Any) -> None:
    """Add the guards of the engine at hand."""
    guards = {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor]
    with schema_editor.connection.cursor() as cursor:
        for statement in guards():
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("publish", "0001_statements")]
    operations = [migrations.RunPython(install)]
