"""Rows that migrations make, given back after tests that empty the tables.

Django runs such tests last and so needs not care; spread over processes by file, they come in
between.
"""

import pytest
from django.core import serializers

OURS = ("portal", "onboarding", "billing")
_kept = pytest.StashKey()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, request):
    from django.apps import apps

    models = [model for model in apps.get_models() if model._meta.app_label in OURS]
    with django_db_blocker.unblock():
        rows = [row for model in models for row in model._default_manager.order_by("pk")]
        request.config.stash[_kept] = serializers.serialize("json", rows)


@pytest.fixture
def _emptied(django_db_blocker, request):
    """Asked for by the hook below alone: it ends after the tables have been emptied."""
    yield
    with django_db_blocker.unblock():
        for row in serializers.deserialize("json", request.config.stash.get(_kept, "[]")):
            row.save()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if _empties_tables(item):
            item.fixturenames.insert(0, "_emptied")  # first begun, last ended


def _empties_tables(item):
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    return is_marked or "transactional_db" in getattr(item, "fixturenames", ())
