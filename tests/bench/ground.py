"""What every measurement stands on: servers of its own, the settings, a database, a team."""

from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from tests.support import surroundings

surroundings.prepare()

import django  # noqa: E402  # the settings have to stand
from django.conf import settings  # noqa: E402

settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "django.contrib.admin"]  # to compare with
settings.FOUNDERS_NEED_SECOND_FACTOR = False
settings.STORAGES["staticfiles"]["BACKEND"] = (  # as in production, unlike in tests
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
settings.LOGGING["root"]["level"] = "WARNING"
django.setup()

from allauth.usersessions.models import UserSession  # noqa: E402
from django.core.cache import cache as counters  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402

from onboarding.models import Member, Plan, StepRecord  # noqa: E402
from portal.models import User  # noqa: E402

STEPS = ("activate", "cancel-individual", "sign-out")


@cache
def collect():
    """Style sheets and scripts, compressed, where gunicorn serves them."""
    call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def database():
    """A new one, gone afterwards."""
    collect()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    counters.clear()
    try:
        yield
    finally:
        runner.teardown_databases(databases)


def founder():
    found = User.objects.filter(role="founder").first()
    found = found or User.objects.create_user("founder@example.com", role="founder", name="Founder")
    found.is_staff = found.is_superuser = True  # the admin's changelist asks for it
    found.save()
    return found


def signed_in(user):
    """As allauth does it: with a note of whose session it is."""
    client = Client()
    client.force_login(user)
    key = client.session.session_key
    UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1", user_agent="")
    return client


def cookies(user):
    """The cookies of a browser in which this user has signed in and looked at a page."""
    client = signed_in(user)
    client.get("/", follow=True)
    return "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())


def team(members):
    """A team of that many: half of them half-way, a tenth in trouble."""
    founder()
    now = timezone.now()
    plan, there = Plan.objects.get(code="pro-plus"), Member.objects.count()
    numbers = range(there, members)
    users = User.objects.bulk_create(
        [User(email=f"member{n}@example.com", role="member", password="!") for n in numbers]
    )
    rows = Member.objects.bulk_create(
        [
            Member(
                email=user.email,
                user=user,
                given_name=f"Given{n}",
                family_name="Family",
                plan=plan,
                added_at=now - timedelta(days=30, minutes=n),
                invited_at=now - timedelta(days=30, minutes=n),
                last_activity_at=now - timedelta(minutes=7 * n) if n % 2 else None,
                status=Member.Status.INVITED,
                directory_user_id=f"id-{n}",
                seat_group_id="group",
                steps_done=3 * (n % 2),
                trouble="stuck" if n % 10 == 0 else "",
            )
            for n, user in zip(numbers, users, strict=True)
        ]
    )
    StepRecord.objects.bulk_create(
        StepRecord(member=row, step=step, told_at=row.added_at)
        for row in rows
        if row.steps_done
        for step in STEPS
    )
    settle()


def settle():
    """What PostgreSQL does by itself after a while."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # VACUUM passes over rows whose commit, or one made about then, is not on the disk yet.
            cursor.execute("SET synchronous_commit = on")
            cursor.execute("CHECKPOINT")
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
