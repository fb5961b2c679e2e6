"""The database itself refuses to change or delete what was observed, received or registered."""

from typing import Any

from django.db import migrations

TABLES = (
    "outcomes_receipt",
    "outcomes_observation",
    "outcomes_application",
    "outcomes_registration",
)
REFUSAL = "rows of this table are added and never changed"

_SQLITE = (
    "CREATE TRIGGER {table}_update BEFORE UPDATE ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    "CREATE TRIGGER {table}_replace BEFORE INSERT ON {table} "
    "WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
)
_POSTGRESQL_ONCE = (
    "CREATE FUNCTION outcomes_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION '{refusal}'; END $$",
)
_POSTGRESQL = (
    "CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION outcomes_keep()",
    "CREATE TRIGGER {table}_kept_truncate BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION outcomes_keep()",
)


def statements(vendor: str) -> list[str]:
    """The guards of an engine, one statement each."""
    once, each = ((), _SQLITE) if vendor == "sqlite" else (_POSTGRESQL_ONCE, _POSTGRESQL)
    texts = [*once, *(text.replace("{table}", table) for table in TABLES for text in each)]
    return [text.replace("{refusal}", REFUSAL) for text in texts]


def install(apps: Any, schema_editor: Any) -> None:
    """Add the guards of the engine at hand."""
    with schema_editor.connection.cursor() as cursor:
        for statement in statements(schema_editor.connection.vendor):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial")]
    operations = [migrations.RunPython(install)]
