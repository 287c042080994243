import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0002_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Preview"),
                            ("confirmed", "Being added"),
                            ("added", "Added"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("source", models.CharField(max_length=200)),
                ("read_as", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("listing_token", models.TextField(blank=True)),
                ("listed_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("key", models.CharField(blank=True, max_length=80)),
                ("is_paused", models.BooleanField(default=False)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
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
            name="ImportRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("email", models.CharField(blank=True, max_length=300)),
                ("given_name", models.CharField(blank=True, max_length=300)),
                ("family_name", models.CharField(blank=True, max_length=300)),
                ("plan_text", models.CharField(blank=True, max_length=300)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("adopt", "In Identity Center already"),
                            ("member", "Already a member"),
                            ("twice", "Twice in this file"),
                            ("unknown-plan", "Unknown plan"),
                            ("invalid", "Invalid"),
                            ("taken", "Belongs to someone else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("directory_user_id", models.CharField(blank=True, max_length=100)),
                ("directory_user_name", models.CharField(blank=True, max_length=128)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="onboarding.importbatch",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="import_rows",
                        to="onboarding.member",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="onboarding.plan",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("key",),
                name="import_confirmed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("uploaded_by", "digest"),
                name="import_drafted_once_a_founder",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(
                fields=("batch", "number"), name="import_row_number_once"
            ),
        ),
    ]
