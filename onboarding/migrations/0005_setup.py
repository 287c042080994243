import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0004_drift"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SetupTick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fact",
                    models.CharField(
                        choices=[
                            ("permission-sets", "Permission sets looked at"),
                            ("email-otp", "Send email OTP is on"),
                            ("group-subscribed", "The seat group is subscribed"),
                            ("application-approved", "The Kiro application is approved"),
                        ],
                        max_length=20,
                        unique=True,
                    ),
                ),
                ("about", models.CharField(blank=True, max_length=100)),
                ("ticked_by_name", models.CharField(max_length=254)),
                ("ticked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "ticked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnknownError",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "sent_by",
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
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="SetupRun",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("look", "Look at AWS"),
                            ("connect", "Connect"),
                            ("preflight", "Preflight"),
                        ],
                        max_length=10,
                    ),
                ),
                ("asked", models.JSONField(default=dict)),
                ("found", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("under-way", "Under way"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="under-way",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                (
                    "asked_by",
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
                "verbose_name_plural": "set-up jobs",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["kind", "-id"], name="setup_run_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "under-way")),
                        fields=("kind",),
                        name="setup_run_one_of_a_kind",
                    )
                ],
            },
        ),
    ]
