"""Fields of forms, as their component writes them."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def in_hand(field: BoundField, is_first: object = None) -> SafeString:
    """The field, with the focus on it when it is the form's first one that is wrong."""
    wrong = next((name for name in field.form.fields if name in field.form.errors), None)
    attrs: dict[str, str | bool] = {"autofocus": True} if is_first or wrong == field.name else {}
    return field.as_widget(attrs=attrs)
