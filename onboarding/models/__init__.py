"""People: the plans they can have, the team, and the steps each member has taken."""

from onboarding.models.access import (
    AccessGroup,
    AccessReading,
    AccountAssignment,
    PermissionSet,
)
from onboarding.models.drift import DirectoryCheck, Drift
from onboarding.models.help import HelpRequest, StepNote
from onboarding.models.imports import ImportBatch, ImportRow
from onboarding.models.member import Member
from onboarding.models.plan import Plan
from onboarding.models.reminders import ReminderSettings, ReminderStop
from onboarding.models.setup import SetupRun, SetupTick, UnknownError
from onboarding.models.sign_ins import DirectorySignIn, SignInReading
from onboarding.models.steps import Step, StepRecord

__all__ = [
    "AccessGroup",
    "AccessReading",
    "AccountAssignment",
    "DirectoryCheck",
    "DirectorySignIn",
    "Drift",
    "HelpRequest",
    "ImportBatch",
    "ImportRow",
    "Member",
    "PermissionSet",
    "Plan",
    "ReminderSettings",
    "ReminderStop",
    "SetupRun",
    "SetupTick",
    "SignInReading",
    "Step",
    "StepNote",
    "StepRecord",
    "UnknownError",
]
