"""People: the plans they can have, the team, and the steps each member has taken."""

from onboarding.models.member import Member
from onboarding.models.plan import Plan
from onboarding.models.steps import Step, StepRecord

__all__ = ["Member", "Plan", "Step", "StepRecord"]
