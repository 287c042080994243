"""The main job, end to end, in a browser against the real processes of `manage.py run`."""

import re
import urllib.request

import boto3
import pytest

from tests.support.visits import add_member, enter, letters_to, link_in, wait_for

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def aws_url(portal_process):
    return re.search(r"--endpoint-url (http://\S+)", portal_process.said).group(1)


@pytest.fixture(scope="module")
def directory(aws_url):
    """Identity Center as somebody else's tool sees it: over HTTP, at the printed address."""
    return _client("identitystore", aws_url)


def _client(service, url):
    session = boto3.session.Session("other", "tool", region_name="us-east-1")
    return session.client(service, endpoint_url=url)


def store_of(aws_url):
    return _client("sso-admin", aws_url).list_instances()["Instances"][0]["IdentityStoreId"]


def test_from_the_founders_click_to_a_verified_plan(page, portal_process, directory, aws_url):
    address = "grace.hopper@northwind.example"
    enter(page, "the founder")
    add_member(page, given="Grace", family="Hopper", address=address)
    row = page.get_by_role("row").filter(has_text=address)
    row.get_by_text("Invited", exact=True).wait_for()  # the row followed the work by itself

    store = store_of(aws_url)
    users = directory.list_users(IdentityStoreId=store)["Users"]
    (user,) = [user for user in users if user["UserName"] == address]
    memberships = directory.list_group_memberships_for_member(
        IdentityStoreId=store, MemberId={"UserId": user["UserId"]}
    )["GroupMemberships"]
    groups = [
        directory.describe_group(IdentityStoreId=store, GroupId=seat["GroupId"])["DisplayName"]
        for seat in memberships
    ]
    assert groups == ["KiroProPlus"]

    (letter,) = wait_for(lambda: letters_to(portal_process, address))
    member = page.context.browser.new_context(base_url=portal_process.url).new_page()
    member.goto(link_in(letter))
    member.get_by_role("button", name="Continue").click()
    for slug in ["activate", "cancel-individual", "sign-out", "org-sign-in"]:
        member.locator(f"#step-{slug}[aria-current=step] button[type=submit]").first.click()
    verify = member.locator("#step-verify-plan[aria-current=step]")
    verify.get_by_role("textbox", name="Plan").fill("Pro+")
    verify.get_by_role("textbox", name="Credits").fill("2,000")
    verify.get_by_role("textbox", name="Account").fill(store)
    verify.get_by_role("button", name="Check my plan").click()
    member.get_by_text("You are all set, Grace").wait_for()

    page.goto(f"/team/?q={address}")
    page.get_by_role("row").filter(has_text=address).get_by_text("Verified").wait_for()


def test_without_scripts_the_same_forms_work(browser, portal_process):
    context = browser.new_context(base_url=portal_process.url, java_script_enabled=False)
    page = context.new_page()
    enter(page, "the founder")

    add_member(page, given="Plain", family="Html", address="plain@northwind.example")

    page.get_by_role("row").filter(has_text="plain@northwind.example").wait_for()
    context.close()


def test_the_spend_that_a_worker_fetched_equals_the_source(page, aws_url):
    enter(page, "the founder")
    page.goto("/spend/?period=last-month")
    wait_for(lambda: page.reload() and not page.get_by_text("No spend yet").is_visible())

    shown = page.locator(".sum").inner_text()

    used, covered, paid = (
        float(figure.replace(",", "").replace("−", "-"))
        for figure in re.findall(r"\$([\d,.]+)", shown)[:3]
    )
    source = _last_month(_client("ce", aws_url), page)
    assert paid == pytest.approx(source["net"], abs=0.005)
    assert covered == pytest.approx(-source["credits"], abs=0.005)
    assert used == pytest.approx(source["net"] - source["credits"], abs=0.01)


def _last_month(cost_explorer, page):
    first = page.evaluate(
        "() => { const d = new Date(); return [new Date(Date.UTC(d.getUTCFullYear(), "
        "d.getUTCMonth() - 1, 1)), new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), 1))]"
        ".map(x => x.toISOString().slice(0, 10)) }"
    )
    answer = cost_explorer.get_cost_and_usage(
        TimePeriod={"Start": first[0], "End": first[1]},
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter={"Dimensions": {"Key": "SERVICE", "Values": ["Kiro"]}},
        GroupBy=[{"Type": "DIMENSION", "Key": "RECORD_TYPE"}],
    )
    sums = {
        group["Keys"][0]: float(group["Metrics"]["UnblendedCost"]["Amount"])
        for group in answer["ResultsByTime"][0]["Groups"]
    }
    return {"net": sum(sums.values()), "credits": sums.get("Credit", 0.0)}


def test_a_member_gets_nothing_of_the_founders(page):
    enter(page, "a member")

    assert page.goto("/team/").status == 404
    assert page.goto("/spend/").status == 404


def test_all_parts_say_that_they_are_well(portal_process):
    with urllib.request.urlopen(f"{portal_process.url}/healthz", timeout=60) as answer:
        assert b'"status": "ok"' in answer.read()
