"""Finding people by what somebody types: a piece of a name or of an e-mail, in any case."""

from django.db.models import Q, Value
from django.db.models.functions import Lower


def containing(word: str) -> Q:
    """Members with this in their names or their e-mail. The database folds the case of both."""
    return Q(search_text__contains=Lower(Value(word)))
