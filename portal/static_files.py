"""Which static files are gathered: those that some page asks for."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class Config(StaticFilesConfig):
    """Of what django-htmx brings the one htmx alone: hashing and packing the rest took 2 s."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "django_htmx/django-htmx.js",
        "django_htmx/ext/*",
        "django_htmx/htm*-4*",
        "django_htmx/htmx-2.js",
    ]
