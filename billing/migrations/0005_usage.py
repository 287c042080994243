from decimal import Decimal

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_restatements"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("next_try_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("lease", models.CharField(blank=True, max_length=32)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("failure_code", models.CharField(blank=True, max_length=100)),
                ("last_error", models.TextField(blank=True)),
                ("is_quarantined", models.BooleanField(default=False)),
                ("bucket", models.CharField(max_length=63)),
                ("key", models.CharField(max_length=1024)),
                ("etag", models.CharField(max_length=100)),
                ("account_id", models.CharField(max_length=12)),
                ("region", models.CharField(max_length=32)),
                ("report_date", models.DateField()),
                ("client", models.CharField(max_length=40)),
                ("written_at", models.DateTimeField()),
                ("size", models.PositiveBigIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("read", "Read"),
                            ("replaced", "Replaced by a newer export"),
                            ("refused", "Refused"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("bad_rows", models.PositiveIntegerField(default=0)),
                ("first_day", models.DateField(blank=True, null=True)),
                ("last_day", models.DateField(blank=True, null=True)),
                ("is_summed", models.BooleanField(default=True)),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["report_date", "client", "written_at", "pk"],
                "indexes": [
                    models.Index(fields=["report_date", "client"], name="report_file_of_day")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("bucket", "key"), name="report_file_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("column", models.CharField(blank=True, max_length=100)),
                ("text", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(max_length=200)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="billing.reportfile",
                    ),
                ),
            ],
            options={
                "ordering": ["file", "row", "pk"],
            },
        ),
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("directory_user_id", models.CharField(max_length=100)),
                ("client", models.CharField(max_length=40)),
                ("tier", models.CharField(blank=True, max_length=40)),
                ("tier_text", models.CharField(blank=True, max_length=100)),
                ("conversations", models.IntegerField(default=0)),
                ("messages", models.IntegerField(default=0)),
                (
                    "credits_used",
                    models.DecimalField(decimal_places=6, default=Decimal(0), max_digits=20),
                ),
                (
                    "overage_credits_used",
                    models.DecimalField(decimal_places=6, default=Decimal(0), max_digits=20),
                ),
                (
                    "overage_cap",
                    models.DecimalField(blank=True, decimal_places=6, max_digits=20, null=True),
                ),
                ("overage_enabled", models.BooleanField(blank=True, null=True)),
                ("new_user", models.BooleanField(blank=True, null=True)),
                ("profile_id", models.CharField(blank=True, max_length=200)),
                ("report_email", models.EmailField(blank=True, max_length=254)),
                ("model_messages", models.JSONField(blank=True, default=dict)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="billing.reportfile",
                    ),
                ),
            ],
            options={
                "ordering": ["day", "directory_user_id", "client"],
                "indexes": [
                    models.Index(fields=["directory_user_id", "day"], name="usage_of_user"),
                    models.Index(
                        condition=models.Q(("report_email", ""), _negated=True),
                        fields=["directory_user_id"],
                        name="usage_with_email",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "client", "directory_user_id"), name="usage_day_once"
                    )
                ],
            },
        ),
    ]
