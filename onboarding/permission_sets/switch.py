"""Whether this portal reads and manages access at all: the setting `ACCESS`."""

from django.conf import settings

OFF, READ, MANAGE = "off", "read", "manage"


def may_read() -> bool:
    return settings.ACCESS in {READ, MANAGE}


def may_manage() -> bool:
    return bool(settings.ACCESS == MANAGE)
