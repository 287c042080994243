"""Onboarding's tasks: fetch, call, return."""

from celery import shared_task
from django.utils import timezone

from onboarding.drift import directory_checks, drift_repairs
from onboarding.importing import import_work
from onboarding.models import (
    AccessReading,
    AccountAssignment,
    Drift,
    ImportBatch,
    Member,
    PermissionSet,
    SetupRun,
    SignInReading,
)
from onboarding.permission_sets import assignment_work, set_work
from onboarding.permission_sets import readings as access_readings
from onboarding.reminding import digest, reminders
from onboarding.setup import runs as setup_runs
from onboarding.steps import sign_in_reading
from onboarding.team import provisioning, trouble
from portal import jobs
from portal.models import JobRun


@shared_task
def provision_member(pk: int) -> None:
    wait = provisioning.provision(pk)
    if wait is not None:
        jobs.enqueue(Member, [pk], after=wait)


@shared_task
def assess_trouble() -> None:
    """Every few minutes: who got stuck by the mere passing of time."""
    trouble.assess_waiting()
    JobRun.note("assess_trouble")


@shared_task
def reconcile_directory(pk: int | None = None) -> None:
    """Carry out the check that was asked for or, at night, ask for one first."""
    if pk is None:
        pk = directory_checks.ask(now=timezone.now()).pk
    if not jobs.is_paused():
        directory_checks.carry_out(pk)


@shared_task
def repair_drift(pk: int) -> None:
    wait = drift_repairs.carry_out(pk)
    if wait is not None:
        jobs.enqueue(Drift, [pk], after=wait)


@shared_task
def work_on_import(pk: int) -> None:
    wait = import_work.work(pk)
    if wait is not None:
        jobs.enqueue(ImportBatch, [pk], after=wait)


@shared_task
def read_sign_ins(pk: int | None = None) -> None:
    """Carry on with the reading of CloudTrail or, from beat, see to it that there is one."""
    reading = sign_in_reading.ask() if pk is None else None
    pk = reading.pk if reading else pk
    if pk is None or jobs.is_paused():
        return
    wait = sign_in_reading.carry_on(pk)
    if wait is not None:
        jobs.enqueue(SignInReading, [pk], after=wait)


@shared_task
def carry_out_setup(pk: int) -> None:
    wait = setup_runs.carry_out(pk)
    if wait is not None:
        jobs.enqueue(SetupRun, [pk], after=wait)


@shared_task
def preflight_daily() -> None:
    """By the clock; it asks Cost Explorer once, so not more often than that."""
    carry_out_setup(setup_runs.ask(SetupRun.Kind.PREFLIGHT).pk)


@shared_task
def send_reminders() -> None:
    """Every half hour: what is due goes into the outbox, in working hours only."""
    now = timezone.now()
    reminders.send_due(now=now)
    digest.send_due(now=now)
    JobRun.note("send_reminders")


@shared_task
def read_access(pk: int | None = None) -> None:
    """Carry out the reading that was asked for or, from beat, ask for one first."""
    reading = access_readings.ask(now=timezone.now()) if pk is None else None
    pk = reading.pk if reading else pk
    if pk is None or jobs.is_paused():
        return
    wait = access_readings.carry_out(pk)
    if wait is not None:
        jobs.enqueue(AccessReading, [pk], after=wait)


@shared_task
def work_on_permission_set(pk: int) -> None:
    wait = set_work.carry_out(pk)
    if wait is not None:
        jobs.enqueue(PermissionSet, [pk], after=wait)


@shared_task
def work_on_assignment(pk: int) -> None:
    wait = assignment_work.carry_out(pk)
    if wait is not None:
        jobs.enqueue(AccountAssignment, [pk], after=wait)
