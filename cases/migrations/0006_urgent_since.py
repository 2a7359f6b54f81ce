import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_timeline_of_what_was_there")]

    operations = [
        migrations.AddField(
            model_name="helprequest",
            name="urgent_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True), ("state", "new"), ("urgent_since__isnull", False)),
                fields=["urgent_since"],
                name="request_climbing",
            ),
        ),
        migrations.RemoveConstraint(model_name="alert", name="an_alert_fires_once"),
        migrations.AddField(
            model_name="alert",
            name="since",
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                fields=("request", "since", "rung", "recipient"), name="an_alert_fires_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                fields=("on_call", "starts_at", "ends_at"),
                name="a_shift_stands_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at__isnull", True)),
                fields=("user", "from_on", "until_on"),
                name="days_away_stand_once",
            ),
        ),
    ]
