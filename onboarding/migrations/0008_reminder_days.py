from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0007_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="remindersettings",
            name="first_after_days",
            field=models.PositiveSmallIntegerField(db_default=3, default=3),
        ),
        migrations.AddField(
            model_name="remindersettings",
            name="then_after_days",
            field=models.PositiveSmallIntegerField(db_default=7, default=7),
        ),
    ]
