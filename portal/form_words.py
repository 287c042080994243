"""What every form says of a field, in the portal's own words instead of Django's and in one place.

Spoken for all fields, allauth's too; a form that knows better says so with `error_messages`.
"""

from django import forms

_ANY = {
    "required": "Fill this in.",
    "invalid": "This is not valid.",
    "unique": "This name is taken.",
    "max_length": "At most %(limit_value)d characters; these are %(show_value)d.",
    "min_length": "At least %(limit_value)d characters; these are %(show_value)d.",
    "min_value": "At least %(limit_value)s.",
    "max_value": "At most %(limit_value)s.",
    "null_characters_not_allowed": "It contains a character that is not text.",
    "max_digits": "At most %(max)s digits.",
    "max_decimal_places": "At most %(max)s digits after the point.",
    "max_whole_digits": "At most %(max)s digits before the point.",
}
_CHOICE = "This is not one of the choices."
_DAY = "A day is written like 2026-11-21."

WORDS: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: _ANY,
    forms.EmailField: {"invalid": "This is not an e-mail address."},
    forms.URLField: {"invalid": "This is not a web address; write it like https://example.com."},
    forms.IntegerField: {"invalid": "Write a whole number, such as 12."},
    forms.FloatField: {"invalid": "Write a number, such as 12.5."},
    forms.DecimalField: {"invalid": "Write a number, such as 12.50."},
    forms.DateField: {"invalid": _DAY},
    forms.ChoiceField: {"required": "Choose one.", "invalid_choice": _CHOICE},
    forms.MultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_choice": _CHOICE,
        "invalid_list": _CHOICE,
    },
    forms.ModelChoiceField: {"required": "Choose one.", "invalid_choice": _CHOICE},
    forms.JSONField: {"invalid": _ANY["invalid"]},
    forms.BooleanField: {"required": "Tick this to go on."},
    forms.FileField: {
        "required": "Choose a file.",
        "invalid": "No file came with the form. Choose it again.",
        "missing": "No file came with the form. Choose it again.",
        "empty": "The file is empty.",
        "max_length": "The file's name is longer than %(max)d characters.",
        "contradiction": "Choose a file or tick the box, not both.",
    },
}


def speak() -> None:
    """Before the first form is loaded: a field takes its words over when it is made."""
    for field, words in WORDS.items():
        own = vars(field).get("default_error_messages", {})
        field.default_error_messages = {**own, **words}


# What allauth's pages say, by its own keys ------------------------------------------------------

OF_SIGN_IN = {
    "account_inactive": "This account is switched off. A founder can tell you why.",
    "email_password_mismatch": "E-mail and password do not match.",
    "enter_current_password": "This is not your current password.",
    "incorrect_code": "That is not the newest code, or it has expired or was tried too often.",
    "incorrect_password": "This is not your password.",
    "rate_limited": "Too many tries. Wait a few minutes, then try again.",
    "same_as_current": "This is the one you have. Choose another.",
    "too_many_login_attempts": "Five wrong tries: the mailed code is used up. Have a new one"
    " mailed here.",
}
OF_FACTORS = {
    "incorrect_code": "That code is not right. An app's code lasts half a minute; a recovery code"
    " works once."
}
