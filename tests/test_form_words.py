"""What forms say of a field: the portal's own words, in every form there is."""

import importlib
import pkgutil

import pytest
from django import forms

import billing
import onboarding
import portal
from portal.models import Webhook
from tests.factories import make_founder, make_user

THEIRS = ["account.forms", "mfa.base.forms", "mfa.totp.forms", "mfa.webauthn.forms"]


def every_form():
    """All classes of forms in our packages, and allauth's."""
    for name in THEIRS:
        importlib.import_module(f"allauth.{name}")
    for package in (portal, onboarding, billing):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"sandbox", "supervisor", "migrations", "__main__"} & set(
                module.name.split(".")
            ):
                importlib.import_module(module.name)
    todo, found = [forms.BaseForm], set()
    while todo:
        kinds = todo.pop().__subclasses__()
        found.update(kinds)
        todo += kinds
    return [form for form in found if form.__module__.split(".")[0] != "django"]


def of_django(form):
    """What its fields would say that nobody here wrote: Django's words are lazy, ours are not."""
    for name, field in form.base_fields.items():
        codes = {validator.code for validator in field.validators if hasattr(validator, "code")}
        said = {code: field.error_messages.get(code) for code in codes | set(field.error_messages)}
        yield from (f"{name}: {code}" for code, words in said.items() if not isinstance(words, str))


def test_no_form_speaks_in_djangos_words():
    found = {form.__qualname__: list(of_django(form)) for form in every_form()}

    assert len(found) > 30
    assert {name: stock for name, stock in found.items() if stock} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "sent", "said"),
    [
        ("/team/", {"email": "nobody", "given_name": "Ada"}, "This is not an e-mail address."),
        ("/team/", {"email": "ada@example.com"}, "Fill this in."),
        ("/team/", {"email": "a@b.ch", "given_name": "x" * 101}, "At most 100 characters; these are 101."),
        ("/settings/people/", {"email": ""}, "Fill this in."),
        ("/settings/notices/", {"name": "#kiro", "kind": "carrier-pigeon"}, "not one of the choices."),
        ("/settings/notices/", {"name": "#kiro", "kind": Webhook.Kind.JSON}, "Choose at least one."),
        ("/spend/seats/idle/", {"after_days": "soon", "grace_days": "-1"}, "Write a whole number"),
        ("/accounts/password/set/", {"password1": ""}, "Fill this in."),
    ],
)  # fmt: skip
def test_a_page_says_them(client, path, sent, said):
    client.force_login(make_founder())

    assert said in client.post(path, sent).content.decode()


@pytest.mark.django_db
def test_a_refused_password_is_refused_in_our_words(client):
    user = make_user(email="ada@example.com")
    user.set_password("correct horse battery staple")
    user.save()

    page = client.post("/accounts/login/", {"login": user.email, "password": "wrong"})

    assert "E-mail and password do not match." in page.content.decode()


@pytest.mark.django_db
def test_the_reader_is_brought_to_the_first_field_that_is_wrong(client):
    client.force_login(make_founder())

    page = client.post("/settings/people/", {"email": "nobody"}).content.decode()

    wrong = page[page.index('name="email"') :]
    assert "autofocus" in wrong[: wrong.index(">")]
    assert page.count("autofocus") == 1
