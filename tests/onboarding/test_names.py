"""Identity Center user names: at most 128 characters, one for each e-mail."""

import pytest

from onboarding.team.names import LONGEST_USER_NAME, tidy, user_name_for


def test_an_email_is_its_own_user_name():
    assert user_name_for("ada@example.com") == "ada@example.com"


def test_a_long_email_is_cut_to_what_aws_takes():
    assert len(user_name_for("a" * 200 + "@example.com")) <= LONGEST_USER_NAME


def test_two_long_emails_that_begin_alike_differ():
    assert user_name_for("a" * 200 + "@x.com") != user_name_for("a" * 200 + "@y.com")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t Lovelace ", "Ada Lovelace"),
        ("علی\u200cرضا", "علیرضا"),
        ("A\u202eda", "Ada"),
        ("\u200d", ""),
    ],
)
def test_letters_that_only_steer_the_drawing_go(typed, kept):
    assert tidy(typed) == kept
