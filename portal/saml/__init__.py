"""Sign-in through Identity Center itself, by SAML: switched on by naming its metadata.

Nothing but this module is imported while it is off: the XML libraries cost memory.
"""

from typing import Any

SLUG = "identity-center"
"""Stands in our addresses: /accounts/saml/identity-center/acs/."""

_EMAIL = [
    "email",
    "mail",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
]


def providers(*, metadata_url: str, entity_id: str, name: str) -> dict[str, Any]:
    """What allauth wants to know about the one identity provider; nothing while it is off."""
    if not metadata_url:
        return {}
    app = {
        "provider_id": SLUG,
        "client_id": SLUG,
        "name": name,
        "settings": {
            "attribute_mapping": {"email": _EMAIL},
            "idp": {
                "entity_id": None,  # the one that the metadata names
                "metadata_url": metadata_url,
                "metadata_request_timeout": 5,
            },
            "sp": {"entity_id": entity_id},
            "advanced": {
                "strict": True,
                "allow_single_label_domains": True,  # our own address, whatever its name
                "want_assertion_signed": True,
                "want_name_id": True,
                "want_attribute_statement": False,
                "reject_deprecated_algorithm": True,
                "reject_idp_initiated_sso": False,  # AWS's own portal of applications begins there
            },
        },
    }
    return {"saml": {"APPS": [app]}}
