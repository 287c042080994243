"""Addresses in templates: looked up once, and still those of the address list in force."""

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.urls import NoReverseMatch, set_script_prefix

from portal.templatetags import addresses


def shown(text):
    return Template(text).render(Context())


def test_an_address_is_looked_up_once(monkeypatch):
    page = Template("{% url 'status' %}")
    first = page.render(Context())
    monkeypatch.setattr(addresses, "reverse", None)

    assert (first, page.render(Context())) == ("/status/", "/status/")


def test_one_with_arguments_is_that_of_its_arguments():
    page = "{% url 'onboarding:member' 1 %} {% url 'onboarding:member' 2 %}"

    assert shown(page) == "/team/1/ /team/2/"


def test_it_can_have_a_name():
    assert shown("{% url 'status' as here %}<{{ here }}>") == "</status/>"


def test_one_that_is_not_there_is_an_error_or_nothing_if_named():
    assert shown("{% url 'nowhere' as here %}<{{ here }}>") == "<>"
    with pytest.raises(NoReverseMatch):
        shown("{% url 'nowhere' %}")


def test_another_list_of_addresses_has_its_own():
    page = "{% url 'socialaccount_connections' as here %}{{ here }}"
    without = shown(page)

    with override_settings(ROOT_URLCONF="allauth.urls"):
        there = shown(page)

    assert without == ""
    assert there


def test_a_portal_below_a_path_has_it_in_all():
    shown("{% url 'status' %}")
    set_script_prefix("/portal/")
    try:
        assert shown("{% url 'status' %}") == "/portal/status/"
    finally:
        set_script_prefix("/")
