"""Indices for what is asked most. On a big outbox or audit log each takes a moment, in which nothing
can be written there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0007_audit_origin"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["about"], name="notice_about"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                fields=["about"], condition=models.Q(failure_code="refused"), name="notice_refused"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["kind", "key"], name="notice_kind_key"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["at"], name="auditevent_at"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor"], name="auditevent_actor"),
        ),
    ]
