"""Opening hours to begin with: Monday to Friday, nine to five. The administrator changes them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "INSERT INTO cases_openinghours (weekday, opens_at, closes_at)"
            " SELECT day, '09:00', '17:00' FROM generate_series(0, 4) day",
            migrations.RunSQL.noop,
        )
    ]
