import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0003_alerts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Restatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("date", models.DateField(db_index=True)),
                (
                    "what",
                    models.CharField(
                        choices=[("used", "Used"), ("credits", "Covered by credits")], max_length=10
                    ),
                ),
                ("currency", models.CharField(max_length=10)),
                ("before", models.DecimalField(decimal_places=10, max_digits=20)),
                ("after", models.DecimalField(decimal_places=10, max_digits=20)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-at", "-date", "what"],
            },
        ),
    ]
