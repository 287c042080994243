"""What Kiro shows against what the company has: one row a case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.verification import Expected, Shown, Verdict, compare, letters

OURS = Expected(
    plan="Pro+", credits=2000, account_id="123456789012", identity_store_id="d-9067c1a2b3"
)


@pytest.mark.parametrize(
    ("plan", "credits", "account", "verdict"),
    [
        ("Pro+", "2,000", "d-9067c1a2b3", Verdict.RIGHT),
        ("Kiro Pro+", "2000", "123456789012", Verdict.RIGHT),
        ("PRO_PLUS", "", "1234-5678-9012", Verdict.RIGHT),
        ("KiroEnterprise-ProPlus", "12 / 2.000", "D-9067C1A2B3", Verdict.RIGHT),
        ("pro-plus", "2 000", "https://d-9067c1a2b3.awsapps.com/start", Verdict.RIGHT),
        ("", "2’000", "Account 123456789012", Verdict.RIGHT),
        ("", "2000.00", "123456789012", Verdict.RIGHT),
        ("Pro", "1,000", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("Power", "10,000", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "1.000", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("Free", "50", "d-9067c1a2b3", Verdict.NOT_YET),
        ("", "50", "123456789012", Verdict.NOT_YET),
        ("Pending", "", "123456789012", Verdict.NOT_YET),
        ("Free", "50", "", Verdict.PERSONAL),
        ("", "0 / 50", "", Verdict.PERSONAL),
        ("Pro+", "2000", "Signed in with Google", Verdict.PERSONAL),
        ("Pro+", "2000", "Builder ID", Verdict.PERSONAL),
        ("Pro+", "2000", "d-0000000000", Verdict.PERSONAL),
        ("Pro+", "2000", "999999999999", Verdict.PERSONAL),
        ("Pro+", "2000", "", Verdict.CANNOT_TELL),
        ("Pro", "1000", "", Verdict.WRONG_PLAN),
        ("", "", "d-9067c1a2b3", Verdict.CANNOT_TELL),
        ("", "", "", Verdict.CANNOT_TELL),
    ],
)
def test_verdict(plan, credits, account, verdict):
    assert compare(Shown(plan=plan, credits=credits, account=account), OURS) == verdict


@pytest.mark.parametrize("spelling", ["Pro+", "pro plus", "PRO_PLUS", "Kiro Pro+", "ProPlus"])
def test_spellings_of_one_plan_are_one(spelling):
    assert letters(spelling) == "proplus"


@given(st.text(), st.text(), st.text())
def test_any_text_gets_a_verdict(plan, credits, account):
    assert compare(Shown(plan=plan, credits=credits, account=account), OURS) in Verdict


@given(st.text(alphabet="0123456789 -.,d", max_size=40))
def test_never_right_without_naming_our_account(account):
    names_us = "123456789012" in account.replace("-", "").replace(" ", "")
    verdict = compare(Shown(plan="Pro+", credits="2000", account=account), OURS)
    assert names_us or verdict != Verdict.RIGHT
