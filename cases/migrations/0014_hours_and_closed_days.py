"""Days on which the helpline is closed; opening hours may be empty.

Under forced row security the owner may not write the hours of a database in use: the two rows are added as the definer.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

WEEKEND = "INSERT INTO cases_openinghours (weekday) VALUES (5), (6) ON CONFLICT DO NOTHING"


def closed_at_weekends(apps, schema_editor) -> None:
    name = schema_editor.quote_name(f"{settings.DATABASE_ROLE_PREFIX}_definer")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT relforcerowsecurity FROM pg_class WHERE oid = 'cases_openinghours'::regclass")
        (in_use,) = cursor.fetchone()
        if in_use:
            cursor.execute(f"SET LOCAL ROLE {name}")
        cursor.execute(WEEKEND)
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_who_carries_what"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("noted_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name="openinghours",
            name="closes_at",
            field=models.TimeField(null=True),
        ),
        migrations.AlterField(
            model_name="openinghours",
            name="opens_at",
            field=models.TimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="openinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes_at__isnull", True), ("opens_at__isnull", True)),
                    ("opens_at__lt", models.F("closes_at")),
                    _connector="OR",
                ),
                name="hours_are_a_pair",
            ),
        ),
        migrations.AddField(
            model_name="closedday",
            name="noted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="closedday",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)), fields=("day",), name="a_day_is_closed_once"
            ),
        ),
        migrations.RunPython(closed_at_weekends, migrations.RunPython.noop),
    ]
