"""The portal with three pages to compare with: a bare view, all rows of the board, the admin."""

# isort: off
from tests.bench import ground  # noqa: F401  # before anything asks for the settings

# isort: on
from unittest import mock

from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

from onboarding.models import Member
from onboarding.views import team
from portal import fragment_cache, urls
from portal.wsgi import application  # noqa: F401  # what gunicorn serves

ALL = 10_000


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    """What the board shows of a member, as the admin would list it."""

    list_display = (
        "full_name", "email", "plan", "steps_done", "status", "trouble", "invited_at",
        "last_activity_at",
    )  # fmt: skip
    list_select_related = ("plan",)
    list_per_page = ALL


def bare(request):
    return HttpResponse("")


def all_rows(request):
    """The board, all members on one page."""
    with mock.patch.object(team, "PAGE", ALL):
        return team.team(request)


def all_rows_anew(request):
    """The same by a process that has made none of the rows before."""
    fragment_cache.forget()
    return all_rows(request)


urls.urlpatterns += [
    path("bench/bare/", bare),
    path("bench/board/", all_rows),
    path("bench/board-anew/", all_rows_anew),
    path("bench/admin/", admin.site.urls),
]
