"""`manage.py founder EMAIL`: the first founder, and the way back in after a lock-out."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from portal import audit
from portal.models import User, normalise_email
from portal.sign_in import accounts


class Command(BaseCommand):
    help = "Create a founder, or make somebody one; prints a sign-in link that works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = normalise_email(options["email"])
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{options['email']} is no e-mail address.") from error
        user = _make_founder(email)
        self.stdout.write(f"{email} is a founder. Sign in once with this link, within 3 days:")
        self.stdout.write(settings.BASE_URL + accounts.one_time_path(user))


@transaction.atomic
def _make_founder(email: str) -> User:
    user, _ = User.objects.update_or_create(
        email=email, defaults={"role": User.Role.FOUNDER, "is_active": True}
    )
    if not user.password:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    audit.record("founder.made", subject=f"user:{user.pk}", detail={"email": email})
    return user
