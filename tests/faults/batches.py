"""Lists of everything at once, lists sent twice, and a list imported while all else fails."""

import time
from collections import Counter
from dataclasses import replace

from onboarding.importing import imports
from onboarding.models import ImportBatch, ImportRow, Member, Plan
from portal.models import User, Workspace
from tests.faults import truth
from tests.faults.browser import at_once
from tests.faults.lab import Lab
from tests.faults.outcome import fault

Status, Verdict = Member.Status, ImportRow.Verdict
KINDS = ("good", "there", "invalid", "taken", "late", "quota")
CLICKS = 20


def text_of(addresses):
    return "email,given name,family name\n" + "".join(f"{each},Lab,Person\n" for each in addresses)


def draft(lab, addresses):
    plans = list(Plan.objects.all())
    plan = next(each for each in plans if each.code == "pro-plus")
    text = text_of(addresses)
    return imports.draft(text, source="lab.csv", plan=plan, plans=plans, actor=lab.founder)


# A mixed batch ---------------------------------------------------------------------------------


@fault("mixed batch: good, there, invalid, taken, quota")
def mixed(lab: Lab):
    """`taken`: somebody else has our user name; `late`: since the preview only."""
    lab.fresh()
    each = max(1, lab.some(1000, short=12) // len(KINDS))
    people = {kind: lab.addresses(each, kind) for kind in KINDS}
    people["invalid"] = [address.replace("@", " at ") for address in people["invalid"]]
    for address in people["there"]:
        _create(lab, f"old-{address}", address)
    for address in people["taken"]:
        _create(lab, address, f"other-{address}")
    quota = {"kind": "error", "code": "ServiceQuotaExceededException", "status": 402}
    lab.cloud.fault(operation="CreateUser", match=f"{people['quota'][0].split('-')[0]}-", **quota)
    with lab.at_work():
        batch = draft(lab, [address for kind in KINDS for address in people[kind]])
        lab.until(lambda: ImportBatch.objects.filter(pk=batch.pk, next_try_at=None).exists())
        for address in people["late"]:
            _create(lab, address, f"other-{address}")
        before = truth.everything(lab)
        batch.refresh_from_db()
        imports.confirm(batch, actor=lab.founder)
        lab.settle()
    return _judge_mixed(lab, batch, people, before)


def _create(lab, user_name, email):
    lab.cloud.client("identitystore").create_user(
        IdentityStoreId=Workspace.load().identity_store_id,
        UserName=user_name,
        Name={"GivenName": "Some", "FamilyName": "Body"},
        DisplayName="Some Body",
        Emails=[{"Value": email, "Type": "work", "Primary": True}],
    )


def _judge_mixed(lab, batch, people, before):
    rows = {row.email: row for row in batch.rows.select_related("member")}
    missing = [a for kind in KINDS if kind != "invalid" for a in people[kind] if a not in rows]
    wrong = sum(not _is_as_it_should(rows[a], kind) for kind in KINDS for a in people[kind])
    users, seats = truth.everything(lab)
    adopted = {row.directory_user_id for row in rows.values() if row.directory_user_id}
    touched = sum(users.get(user_id) != user for user_id, user in before[0].items())
    touched += sum(user_id not in adopted for _, user_id in seats - before[1] - _ours(seats))
    touched += len(before[1] - seats)
    done = truth.judge(lab, people["good"], injected=sum(map(len, people.values())) - len(missing))
    doubles = sum(seat != 1 for seat in Counter(_seats_of(rows, people, seats)).values())
    note = f"{sum(map(len, people.values()))} verdicts, {touched} of others touched"
    return replace(
        done,
        lost=done.lost + len(missing),
        twice=done.twice + doubles,
        wrong=done.wrong + wrong + touched,
        note=note,
    )


def _ours(seats):
    ids = set(Member.objects.values_list("directory_user_id", flat=True))
    return {(group, user) for group, user in seats if user in ids}


def _seats_of(rows, people, seats):
    """Whose seat each is, of those who were there before."""
    adopted = {rows[address].directory_user_id for address in people["there"]}
    return [user for _, user in seats if user in adopted]


def _is_as_it_should(row, kind):
    if kind in {"invalid", "taken"}:
        wanted = Verdict.INVALID if kind == "invalid" else Verdict.TAKEN
        return row.member is None and row.verdict == wanted and bool(row.reason)
    if row.member is None:
        return False
    if kind in {"late", "quota"}:
        return row.member.status == Status.FAILED and bool(row.member.last_error)
    origin = Member.Origin.ADOPTED if kind == "there" else Member.Origin.CREATED
    return row.member.status == Status.INVITED and row.member.origin == origin


# The same list over and over -------------------------------------------------------------------


@fault("double click, two founders, one file")
def sent_twice(lab: Lab):
    lab.fresh()
    addresses = lab.addresses(lab.some(200, short=10))
    other = User.objects.create_user("other@lab.example", role=User.Role.FOUNDER)
    with lab.at_work(web=True):
        browsers = [lab.browser(), lab.browser(other)] * (CLICKS // 2)
        lab.until(lambda: browsers[0].get("/healthz").status == 200, seconds=60)
        text = text_of(addresses)
        sent = at_once(
            [lambda each=each: each.post("/team/import/", text=text) for each in browsers]
        )
        paths = [answer.location for answer in sent]
        confirmed = at_once(
            [
                lambda each=each, path=path: each.post(f"{path}confirm/")
                for each, path in zip(browsers, paths, strict=True)
            ]
        )
        lab.settle()
    batches = ImportBatch.objects.exclude(state=ImportBatch.State.DRAFT).count()
    failed = sum(answer.status != 302 for answer in (*sent, *confirmed))
    outcome = truth.judge(lab, addresses, injected=2 * CLICKS)
    places = {answer.location for answer in confirmed}
    extra = max(0, batches - 1) + max(0, len(places) - 1)
    note = f"{batches} batch of {2 * CLICKS} POSTs"
    return replace(outcome, twice=outcome.twice + extra, wrong=outcome.wrong + failed, note=note)


# An import under fire --------------------------------------------------------------------------


@fault("import: 70% throttled, 20% unheard, kill -9")
def under_fire(lab: Lab):
    lab.fresh()
    addresses, kills = lab.addresses(lab.some(1000, short=10)), lab.some(20)
    with lab.at_work() as keeper:
        batch, seconds = draft(lab, addresses), lab.some(60, short=3)
        trouble = {"service": "identitystore", "seconds": seconds}
        ends = time.monotonic() + seconds
        lab.cloud.fault(kind="throttle", share=0.7, **trouble)
        lab.cloud.fault(kind="drop", operation="CreateUser", share=0.2)
        imports.confirm(batch, actor=lab.founder)
        for _ in range(kills):
            time.sleep(lab.dice.uniform(0.5, 2.0))
            keeper.kill_one()
        time.sleep(max(0.0, ends - time.monotonic()))
        recovery, died = lab.mend(since=max(ends, *keeper.deaths)), len(keeper.deaths)
        lab.settle()
    faults = Counter(entry["fault"] for entry in lab.cloud.ledger() if entry["fault"])
    outcome = truth.judge(
        lab, addresses, injected=died + faults.total(), recovery=recovery, spare_letters=8 * died
    )
    failed = Member.objects.filter(status=Status.FAILED).count()
    note = f"{died} kills, {faults['throttle']} throttled, {faults['drop']} unheard"
    missing = len(addresses) - Member.objects.count()
    return replace(outcome, lost=outcome.lost + missing, wrong=outcome.wrong + failed, note=note)
