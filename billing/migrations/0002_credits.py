import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditReading",
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
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("never", "Not yet"),
                            ("done", "Done"),
                            ("denied", "Not allowed"),
                            ("failed", "Failed"),
                        ],
                        default="never",
                        max_length=10,
                    ),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="credit_reading_is_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("credit_id", models.CharField(blank=True, max_length=64)),
                ("name", models.CharField(max_length=200)),
                (
                    "amount",
                    models.DecimalField(decimal_places=10, max_digits=20),
                ),
                ("currency", models.CharField(default="USD", max_length=10)),
                (
                    "left_amount",
                    models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True),
                ),
                ("left_on", models.DateField(blank=True, null=True)),
                ("starts_on", models.DateField()),
                ("expires_on", models.DateField(blank=True, null=True)),
                ("products", models.JSONField(default=list)),
                ("is_enabled", models.BooleanField(default=True)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "typed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": [
                    models.OrderBy(models.F("expires_on"), nulls_last=True),
                    "starts_on",
                    "pk",
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("credit_id", ""), _negated=True),
                        fields=("credit_id",),
                        name="credit_grant_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("left_amount", None), ("left_on", None)),
                            models.Q(("left_amount__isnull", False), ("left_on__isnull", False)),
                            _connector="OR",
                        ),
                        name="credit_grant_left_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_on", None),
                            ("expires_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="credit_grant_ends_after_start",
                    ),
                ],
            },
        ),
    ]
