"""Sign-in by SAML against a real identity provider: keys, signatures and all."""

import zlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from lxml import etree

import portal.urls  # noqa: F401  # before SAML is switched on, so that they stay without it
from portal import saml
from portal.models import AuditEvent, User
from tests.factories import make_founder, make_member, make_user
from tests.support.saml import SSO, IdentityProvider

pytestmark = pytest.mark.django_db
HERE = "http://testserver/accounts/saml/identity-center"
ACS = "/accounts/saml/identity-center/acs/"


@pytest.fixture(scope="module")
def idp():
    return IdentityProvider(acs=f"{HERE}/acs/", audience="kiro-team-portal")


@pytest.fixture(autouse=True)
def _switched_on(settings, idp, tmp_path):
    path = tmp_path / "metadata.xml"
    path.write_text(idp.metadata())
    settings.ROOT_URLCONF = "tests.support.urls_with_saml"
    settings.SAML_METADATA_URL = path.as_uri()
    settings.SOCIALACCOUNT_PROVIDERS = saml.providers(
        metadata_url=path.as_uri(), entity_id="kiro-team-portal", name="Identity Center"
    )


def hand_in(client, answer, **more):
    """As the browser does: post the answer, follow to where it is judged."""
    posted = client.post(ACS, {"SAMLResponse": answer, **more})
    return client.get(posted.url)


def begin(client, following=""):
    """Go to the identity provider; the id of the request that was made."""
    query = {"next": following} if following else {}
    sent = client.get("/accounts/saml/identity-center/login/", query)
    asked = parse_qs(urlsplit(sent.url).query)["SAMLRequest"][0]
    return sent.url, etree.fromstring(zlib.decompress(b64decode(asked), -15)).get("ID")


def user_of(client):
    return client.session.get("_auth_user_id")


def test_the_sign_in_page_offers_it(client):
    page = client.get("/accounts/login/").content.decode()

    assert "Sign in with Identity Center" in page


def test_begun_here_it_leads_to_the_identity_provider_alone(client):
    address, _ = begin(client)

    assert address.startswith(f"{SSO}?")


def test_a_known_address_is_signed_in(client, idp):
    ada = make_user(email="ada@example.com")
    _, request_id = begin(client)

    hand_in(client, idp.answer("Ada@example.com", request_id=request_id))

    assert user_of(client) == str(ada.pk)


def test_after_it_one_is_where_one_wanted_to_go(client, idp):
    make_founder(email="helen@example.com")
    _, request_id = begin(client, "/team/")

    answer = hand_in(client, idp.answer("helen@example.com", request_id=request_id))

    assert answer.url == "/team/"


def test_begun_at_the_identity_provider_it_works_too(client, idp):
    member = make_member()

    hand_in(client, idp.answer(member.email))

    assert user_of(client) == str(member.user_id)


def test_the_first_time_is_on_record_once(client, idp):
    ada = make_user(email="ada@example.com")

    hand_in(client, idp.answer("ada@example.com"))
    hand_in(Client(), idp.answer("ada@example.com"))

    events = AuditEvent.objects.filter(action="sign_in.linked")
    assert [event.subject for event in events] == [f"user:{ada.pk}"]


def test_a_stranger_is_refused_with_a_sentence(client, idp):
    answer = hand_in(client, idp.answer("stranger@example.com"))

    assert answer.status_code == 403
    assert "Nobody here has this address" in answer.content.decode()
    assert user_of(client) is None
    assert not User.objects.exists()


@pytest.mark.parametrize("linked_before", [False, True])
def test_who_was_deactivated_is_refused(client, idp, linked_before):
    ada = make_user(email="ada@example.com")
    if linked_before:
        hand_in(Client(), idp.answer("ada@example.com"))
    User.objects.filter(pk=ada.pk).update(is_active=False)

    answer = hand_in(client, idp.answer("ada@example.com"))

    assert "This sign-in is closed" in answer.content.decode()
    assert user_of(client) is None


def earlier(**ago):
    return f"{datetime.now(UTC) - timedelta(**ago):%Y-%m-%dT%H:%M:%SZ}"


FORGERIES = {
    "unsigned": {"signed_by": "nobody"},
    "signed on the envelope alone": {"signs": "envelope"},
    "signed by another key": {"signed_by": rsa.generate_private_key(65537, 2048)},
    "for another portal": {"audience": "https://other.example.com"},
    "sent to another address": {"destination": "https://other.example.com/acs/"},
    "meant for another address": {"recipient": "https://other.example.com/acs/"},
    "from another issuer": {"issuer": "https://other.example.com"},
    "too old": {"ends": earlier(hours=1), "starts": earlier(hours=2)},
    "answer to a question nobody asked": {"request_id": "ONELOGIN_0000"},
}


@pytest.mark.parametrize("changes", FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_signs_nobody_in(client, idp, changes):
    make_user(email="ada@example.com")

    answer = hand_in(client, idp.answer("ada@example.com", **changes))

    assert answer.status_code == 403
    assert user_of(client) is None


def test_a_signed_answer_that_was_changed_signs_nobody_in(client, idp):
    make_user(email="ada@example.com")
    answer = b64decode(idp.answer("eve@example.com")).replace(b"eve@", b"ada@")

    hand_in(client, b64encode(answer).decode())

    assert user_of(client) is None


def test_an_answer_signs_in_once(client, idp):
    make_user(email="ada@example.com")
    answer = idp.answer("ada@example.com")
    hand_in(client, answer)
    other = Client()

    again = hand_in(other, answer)

    assert "This sign-in has been used" in again.content.decode()
    assert user_of(other) is None


@pytest.mark.parametrize(
    "state", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"]
)
def test_the_state_leads_to_no_other_host(client, idp, state):
    make_founder(email="helen@example.com")

    answer = hand_in(client, idp.answer("helen@example.com"), RelayState=state)

    assert answer.url == "/"


@pytest.mark.parametrize("posted", [{}, {"SAMLResponse": "x"}, {"SAMLResponse": "PHhtbC8+"}])
def test_nonsense_is_refused_politely(client, posted):
    there = client.post(ACS, posted)

    assert client.get(there.url).status_code == 403


def test_metadata_out_of_reach_is_said_politely(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = saml.providers(
        metadata_url="file:///nowhere.xml", entity_id="", name="Identity Center"
    )

    assert client.get("/accounts/saml/identity-center/login/").status_code == 403


def test_too_long_an_answer_is_not_kept(client):
    assert client.post(ACS, {"SAMLResponse": "x" * 300_000}).status_code == 400


def test_our_metadata_names_us(client):
    page = client.get("/accounts/saml/identity-center/metadata/").content.decode()

    assert f'Location="{HERE}/acs/"' in page
    assert 'entityID="kiro-team-portal"' in page


def test_without_metadata_there_is_no_saml(client, settings):
    settings.ROOT_URLCONF = "portal.urls"
    settings.SAML_METADATA_URL = ""

    assert client.post(ACS).status_code == 404
    assert "Identity Center" not in client.get("/accounts/login/").content.decode()
