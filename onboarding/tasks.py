"""Onboarding's tasks: fetch, call, return."""

from celery import shared_task

from onboarding import provisioning, trouble
from onboarding.models import Member
from portal import jobs
from portal.models import JobRun


@shared_task
def provision_member(pk: int) -> None:
    wait = provisioning.provision(pk)
    if wait is not None:
        jobs.ring(Member, [pk], after=wait)


@shared_task
def assess_trouble() -> None:
    """Every few minutes: who got stuck by the mere passing of time."""
    trouble.assess_waiting()
    JobRun.note("assess_trouble")
