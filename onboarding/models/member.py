"""One person on the team, and everything the portal knows of how they stand."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower
from django.utils import timezone

from onboarding.models.plan import Plan
from onboarding.team.names import user_name_for
from portal.models import Work

SEAT_TAKES = timedelta(hours=24)
"""How long Kiro may take to see a new member of a seat group (Kiro documentation)."""

_WHO = Concat(
    "given_name", Value(" "), "family_name", Value(" "), "email", output_field=models.TextField()
)


class MemberQuerySet(models.QuerySet["Member"]):
    def on_team(self) -> MemberQuerySet:
        return self.exclude(status=Member.Status.REMOVED)

    def set_up(self) -> MemberQuerySet:
        return self.filter(status__in=Member.SET_UP)

    def in_trouble(self) -> MemberQuerySet:
        return self.on_team().exclude(trouble="")


MemberManager = models.Manager.from_queryset(MemberQuerySet)


class Member(Work):
    """One person on the team, from the moment a founder adds them."""

    called = "members"

    class Status(models.TextChoices):
        QUEUED = "queued", "Being set up"
        FAILED = "failed", "Not set up"
        INVITED = "invited", "Invited"
        VERIFIED = "verified", "Verified"
        LEAVING = "leaving", "Leaving"
        REMOVED = "removed", "Left"

    SET_UP = (Status.INVITED, Status.VERIFIED)
    """Has a user and a seat, and is not about to leave."""

    class Origin(models.TextChoices):
        CREATED = "created", "Created by the portal"
        ADOPTED = "adopted", "Was in Identity Center before"

    class IndividualPlan(models.TextChoices):
        """What the member says of a plan of their own, which would be billed on top."""

        NONE = "none", "never had one"
        CANCELLED = "cancelled", "cancelled"
        RUNS_OUT = "runs-out", "cancelled, runs until the month's end"
        STILL_PAID = "still-paid", "still paid for"

    class Trouble(models.TextChoices):
        """Why a founder should look; the label is what the board says."""

        NOT_CONNECTED = "not-connected", "AWS not connected"
        REFUSED = "refused", "AWS refused"
        NAME_TAKEN = "name-taken", "Name taken by someone else"
        KEEPS_FAILING = "keeps-failing", "Set-up keeps failing"
        MAIL_REFUSED = "mail-refused", "Mail refused"
        WRONG_IDENTITY = "wrong-identity", "Wrong identity"
        WRONG_PLAN = "wrong-plan", "Wrong plan"
        PAYS_TWICE = "pays-twice", "Pays twice"
        SEAT_MISSING = "seat-missing", "Seat not there"
        SEAT_LOST = "seat-lost", "Seat taken away"
        DISABLED = "disabled", "Disabled in AWS"
        USER_MISSING = "user-missing", "User gone from AWS"
        STUCK = "stuck", "No progress"
        SAYS_SIGNED_IN = "says-signed-in", "Says done, never signed in"
        ASKED_FOR_HELP = "asked-for-help", "Asked for help"

    email = models.EmailField()
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100, blank=True)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="members")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="member"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED)
    added_at = models.DateTimeField(default=timezone.now)
    invited_at = models.DateTimeField(null=True, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)

    directory_user_id = models.CharField(max_length=100, blank=True)
    directory_user_name = models.CharField(max_length=128, blank=True)
    origin = models.CharField(max_length=10, choices=Origin, blank=True)
    directory_status = models.CharField(max_length=10, blank=True)
    directory_checked_at = models.DateTimeField(null=True, blank=True)
    directory_trouble = models.CharField(max_length=20, choices=Trouble, blank=True)
    """What the last check of Identity Center found and no founder has settled or ignored."""
    is_name_to_send = models.BooleanField(default=False)
    create_started_at = models.DateTimeField(null=True, blank=True)
    is_absent_from_directory = models.BooleanField(default=False)
    """A listing of Identity Center a moment ago did not have this e-mail: no need to ask again."""
    seat_group_id = models.CharField(max_length=100, blank=True)
    old_seat_group_id = models.CharField(max_length=100, blank=True)
    seat_requested_at = models.DateTimeField(null=True, blank=True)
    leaves_on = models.DateField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    deletes_user = models.BooleanField(default=False)
    status_before_leaving = models.CharField(max_length=20, blank=True)

    invitation_nonce = models.CharField(max_length=32, blank=True)
    invitation_used_at = models.DateTimeField(null=True, blank=True)

    steps_done = models.PositiveSmallIntegerField(default=0)
    individual_plan = models.CharField(max_length=12, choices=IndividualPlan, blank=True)
    individual_plan_until = models.DateField(null=True, blank=True)
    """The last day of a cancelled plan of their own, where they told it."""
    contradicted_at = models.DateTimeField(null=True, blank=True)
    """Since when CloudTrail knows no sign-in of somebody who says that they signed in."""
    asked_for_help_at = models.DateTimeField(null=True, blank=True)
    """Since when a call for help waits for a founder's answer."""
    verdict = models.CharField(max_length=20, blank=True)
    verdict_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=20, choices=Trouble, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)
    search_text = models.GeneratedField(
        expression=Lower(_WHO),
        output_field=models.TextField(),
        db_persist=True,
    )
    """What a search looks through: one column, which the database itself keeps up to date."""

    objects = MemberManager()

    class Meta:
        ordering = ["given_name", "family_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="member_email_once_on_team",
                condition=~Q(status="removed"),
            ),
            models.UniqueConstraint(
                fields=["directory_user_id"],
                name="member_directory_user_once_on_team",
                condition=~Q(status="removed") & ~Q(directory_user_id=""),
            ),
            models.CheckConstraint(
                name="member_invited_has_user_and_seat",
                condition=Q(status__in=["queued", "failed", "leaving", "removed"])
                | (~Q(directory_user_id="") & ~Q(seat_group_id="")),
            ),
        ]
        indexes = [
            models.Index(fields=["status"], name="member_status"),
            # The board counts and searches in these alone, and reads no row that it does not show.
            models.Index(
                fields=["id", "search_text"], name="member_search", condition=~Q(status="removed")
            ),
            models.Index(
                fields=["trouble_since", "id"],
                name="member_in_trouble",
                condition=~Q(status="removed") & ~Q(trouble=""),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def inviter(self) -> str:
        """Who added the member, for the invitation; empty when nobody is known."""
        return self.added_by.name if self.added_by else ""

    @property
    def seat_state(self) -> str:
        """In words: whether Kiro has taken the seat in, as far as the portal can know.

        Proof is the member's checked plan or a row of the activity report; AWS has no API that
        tells. Kiro may take 24 hours.
        """
        if not self.seat_group_id:
            return "requested" if self.status == self.Status.QUEUED else "none"
        is_seen = any(step.seen_at and step.step == "verify-plan" for step in self.steps.all())
        if self.verdict == "right" or is_seen:
            return "confirmed"
        age = timezone.now() - (self.seat_requested_at or timezone.now())
        return "propagating" if age < SEAT_TAKES else "not confirmed after 24 hours"

    @property
    def user_name(self) -> str:
        """The Identity Center user name: the one there, or the one that will be asked for."""
        return self.directory_user_name or user_name_for(self.email)

    @property
    def is_on_team(self) -> bool:
        return self.status != self.Status.REMOVED
