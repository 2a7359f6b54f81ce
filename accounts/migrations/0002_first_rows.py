"""Tables that are never dumped, and the rows that must be there before the first person."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE accounts_unlockedkey SET UNLOGGED",
                "ALTER TABLE accounts_throttle SET UNLOGGED",
                "INSERT INTO accounts_audithead (id, sequence, hash) VALUES (1, 0, sha256('sidro'))",
            ],
            migrations.RunSQL.noop,
        )
    ]
