"""For the pages that sign in: what a template may hand on."""

from django import template

from portal.sign_in import accounts

register = template.Library()

register.filter("is_own_path", accounts.is_own_path)
