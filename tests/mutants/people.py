"""What keeps Identity Center, and other people's users in it, from harm."""

from tests.mutants.mutant import Mutant

SETTING_UP = "tests/onboarding/test_provisioning.py"
DRIFT = "tests/onboarding/test_drift.py"
LEAVING = "tests/onboarding/test_offboarding.py"

PEOPLE = [
    Mutant(
        guard="adopt: a user whose making was not answered",
        file="onboarding/team/directory_users.py",
        old="    except aws.AwsConflict as conflict:\n        jobs.renew(member)\n",
        new="    except aws.AwsConflict as conflict:\n        raise\n        jobs.renew(member)\n",
        tests=(
            f"{SETTING_UP}::test_an_answer_that_was_lost_is_adopted_as_our_own",
            f"{SETTING_UP}::test_a_crash_before_the_user_was_noted_makes_no_second",
        ),
    ),
    Mutant(
        guard="adopt: somebody else's user is left alone",
        file="onboarding/team/directory_users.py",
        old="if normalise_email(found.email) != member.email:",
        new="if False:",
        tests=(f"{SETTING_UP}::test_somebody_else_under_our_user_name_is_left_alone",),
    ),
    Mutant(
        guard="adopt: a seat whose asking was not answered",
        file="onboarding/team/seats.py",
        old="    except aws.AwsConflict:\n",
        new="    except ZeroDivisionError:\n",
        tests=(f"{SETTING_UP}::test_a_seat_whose_answer_was_lost_is_one_seat",),
    ),
    Mutant(
        guard="adopt: looked for before it is made",
        file="onboarding/team/directory_users.py",
        old="    if not member.is_absent_from_directory:\n",
        new="    if False:\n",
        tests=(SETTING_UP,),
    ),
    Mutant(
        guard="seat: the new one before the old one goes",
        file="onboarding/team/seats.py",
        old="    if member.old_seat_group_id and member.old_seat_group_id != group_id:\n"
        "        _leave_old(directory, member)",
        new="    if member.seat_group_id:\n"
        "        _ask_to_leave(directory, member.directory_user_id, member.seat_group_id)",
        tests=(
            "tests/onboarding/test_plan_change.py::test_the_new_seat_comes_before_the_old_one_goes",
        ),
    ),
    Mutant(
        guard="offboarding: the name is typed for a user that is not ours",
        file="onboarding/team/offboarding.py",
        old="and typed_name != held.full_name",
        new="and False",
        tests=(f"{LEAVING}::test_a_user_the_portal_did_not_create_needs_the_name_typed",),
    ),
    Mutant(
        guard="offboarding: a user is kept unless asked",
        file="onboarding/team/offboarding.py",
        old="        if member.deletes_user:\n",
        new="        if True:\n",
        tests=(f"{LEAVING}::test_the_user_is_kept_unless_asked",),
    ),
    Mutant(
        guard="offboarding: the way into the portal is closed",
        file="onboarding/team/offboarding.py",
        old="    User.deactivate(User.objects.filter(member=member, role=User.Role.MEMBER))\n",
        new="",
        tests=(f"{LEAVING}::test_the_way_into_the_portal_is_closed",),
    ),
    Mutant(
        guard="drift: found, and not repaired unasked",
        file="onboarding/drift/drifts.py",
        old="row = Drift(kind=found.kind, member_id=found.member, found_at=now)",
        new="row = Drift(kind=found.kind, member_id=found.member, found_at=now, next_try_at=now)",
        tests=(f"{DRIFT}::test_what_is_found_is_no_work_until_somebody_asks",),
    ),
    Mutant(
        guard="drift: a stranger's seat is taken on confirmation only",
        file="onboarding/drift/drift_actions.py",
        old="if row.kind == Kind.STRANGER and not is_confirmed:",
        new="if False:",
        tests=(f"{DRIFT}::test_unconfirmed_a_stranger_keeps_the_seat",),
    ),
    Mutant(
        guard="drift: a listing cut short changes nothing",
        file="onboarding/gateways/identity_center.py",
        old="        for answer in aws.answers(partial(self.call, operation, MaxResults=100, **parameters)):\n"
        "            yield from answer[key]\n",
        new="        try:\n"
        "            for answer in aws.answers(partial(self.call, operation, MaxResults=100, **parameters)):\n"
        "                yield from answer[key]\n"
        "        except aws.AwsError:\n"
        "            return\n",
        tests=(f"{DRIFT}::test_a_listing_cut_short_changes_nothing",),
    ),
    Mutant(
        guard="drift: whoever is in work is not judged",
        file="onboarding/drift/drifts.py",
        old="if key not in seen and row.member_id not in in_work",
        new="if key not in seen",
        tests=(f"{DRIFT}::test_while_the_member_is_in_work_it_stays_open",),
    ),
    Mutant(
        guard="checklist: steps in their order",
        file="onboarding/steps/checklist.py",
        old="        raise NotYet(missing)\n",
        new="        pass\n",
        tests=("tests/onboarding/test_checklist.py::test_a_later_step_waits_for_the_earlier",),
    ),
    Mutant(
        guard="checklist: a bare tick does not outdo a check that failed",
        file="onboarding/steps/checklist.py",
        old="        raise PlainlyWrong(row.verdict)\n",
        new="        pass\n",
        tests=(
            "tests/onboarding/test_checklist.py::test_a_bare_tick_does_not_outdo_a_check_that_failed",
        ),
    ),
    Mutant(
        guard="evidence: another tier proves no plan",
        file="onboarding/steps/work_proofs.py",
        old="is_right = worked.plan_fits is True and not _contradicts(member, worked)",
        new="is_right = True",
        tests=("tests/billing/test_usage_proofs.py",),
    ),
    Mutant(
        guard="evidence: a sign-in before signing out proves no new account",
        file="onboarding/steps/evidence.py",
        old="and own_at and own_at > signed_out_at:",
        new="and own_at:",
        tests=("tests/onboarding/test_evidence.py::test_an_older_sign_in_does_not_back_it_up",),
    ),
    Mutant(
        guard="evidence: LoginTo goes into no log",
        file="onboarding/gateways/sign_ins.py",
        old='        who = detail["userIdentity"]["onBehalfOf"]\n',
        new='        who = detail["userIdentity"]["onBehalfOf"]\n'
        '        __import__("logging").getLogger(__name__).info("Signed in: %s", detail)\n',
        tests=("tests/onboarding/test_evidence.py::test_what_the_link_holds_is_kept_nowhere",),
    ),
    Mutant(
        guard="evidence: LoginTo is not kept",
        file="onboarding/gateways/sign_ins.py",
        old='user_id=str(who["userId"]),',
        new='user_id=str(who["userId"]) + str(detail["additionalEventData"])[:60],',
        tests=("tests/onboarding/test_evidence.py::test_what_the_link_holds_is_kept_nowhere",),
    ),
]
