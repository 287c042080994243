"""What keeps work from being lost, done twice or done all at once."""

from tests.mutants.mutant import Mutant

JOBS = "tests/portal/test_jobs.py"
HOLDERS = "tests/portal/test_holders.py"
SETTING_UP = "tests/onboarding/test_provisioning.py"
PACE = "tests/portal/test_pacing.py"
IMPORT = "tests/onboarding/test_import_pages.py"

WORK = [
    Mutant(
        guard="claim: only a row that is due and free",
        file="portal/jobs.py",
        old="rows = model._default_manager.filter(due(now), pk=pk)",
        new="rows = model._default_manager.filter(pk=pk)",
        tests=(JOBS,),
    ),
    Mutant(
        guard="claim: looked and taken in one statement",
        file="portal/jobs.py",
        old="    if not rows.update(lease=lease, leased_until=now + span):\n        return None\n",
        new="    if not rows.exists():\n        return None\n"
        "    model._default_manager.filter(pk=pk).update(lease=lease, leased_until=now + span)\n",
        tests=(JOBS,),
    ),
    Mutant(
        guard="lease: a dead worker's row can be taken over",
        file="portal/jobs.py",
        old="is_free = Q(leased_until=None) | Q(leased_until__lt=now)",
        new="is_free = Q(leased_until=None)",
        tests=(JOBS,),
    ),
    Mutant(
        guard="lease: who lost it writes nothing",
        file="portal/jobs.py",
        old="filter(pk=row.pk, lease=row.lease, **(expect or {}))",
        new="filter(pk=row.pk, **(expect or {}))",
        tests=(JOBS,),
    ),
    Mutant(
        guard="lease: nothing is finished that changed its state meanwhile",
        file="portal/jobs.py",
        old="filter(pk=row.pk, lease=row.lease, **(expect or {}))",
        new="filter(pk=row.pk, lease=row.lease)",
        tests=(
            JOBS,
            "tests/onboarding/test_offboarding.py::test_leaving_while_being_set_up_leaves_nothing_behind",
        ),
    ),
    Mutant(
        guard="lease: who is stopped and not dead keeps theirs",
        file="portal/holders.py",
        old="fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        new="pass",
        tests=(HOLDERS,),
    ),
    Mutant(
        guard="lease: of the dead alone it runs out at once",
        file="portal/holders.py",
        old="lease__startswith=holder, ",
        new="",
        tests=(HOLDERS,),
    ),
    Mutant(
        guard="quarantine after five failures of a kind",
        file="portal/jobs.py",
        old="MOST_FAILURES = 5",
        new="MOST_FAILURES = 500",
        tests=(JOBS,),
    ),
    Mutant(
        guard="quarantine: throttling never counts",
        file="portal/jobs.py",
        old="is_quarantined = counts and failures >= MOST_FAILURES",
        new="is_quarantined = failures >= MOST_FAILURES",
        tests=(JOBS,),
    ),
    Mutant(
        guard="quarantine: an error nobody expected counts",
        file="portal/attempts.py",
        old="            _count(row, error)\n",
        new="",
        tests=("tests/portal/test_attempts.py",),
    ),
    Mutant(
        guard="outbox: what is sent is noted once the database is back",
        file="portal/mailing/notices.py",
        old="        except (OperationalError, InterfaceError):\n",
        new="        except ZeroDivisionError:\n",
        tests=("tests/portal/test_notices.py",),
    ),
    Mutant(
        guard="queue: rung after the commit only",
        file="portal/jobs.py",
        old="transaction.on_commit(partial(ring, type(row), [row.pk]))",
        new="ring(type(row), [row.pk])",
        tests=("tests/onboarding/test_team.py::test_the_work_is_asked_for_once_committed",),
    ),
    Mutant(
        guard="pause: AccessDenied stops everybody",
        file="onboarding/team/provisioning.py",
        old='    jobs.pause_all(f"{error.operation}: {error.message}")\n',
        new="",
        tests=(f"{SETTING_UP}::test_denied_pauses_everybody",),
    ),
    Mutant(
        guard="pause: AWS is not asked meanwhile",
        file="onboarding/team/provisioning.py",
        old="if jobs.is_paused():",
        new="if False:",
        tests=(f"{SETTING_UP}::test_while_paused_aws_is_not_asked",),
    ),
    Mutant(
        guard="pacing: turns stand apart",
        file="portal/pacing.py",
        old="last + 0.5 / rate",
        new="last",
        tests=(PACE,),
    ),
    Mutant(
        guard="pacing: no second has more than AWS allows",
        file="portal/pacing.py",
        old="oldest + window / rate",
        new="oldest",
        tests=(PACE,),
    ),
    Mutant(
        guard="pacing: throttled, everybody slows down",
        file="portal/aws.py",
        old="        pacing.slow_down()",
        new="        pass",
        tests=("tests/portal/test_aws.py::test_only_the_shared_quota_slows_us_down",),
    ),
    Mutant(
        guard="pacing: a burst of refusals slows down once",
        file="portal/pacing.py",
        old="if now - (tonumber(state[2]) or 0) < 1 then return 0 end\n",
        new="",
        tests=(PACE,),
    ),
    Mutant(
        guard="pacing: every request waits, the SDK's second attempt too",
        file="portal/aws.py",
        old='made.meta.events.register("before-send", _wait_for_turn)',
        new="pacing.wait_for_turn()",
        tests=("tests/portal/test_aws.py::test_every_attempt_waits_for_its_turn",),
    ),
    Mutant(
        guard="outbox: the same mail goes out once",
        file="portal/mailing/notices.py",
        old="    notice, is_new = Notice.objects.get_or_create(\n        key=key,",
        new="    notice, is_new = Notice.objects.get_or_create(\n        key=f'{key}{timezone.now()}',",
        tests=("tests/portal/test_notices.py::test_the_same_key_is_the_same_notice",),
    ),
    Mutant(
        guard="reminder once a state",
        file="onboarding/reminding/reminders.py",
        old="passed is None or passed <= max(standing.had, default=0)",
        new="passed is None",
        tests=("tests/onboarding/test_reminders.py::test_who_is_due",),
    ),
    Mutant(
        guard="reminder: never at night, never on a weekend",
        file="onboarding/reminding/reminders.py",
        old="    if not is_working_hour(now, ZoneInfo(rules.time_zone)):\n        return None\n",
        new="",
        tests=("tests/onboarding/test_reminders.py::test_not_at_night_and_not_on_weekends",),
    ),
    Mutant(
        guard="import: a double click confirms once",
        file="onboarding/importing/imports.py",
        old="ImportBatch.objects.filter(pk=batch.pk, state=State.DRAFT)",
        new="ImportBatch.objects.filter(pk=batch.pk)",
        tests=("tests/onboarding/test_import_work.py::test_of_two_who_see_the_draft_one_confirms",),
    ),
    Mutant(
        guard="import: the same list of two founders begins once",
        file="onboarding/importing/imports.py",
        old='"confirmed_at": now, "key": key}',
        new='"confirmed_at": now, "key": f"{key}:{batch.pk}"}',
        tests=(f"{IMPORT}::test_the_same_list_from_another_founder_leads_to_the_first_import",),
    ),
    Mutant(
        guard="import: what has a member is not made again",
        file="onboarding/importing/import_work.py",
        old="waiting = batch.rows.filter(member=None, verdict__in=TAKEN_IN)",
        new="waiting = batch.rows.filter(verdict__in=TAKEN_IN)",
        tests=("tests/onboarding/test_import_work.py::test_a_crash_anywhere_doubles_nothing",),
    ),
    Mutant(
        guard="import: nobody begins while it is paused",
        file="onboarding/importing/import_work.py",
        old="due_at=None if batch.is_paused else timezone.now()",
        new="due_at=timezone.now()",
        tests=(
            "tests/onboarding/test_import_work.py::test_a_pause_before_the_members_are_made_holds_too",
        ),
    ),
    Mutant(
        guard="lists: fifty a page",
        file="onboarding/views/team.py",
        old="PAGE = 50",
        new="PAGE = 50_000",
        tests=("tests/onboarding/test_team.py::test_pages_hold_fifty",),
    ),
    Mutant(
        guard="lists: too large an upload is refused unread",
        file="onboarding/views/imports.py",
        old="if not length.isdecimal() or int(length) > MOST_BODY:",
        new="if False:",
        tests=(f"{IMPORT}::test_too_many_bytes_are_refused_unread",),
    ),
    Mutant(
        guard="team: an e-mail once",
        file="onboarding/migrations/0001_initial.py",
        old='fields=("email",),\n                name="member_email_once_on_team"',
        new='fields=("id",),\n                name="member_email_once_on_team"',
        tests=("tests/onboarding/test_team.py::test_the_same_person_is_on_the_team_once",),
        is_in_schema=True,
    ),
]
