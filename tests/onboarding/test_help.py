"""I'm stuck: the answer at once, the founder's board, the answer by mail, closed."""

import pytest
from django.core import mail

from onboarding.models import HelpRequest, Member, Step
from onboarding.setup.troubleshooting import diagnose
from onboarding.steps import stuck
from portal.mailing import notices
from portal.models import AuditEvent, Notice
from tests.factories import make_founder, make_member, make_workspace

pytestmark = pytest.mark.django_db
KNOWN = "Error: Failed to create Kiro subscription for 1 user"


@pytest.fixture
def member(client):
    make_workspace()
    member = make_member(done=2, given_name="Jonas")
    client.force_login(member.user)
    return member


@pytest.fixture
def founder():
    return make_founder(name="Helen Moss")


def ask(client, **data):
    return client.post("/checklist/help/", {"step": "sign-out", "text": "It hangs.", **data})


def test_every_step_has_a_way_to_say_so(client, member):
    page = client.get("/checklist/").content.decode()

    assert all(f"/checklist/help/?step={step}" in page for step in Step)


def test_a_known_error_is_answered_at_once(client, member):
    page = ask(client, text=KNOWN).content.decode()

    assert diagnose(KNOWN).failure.title in page
    assert not HelpRequest.objects.exists()


def test_an_unknown_one_is_offered_to_the_founder(client, member):
    page = ask(client).content.decode()

    assert "does not know this one" in page
    assert 'name="still"' in page


def test_nothing_is_no_error_that_is_unknown(client, member):
    page = ask(client, text="").content.decode()

    assert "Nothing was pasted" in page
    assert 'name="still"' in page


def test_still_stuck_reaches_the_board_with_what_was_pasted(client, member, founder):
    ask(client, still="1", text="It hangs <b>here</b>")

    member.refresh_from_db()
    assert member.trouble == Member.Trouble.ASKED_FOR_HELP
    client.force_login(founder)
    assert "Asked for help" in client.get("/team/").content.decode()
    assert "It hangs &lt;b&gt;here&lt;/b&gt;" in client.get("/team/help/").content.decode()


def test_asking_again_is_one_call(client, member):
    ask(client, still="1")
    ask(client, still="1", text="Still.")

    assert HelpRequest.objects.get().pasted == "Still."


@pytest.fixture
def call(client, member):
    ask(client, still="1")
    return HelpRequest.objects.get()


def test_the_answer_is_mailed_and_shown_in_the_step(client, member, call, founder):
    client.force_login(founder)
    client.post(f"/team/help/{call.pk}/", {"answer": "Restart <i>Kiro</i>."})
    notices.send(Notice.objects.get(kind="help-answer").pk)

    assert mail.outbox[0].to == [member.email]
    assert "Restart <i>Kiro</i>." in mail.outbox[0].body
    assert "Restart &lt;i&gt;Kiro&lt;/i&gt;." in mail.outbox[0].alternatives[0][0]
    client.force_login(member.user)
    assert "Restart &lt;i&gt;Kiro&lt;/i&gt;." in client.get("/checklist/").content.decode()


def test_the_members_page_shows_the_call_and_takes_the_answer(client, member, call, founder):
    client.force_login(founder)
    page = client.get(f"/team/{member.pk}/").content.decode()
    assert "Asks for help" in page
    assert f'action="/team/help/{call.pk}/"' in page

    response = client.post(f"/team/help/{call.pk}/", {"answer": "Restart.", "back": "member"})

    assert response.url == f"/team/{member.pk}/"
    assert "Restart." in client.get(response.url).content.decode()


def test_a_solved_call_is_gone_from_the_members_page(client, member, call, founder):
    client.force_login(founder)

    client.post(f"/team/help/{call.pk}/", {"solved": "1", "back": "member"})

    assert "Asks for help" not in client.get(f"/team/{member.pk}/").content.decode()


def test_an_answer_takes_the_trouble_away(member, call, founder):
    stuck.answer(call, "Restart.", by=founder)

    member.refresh_from_db()
    assert (member.trouble, member.asked_for_help_at) == ("", None)


