import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("onboarding", "0003_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="directory_trouble",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not-connected", "AWS not connected"),
                    ("refused", "AWS refused"),
                    ("name-taken", "Name taken by someone else"),
                    ("keeps-failing", "Set-up keeps failing"),
                    ("mail-refused", "Mail refused"),
                    ("wrong-identity", "Wrong identity"),
                    ("wrong-plan", "Wrong plan"),
                    ("pays-twice", "Pays twice"),
                    ("seat-missing", "Seat not there"),
                    ("seat-lost", "Seat taken away"),
                    ("disabled", "Disabled in AWS"),
                    ("user-missing", "User gone from AWS"),
                    ("stuck", "No progress"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="member",
            name="trouble",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not-connected", "AWS not connected"),
                    ("refused", "AWS refused"),
                    ("name-taken", "Name taken by someone else"),
                    ("keeps-failing", "Set-up keeps failing"),
                    ("mail-refused", "Mail refused"),
                    ("wrong-identity", "Wrong identity"),
                    ("wrong-plan", "Wrong plan"),
                    ("pays-twice", "Pays twice"),
                    ("seat-missing", "Seat not there"),
                    ("seat-lost", "Seat taken away"),
                    ("disabled", "Disabled in AWS"),
                    ("user-missing", "User gone from AWS"),
                    ("stuck", "No progress"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="DirectoryCheck",
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
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
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
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("users", models.PositiveIntegerField(default=0)),
                ("seats", models.PositiveIntegerField(default=0)),
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
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "under-way")),
                        fields=("outcome",),
                        name="directory_check_one_under_way",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Drift",
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
                            ("missing", "User gone"),
                            ("disabled", "Disabled"),
                            ("out-of-group", "Seat taken away"),
                            ("wrong-group", "Other plan's seat"),
                            ("two-groups", "Two seats"),
                            ("email", "E-mail changed"),
                            ("name", "Name differs"),
                            ("stranger", "Unknown seat"),
                        ],
                        max_length=12,
                    ),
                ),
                ("directory_user_id", models.CharField(max_length=100)),
                ("user_name", models.CharField(blank=True, max_length=128)),
                ("email", models.CharField(blank=True, max_length=1024)),
                ("given_name", models.CharField(blank=True, max_length=1024)),
                ("family_name", models.CharField(blank=True, max_length=1024)),
                ("group_ids", models.JSONField(default=list)),
                ("mark", models.TextField(blank=True)),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("gone", "gone by itself"),
                            ("adopted", "taken over"),
                            ("repaired", "repaired"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ignored_at", models.DateTimeField(blank=True, null=True)),
                ("ignore_reason", models.CharField(blank=True, max_length=200)),
                (
                    "ignored_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drifts",
                        to="onboarding.member",
                    ),
                ),
                (
                    "repair_asked_by",
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
                "ordering": ["-found_at", "-pk"],
                "indexes": [models.Index(fields=["closed_at", "ignored_at"], name="drift_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("member__isnull", False)),
                        fields=("kind", "member"),
                        name="drift_once_a_member_while_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None), ("member", None)),
                        fields=("kind", "directory_user_id"),
                        name="drift_once_a_stranger_while_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ignored_at", None),
                            models.Q(("ignore_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="drift_ignored_has_reason",
                    ),
                ],
            },
        ),
    ]
