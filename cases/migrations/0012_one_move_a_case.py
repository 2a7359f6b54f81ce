"""One open wish a case. Where there are several, the oldest stays: lead or backup answers that one first.

Under forced row security the owner sees no row: the later ones are taken away as the definer.
"""

from django.conf import settings
from django.db import migrations, models

LATER = """
DELETE FROM cases_moverequest m USING cases_moverequest older
 WHERE m.state = 'open' AND older.state = 'open' AND older.case_id = m.case_id
   AND (older.asked_at, older.id) < (m.asked_at, m.id)
"""


def keep_the_oldest(apps, schema_editor) -> None:
    name = schema_editor.quote_name(f"{settings.DATABASE_ROLE_PREFIX}_definer")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'cases_moverequest', 'DELETE')", [name.strip('"')])
        if cursor.fetchone() != (True,):
            return  # a new database: nothing was ever written
        cursor.execute(f"SET LOCAL ROLE {name}")
        cursor.execute(LATER)
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_compartments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="moverequest", name="one_open_move"),
        migrations.RunPython(keep_the_oldest, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="moverequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("case",), name="one_open_move_a_case"
            ),
        ),
    ]
