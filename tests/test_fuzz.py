"""Nonsense in every parameter of every address: an answer each time, never a 500.

The parameters are read off the code: what views ask the request for, and the fields of all forms.
"""

import ast
import inspect
from collections.abc import Iterator

import pytest
from django import forms
from django.urls import resolve

from tests.factories import make_founder, make_member, make_workspace
from tests.test_access_matrix import MATRIX, path_of, patterns

pytestmark = [pytest.mark.django_db, pytest.mark.long]

URLENCODED = "application/x-www-form-urlencoded"
VALUES = {
    "nothing": "",
    "NUL": "%00",
    "10 kB": "x" * 10_000,
    "negative": "-1",
    "nought": "0",
    "huge": "9e99",
    "thirty digits": "9" * 30,
    "past bigint": str(2**63),
    "no number": "NaN",
    "infinite": "-Infinity",
    "other digits": "%D9%A1%D9%A2",
    "no such day": "2026-02-30",
    "first day": "0001-01-01",
    "last day": "9999-12-31",
    "invalid UTF-8": "%FF%FE",
    "surrogate": "%ED%A0%80",
    "markup": "%27%22%3E%3Csvg%20onload%3D1%3E%7B%7B7*7%7D%7D",
    "lines": "a%0D%0ASet-Cookie:%20x=1",
    "path": "../../etc/passwd",
    "address": "https://evil.example%5C@portal/",
}  # fmt: skip
PATHS = ["0", str(2**63), "9" * 30, "x" * 2000, "%00", "%ED%A0%80", "..%2F"]


def _asked_for(tree) -> Iterator[str]:
    """`….get("name")`, `….getlist("name")`, `….POST["name"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"get", "getlist"}:
            key = node.args[0] if node.args else None
        else:
            key = node.slice if isinstance(node, ast.Subscript) else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value


def names_of(path):
    """What the view at this path may ask for, as far as its module tells."""
    module = inspect.getmodule(inspect.unwrap(resolve(path).func))
    used = vars(module).values()
    fields = [
        name
        for form in used
        if isinstance(form, type) and issubclass(form, forms.BaseForm)
        for name in form.base_fields
    ]
    return sorted({*fields, *_asked_for(ast.parse(inspect.getsource(module)))})


@pytest.fixture
def team():
    make_workspace()
    return make_member(done=2)


def signed_in(client, role, team):
    client.force_login(make_founder() if role == "founder" else team.user)
    client.raise_request_exception = False
    return client


def methods_of(name, role):
    """With which of the two something answers this role: `.` may be a page of another's."""
    get, post = MATRIX[name].split()[["nobody", "member", "founder"].index(role)]
    return [method for method, letter in (("get", get), ("post", post)) if letter in "o."]


def sent(client, method, path, query, **headers):
    if method == "get":
        return client.get(f"{path}?{query}", headers=headers)
    return client.post(path, query, content_type=URLENCODED, headers=headers)


def failures(answers):
    return {what for what, response in answers if response.status_code >= 500}


ROLES = [(name, role) for name in MATRIX for role in ("founder", "member")
         if "o" in MATRIX[name].split()[1 if role == "member" else 2]]  # fmt: skip
TAKING_FORMS = [name for name in MATRIX if "post" in methods_of(name, "founder")]


def queries(asked, *, rounds, start):
    """Each time every parameter has another of the values, no two neighbours the same one."""
    names, values = list(VALUES), list(VALUES.values())
    for number in range(start, start + rounds):
        chosen = [(place * 3 + number * 7) % len(values) for place in range(len(asked))]
        yield "&".join(f"{key}={values[at]}" for key, at in zip(asked, chosen, strict=True))
    for value in (values[names.index("NUL")], values[names.index("10 kB")]):
        yield "&".join(f"{key}={value}" for key in asked)
    yield "&".join(f"{key}=1&{key}=2&{key}[]=3&{key}[x]=4" for key in asked)


@pytest.mark.parametrize(("name", "role"), ROLES)
def test_no_value_of_a_parameter_is_an_error(client, team, name, role):
    path = path_of(name, team)
    client, asked = signed_in(client, role, team), names_of(path)

    answers = [
        (f"{method} {query[:300]}", sent(client, method, path, query))
        for method in methods_of(name, role)
        for query in queries(asked, rounds=1, start=len(name))
        if query
    ]

    assert failures(answers) == set()


BODIES = {
    "JSON": (b'{"email": ["a"]}', "application/json"),
    "no boundary": (b"x", "multipart/form-data"),
    "cut off": (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n',
        "multipart/form-data; boundary=b",
    ),
    "unknown charset": (b"email=a", f"{URLENCODED}; charset=nonsense"),
    "UTF-16": ("email=a".encode("utf-16"), f"{URLENCODED}; charset=utf-16"),
    "many fields": (b"&".join(b"a%d=1" % n for n in range(1100)), URLENCODED),
}


@pytest.mark.parametrize("name", TAKING_FORMS)
def test_nor_is_another_kind_of_body(client, team, name):
    path = path_of(name, team)
    client = signed_in(client, "founder", team)

    answers = [
        (what, client.generic("POST", path, body, content_type=kind))
        for what, (body, kind) in BODIES.items()
    ]

    assert failures(answers) == set()


def has_arguments(name):
    return bool(dict(patterns())[name].pattern.converters)


@pytest.mark.parametrize("name", [name for name in MATRIX if has_arguments(name)])
def test_nor_is_an_address_of_nothing(client, team, name):
    target = path_of(name, team)
    client = signed_in(client, "founder", team)
    found = {str(value) for value in resolve(target).kwargs.values()}
    parts = target.split("/")

    paths = ["/".join(wrong if part in found else part for part in parts) for wrong in PATHS]

    answers = [(path, client.get(path)) for path in paths]
    answers += [(path, client.post(path)) for path in paths]
    assert failures(answers) == set()
