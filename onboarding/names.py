"""The Identity Center user name of a member: their e-mail where AWS lets it be."""

import hashlib

LONGEST_USER_NAME = 128
"""`identitystore` CreateUser, UserName: 1 to 128 characters."""


def user_name_for(email: str) -> str:
    """The e-mail itself; a longer one is cut and told apart by a digest of the whole."""
    if len(email) <= LONGEST_USER_NAME:
        return email
    digest = hashlib.sha256(email.encode()).hexdigest()[:16]
    return f"{email[: LONGEST_USER_NAME - 17]}-{digest}"
