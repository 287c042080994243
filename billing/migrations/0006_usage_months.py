import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0005_usage"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdleRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "after_days",
                    models.PositiveSmallIntegerField(
                        default=14,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(365),
                        ],
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(
                        default=7, validators=[django.core.validators.MaxValueValidator(365)]
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="idle_rules_are_one")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("directory_user_id", models.CharField(max_length=100)),
                ("credits_used", models.DecimalField(decimal_places=6, max_digits=22)),
                ("overage_credits_used", models.DecimalField(decimal_places=6, max_digits=22)),
                ("messages", models.BigIntegerField()),
                ("conversations", models.BigIntegerField()),
                ("active_days", models.PositiveSmallIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("clients", models.CharField(max_length=200)),
                ("tier", models.CharField(blank=True, max_length=40)),
                ("tier_text", models.CharField(blank=True, max_length=100)),
                ("report_email", models.EmailField(blank=True, max_length=254)),
            ],
            options={
                "ordering": ["-month", "directory_user_id"],
                "indexes": [
                    models.Index(fields=["directory_user_id", "month"], name="usage_months_of_user")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("month", "directory_user_id"), name="usage_month_once_a_person"
                    )
                ],
            },
        ),
    ]
