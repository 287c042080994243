"""An identity provider for tests: real keys, real signatures, answers as a directory gives them."""

import base64
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, methods

SSO = "https://idp.example.com/saml/assertion/1"
ENTITY = "https://idp.example.com/saml/metadata/1"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_METADATA = """\
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
        <ds:X509Certificate>{certificate}</ds:X509Certificate>
      </ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""
_RESPONSE = """\
<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
    ID="_{response_id}" Version="2.0" IssueInstant="{now}" Destination="{destination}"{in_response_to}>
  <saml:Issuer>{issuer}</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <saml:Assertion ID="_{assertion_id}" Version="2.0" IssueInstant="{now}">
    <saml:Issuer>{issuer}</saml:Issuer>
    <saml:Subject>
      <saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{email}</saml:NameID>
      <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{recipient}"{in_response_to}/>
      </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Conditions NotBefore="{starts}" NotOnOrAfter="{ends}">
      <saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>
    </saml:Conditions>
    <saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext>
      <saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>
    </saml:AuthnContext></saml:AuthnStatement>
    <saml:AttributeStatement>
      <saml:Attribute Name="email"><saml:AttributeValue>{email}</saml:AttributeValue></saml:Attribute>
    </saml:AttributeStatement>
  </saml:Assertion>
</samlp:Response>
"""


@dataclass
class IdentityProvider:
    """Signs each assertion, as Identity Center does. `acs`: where it sends people back to."""

    acs: str
    audience: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __post_init__(self):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(self.key, hashes.SHA256())
        )

    def metadata(self):
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return _METADATA.format(entity=ENTITY, sso=SSO, certificate=base64.b64encode(der).decode())

    def answer(self, email, *, request_id="", signed_by=None, signs="assertion", **changes):
        """What the browser posts: a response about this person, its assertion signed."""
        now = datetime.now(UTC)
        values = {
            "response_id": uuid.uuid4().hex,
            "assertion_id": uuid.uuid4().hex,
            "now": _stamp(now),
            "starts": _stamp(now - timedelta(minutes=5)),
            "ends": _stamp(now + timedelta(minutes=5)),
            "issuer": ENTITY,
            "email": email,
            "destination": self.acs,
            "recipient": self.acs,
            "audience": self.audience,
            "in_response_to": f' InResponseTo="{request_id}"' if request_id else "",
            **changes,
        }
        response = etree.fromstring(_RESPONSE.format(**values).encode())
        if signed_by != "nobody":
            response = _sign(response, signs, signed_by or self.key, self.certificate)
        return base64.b64encode(etree.tostring(response)).decode()


def _stamp(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _sign(response, signs, key, certificate):
    """Put the signature where the schema wants it: right behind the assertion's issuer."""
    assertion = response.find("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
    signed_part = assertion if signs == "assertion" else response
    place = etree.SubElement(
        signed_part, "{http://www.w3.org/2000/09/xmldsig#}Signature", Id="placeholder"
    )
    signed_part.insert(1, place)
    signer = XMLSigner(
        method=methods.enveloped,
        signature_algorithm="rsa-sha256",
        digest_algorithm="sha256",
        c14n_algorithm=_EXCLUSIVE,
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    signed = signer.sign(signed_part, key=key, cert=pem, reference_uri=signed_part.get("ID"))
    if signs != "assertion":
        return signed
    response.replace(assertion, signed)
    return response
