"""What `manage.py run` puts into the portal for the sample company."""

import pytest
from django.core.management import call_command

from portal.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def past(aws, settings):
    settings.AWS_SANDBOX = True
    call_command("seed_sandbox")
    return AuditEvent.objects.filter(subject__startswith="member:").order_by("pk")


def test_its_past_stands_in_the_log_in_its_order(past):
    moments = list(past.values_list("at", flat=True))

    assert len(moments) > 12
    assert moments == sorted(moments)
