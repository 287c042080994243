"""A member's names: written evenly, and the user name they get in Identity Center."""

import hashlib
import unicodedata

LONGEST_NAME = 100
LONGEST_USER_NAME = 128
"""`identitystore` CreateUser, UserName: 1 to 128 characters."""


def user_name_for(email: str) -> str:
    """The e-mail itself; a longer one is cut and told apart by a digest of the whole."""
    if len(email) <= LONGEST_USER_NAME:
        return email
    digest = hashlib.sha256(email.encode()).hexdigest()[:16]
    return f"{email[: LONGEST_USER_NAME - 17]}-{digest}"


def tidy(name: str) -> str:
    """One spelling and one line for a name in any script.

    Letters that only steer how others are drawn (joiners, text direction) go: AWS takes none.
    """
    if not name.isascii():
        name = unicodedata.normalize("NFC", name)
        name = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return " ".join(name.split())


def has_odd_letter(name: str) -> bool:
    """Whether it holds what no name has: control characters, halves of letters, private ones."""
    if name.isprintable():
        return False
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Co", "Cn"} for letter in name)