def test_the_same_answer_twice_is_one_mail(call, founder):
    stuck.answer(call, "Restart.", by=founder)
    stuck.answer(call, "Restart.", by=founder)

    assert Notice.objects.filter(kind="help-answer").count() == 1


def test_asking_again_after_an_answer_waits_again(client, member, call, founder):
    stuck.answer(call, "Restart.", by=founder)

    ask(client, still="1", text="No use.")

    member.refresh_from_db()
    assert member.trouble == Member.Trouble.ASKED_FOR_HELP
    assert HelpRequest.objects.get().is_waiting


def test_an_empty_answer_is_none(client, call, founder):
    client.force_login(founder)
    client.post(f"/team/help/{call.pk}/", {"answer": "  "})

    assert not Notice.objects.exists()


@pytest.mark.parametrize("who", ["member", "founder"])
def test_solved_closes_it(client, member, call, founder, who):
    if who == "member":
        client.post("/checklist/help/", {"step": "sign-out", "solved": "1"})
    else:
        client.force_login(founder)
        client.post(f"/team/help/{call.pk}/", {"solved": "1"})

    member.refresh_from_db()
    call.refresh_from_db()
    assert call.solved_at
    assert member.trouble == ""


def test_ticking_the_step_closes_it(client, member, call):
    client.post("/checklist/sign-out/", {"done": "1"})

    call.refresh_from_db()
    member.refresh_from_db()
    assert call.solved_at
    assert member.trouble == ""


def test_a_mail_about_what_is_solved_is_not_sent(call, founder):
    stuck.answer(call, "Restart.", by=founder)
    stuck.solve(call, by=founder)

    notices.send(Notice.objects.get().pk)

    assert mail.outbox == []


def test_whoever_has_left_waits_no_more(client, member, call, founder):
    Member.objects.filter(pk=member.pk).update(status=Member.Status.REMOVED)
    client.force_login(founder)

    assert client.post(f"/team/help/{call.pk}/", {"answer": "x"}).status_code == 404
    assert "Nobody is waiting" in client.get("/team/help/").content.decode()


def test_the_call_is_ones_own(client, call):
    other = make_member()
    client.force_login(other.user)

    client.post("/checklist/help/", {"step": "sign-out", "solved": "1"})

    call.refresh_from_db()
    assert call.solved_at is None


@pytest.mark.parametrize("data", [{"step": "dance"}, {"step": ""}, {"text": "x" * 30_000}])
def test_nonsense_is_asked_for_again(client, member, data):
    response = ask(client, still="1", **data)

    assert response.status_code == 200
    assert not HelpRequest.objects.exists()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key AKIAIOSFODNN7EXAMPLE refused", "AKIAIOSFODNN7EXAMPLE"),
        ("token=abc123 x", "abc123"),
        ('"password": "hunter2"', "hunter2"),
        ("Authorization: Bearer abc.def", "abc.def"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.sig", "eyJhbGci"),
        ("https://x/?workflowResultHandle=SECRET-1&y=2", "SECRET-1"),
    ],
)
def test_keys_are_taken_out_of_what_is_kept(text, secret):
    assert secret not in stuck.clean(text)


def test_an_error_text_is_kept_as_it_is():
    assert stuck.clean(f" {KNOWN}\n") == KNOWN


def test_history_knows_who_asked_and_answered(client, member, call, founder):
    stuck.answer(call, "Restart.", by=founder)

    actions = AuditEvent.objects.filter(subject=f"member:{member.pk}")
    assert {"help.asked", "help.answered"} <= set(actions.values_list("action", flat=True))


def test_who_waits_comes_first(call, founder):
    stuck.answer(call, "Restart.", by=founder)
    other = make_member()
    waiting = stuck.ask(other, Step.ACTIVATE, text="x", diagnosis="", by=other.user)

    assert list(stuck.calls()) == [waiting, call]


def test_the_list_costs_the_same_queries(client, founder, queries_of):
    make_workspace()
    client.force_login(founder)

    def asked_after(calls):
        for _ in range(calls):
            member = make_member()
            stuck.ask(member, Step.SIGN_OUT, text="x", diagnosis="", by=member.user)
        return queries_of(lambda: client.get("/team/help/"))

    assert asked_after(1) == asked_after(2)
