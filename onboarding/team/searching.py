"""Finding people by what somebody types: a piece of a name or of an e-mail, in any case."""

from django.db.models import Q, Value
from django.db.models.functions import Lower, StrIndex
from django.db.models.lookups import GreaterThan


def containing(word: str) -> Q:
    """Members with this in their names or their e-mail. The database folds the case of both, and
    looks for the place of the word, which is quicker than LIKE and knows no wildcards.
    """
    return Q(GreaterThan(StrIndex("search_text", Lower(Value(word))), 0))
