"""The books' tables and guards, from the schema file of the engine at hand."""

from typing import Any

from django.db import migrations, models

from koga.operate.ledger import guards


def install(apps: Any, schema_editor: Any) -> None:
    """Run the schema file; the models below describe its tables for reading only."""
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunPython(install),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=120)),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=200)),
                ("body", models.TextField()),
                ("content", models.BinaryField()),
                ("maker", models.CharField(max_length=40)),
                ("recorded_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger_id",
                        "through",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("through", models.DateField()),
                ("after_seq", models.BigIntegerField()),
                ("actor", models.CharField(max_length=40)),
                ("recorded_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Commodity",
            fields=[
                ("code", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("scale", models.SmallIntegerField()),
                ("kind", models.CharField(max_length=20)),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger_id",
                        "seq",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=40)),
                ("effective_date", models.DateField()),
                ("recorded_us", models.BigIntegerField()),
                ("reference", models.CharField(max_length=200)),
                ("reverses", models.BigIntegerField(null=True)),
                ("relates_to", models.CharField(max_length=7)),
                ("maker", models.CharField(max_length=40)),
                ("checker", models.CharField(max_length=40)),
                ("postings", models.IntegerField()),
                ("content", models.BinaryField()),
                ("previous", models.BinaryField()),
                ("chain", models.BinaryField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Ledger",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=60, unique=True)),
                ("opened_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "account_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.IntegerField()),
                ("floor", models.BigIntegerField(null=True)),
                ("ceiling", models.BigIntegerField(null=True)),
                ("after_seq", models.BigIntegerField()),
                ("actor", models.CharField(max_length=40)),
                ("recorded_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger_id",
                        "seq",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("line", models.IntegerField()),
                ("commodity", models.CharField(max_length=30)),
                ("amount", models.BigIntegerField()),
                ("effective_date", models.DateField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Rejection",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "ledger_id",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                ("problem", models.TextField()),
                ("maker", models.CharField(max_length=40)),
                ("recorded_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("amount", models.BigIntegerField()),
                ("floor", models.BigIntegerField(null=True)),
                ("ceiling", models.BigIntegerField(null=True)),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "draft",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="ledger.draft",
                    ),
                ),
                ("content", models.BinaryField()),
                ("verdict", models.CharField(max_length=10)),
                ("maker", models.CharField(max_length=40)),
                ("checker", models.CharField(max_length=40)),
                ("recorded_us", models.BigIntegerField()),
            ],
            options={
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                (
                    "ledger",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="ledger.ledger",
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("recorded_us", models.BigIntegerField()),
                ("chain", models.BinaryField()),
            ],
            options={
                "managed": False,
            },
        ),
    ]
