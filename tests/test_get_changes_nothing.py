"""Looking changes nothing: every page is opened, and every table is as before."""

import pytest
from django.apps import apps

from onboarding.models import Member
from tests.factories import make_founder, make_member, make_queued, make_workspace
from tests.test_access_matrix import MATRIX, path_of

pytestmark = pytest.mark.django_db


def everything():
    """All rows of all tables but the sessions, which note that somebody is there."""
    models = [model for model in apps.get_models() if model._meta.label != "sessions.Session"]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("role", ["founder", "member"])
def test_looking_changes_nothing(client, role):
    make_workspace()
    target = make_member()
    make_queued(status=Member.Status.FAILED, failure_code="refused", last_error="no")
    client.force_login(make_founder() if role == "founder" else target.user)
    before = everything()

    for name in MATRIX:
        client.get(path_of(name, target))
        client.head(path_of(name, target))
        client.options(path_of(name, target))

    assert everything() == before
