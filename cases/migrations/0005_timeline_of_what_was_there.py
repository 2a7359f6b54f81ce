"""Notes and first people of older cases get their lines in the timeline, and a case the flag of its request.

Under forced row security the owner sees no row: reads and writes go as the definer, and the counts are compared.
"""

from django.conf import settings
from django.db import migrations

ENTRIES = """
INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
SELECT gen_random_uuid(), n.case_id, n.type, n.id, '', n.written_at, n.written_by_id FROM cases_note n
UNION ALL
SELECT gen_random_uuid(), c.id, 'state', NULL, 'opened', c.opened_at, c.opened_by_id FROM cases_case c
"""
FLAGS = """
UPDATE cases_case c SET minor = r.minor FROM cases_helprequest r WHERE r.id = c.request_id
"""
TABLES = ("cases_note", "cases_case", "cases_helprequest", "cases_timelineentry")


def fill(apps, schema_editor) -> None:
    name = schema_editor.quote_name(f"{settings.DATABASE_ROLE_PREFIX}_definer")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'cases_note', 'SELECT')", [name.strip('"')])
        if cursor.fetchone() != (True,):
            return  # a new database: nothing was ever written
        cursor.execute(f"GRANT ALL ON cases_timelineentry TO {name}")
        cursor.execute(f"SET LOCAL ROLE {name}")
        cursor.execute("SELECT (SELECT count(*) FROM cases_note) + (SELECT count(*) FROM cases_case)")
        (wanted,) = cursor.fetchone()
        cursor.execute(ENTRIES)
        if cursor.rowcount != wanted:
            raise RuntimeError(f"{cursor.rowcount} lines of the timeline instead of {wanted}")
        cursor.execute(FLAGS)
        cursor.execute("RESET ROLE")


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_the_working_day")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
