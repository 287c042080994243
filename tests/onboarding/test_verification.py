"""What Kiro shows against what the company has: one row a case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.steps.verification import Expected, Shown, Verdict, compare, letters

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
        # numbers as other languages write them
        ("", "٢٬٠٠٠", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "۲٬۰۰۰", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "２，０００", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "२,०००", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2\u202f000 crédits", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2.000,00", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "37,5 / 2.000 Credits", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "1 000", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "٥٠", "", Verdict.PERSONAL),
        ("", "2,000", "١٢٣٤٥٦٧٨٩٠١٢", Verdict.RIGHT),
        ("", "2’000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2‘000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2˙000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2_000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2\u2007000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2 000,00", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "２ ０００", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "２．０００", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "2k", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "12,5 sur 2 000", "d-9067c1a2b3", Verdict.RIGHT),
        ("", "1’000", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "１，０００", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "１万", "d-9067c1a2b3", Verdict.WRONG_PLAN),
        # credits in other languages
        ("", "", "0 из 2 000 кредитов · 123456789012", Verdict.RIGHT),
        ("", "", "已使用 0 / 2,000 积分 123456789012", Verdict.RIGHT),
        ("", "", "0 / 2,000 크레딧 123456789012", Verdict.RIGHT),
        ("", "", "٠ / ٢٬٠٠٠ رصيد d-9067c1a2b3", Verdict.RIGHT),
        ("", "", "2 000 krediter 123456789012", Verdict.RIGHT),
        ("", "", "2 000 kredytów 123456789012", Verdict.RIGHT),
        ("", "", "2.000 kredi 123456789012", Verdict.RIGHT),
        ("", "", "2.000 crediti, Pro+, 123456789012", Verdict.RIGHT),
        ("", "", "1.000 Kredite, Pro, d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "", "50 Kredite, Kiro Free, d-9067c1a2b3", Verdict.NOT_YET),
        ("", "", "Mit Google angemeldet, Pro+, 2.000 Kredite", Verdict.PERSONAL),
        # lines that a narrow window has wrapped, and signs that a word processor has changed
        ("", "", "Kiro Pro+\n2,000 credits\nd-9067c1a2b3", Verdict.RIGHT),
        ("", "", "Kiro Pro\n+ 2,000 credits d-9067c1a2b3", Verdict.RIGHT),
        ("", "", "Pro+ 2,\n000 credits 123456789012", Verdict.RIGHT),
        ("", "", "Pro+, 2,000 credits, d-9067c1\na2b3", Verdict.RIGHT),
        ("", "", "Pro+\r\n120 /\r\n2,000\r\n1234-5678-\r\n9012", Verdict.RIGHT),
        ("", "", "Pro+ 2,000 credits d‑9067c1a2b3", Verdict.RIGHT),
        ("", "", "Pro+ 2,000 credits 1234‑5678‑9012", Verdict.RIGHT),
        ("", "", "Pro+ 2,000 credits 1234.5678.9012", Verdict.RIGHT),
        ("", "", "ＰＲＯ＋　２，０００　ｃｒｅｄｉｔｓ　１２３４５６７８９０１２", Verdict.RIGHT),
        ("", "", "Pro, 1,000 credits, d-9067c1\na2b3", Verdict.WRONG_PLAN),
        ("", "", "Pro+, 2,000 credits, d-1111111\n111", Verdict.CANNOT_TELL),
        ("", "", "https://view.awsapps.com/start Pro+ 2,000 credits", Verdict.PERSONAL),
        # whole lines, wherever they were pasted
        ("", "", "Kiro Pro+ · 2,000 credits · d-9067c1a2b3", Verdict.RIGHT),
        ("", "", "Plan: KIRO PRO+ | Credits: 120 / 2,000 | Account 123456789012", Verdict.RIGHT),
        ("Kiro Pro+ (d-9067c1a2b3) 0 of 2,000 credits used", "", "", Verdict.RIGHT),
        ("Your plan: Pro+", "12 used of 2,000", "Account: 1234-5678-9012", Verdict.RIGHT),
        (
            "PRO+ 40,00 $/Monat, 2.000 Kredite",
            "",
            "https://d-9067c1a2b3.awsapps.com/start",
            Verdict.RIGHT,
        ),
        ("", "", "2 000 crédits, renouvelés le 01/12/2026, compte 123456789012", Verdict.RIGHT),
        ("", "", "クレジット: 0 / 2,000 (123456789012)", Verdict.RIGHT),
        ("", "", "Signed in to d-9067c1a2b3 · Kiro Pro · 1,000 credits", Verdict.WRONG_PLAN),
        ("", "", "Pro Max, 5.000 Credits, d-9067c1a2b3", Verdict.WRONG_PLAN),
        ("", "", "Kiro Power – 10’000 credits – account 123456789012", Verdict.WRONG_PLAN),
        ("", "", "Kiro Free, 50 credits, 123456789012", Verdict.NOT_YET),
        ("", "", "Subscription: none (account 1234 5678 9012)", Verdict.NOT_YET),
        ("", "", "Kiro Free 0/50 credits Builder ID jonas@example.com", Verdict.PERSONAL),
        ("", "", "Signed in with GitHub, Pro+, 2,000 credits", Verdict.PERSONAL),
        ("", "", "Kiro Pro+ · 2,000 credits · d-1111111111", Verdict.PERSONAL),
        ("", "", "Kiro Free, 0 of 50 credits used this month", Verdict.PERSONAL),
        ("", "", "Kiro Pro+ · 2,000 credits", Verdict.CANNOT_TELL),
        ("", "", "d-9067c1a2b3, resets on 1 December 2026", Verdict.CANNOT_TELL),
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
    names_us = "123456789012" in account.replace("-", "").replace(" ", "").replace(".", "")
    verdict = compare(Shown(plan="Pro+", credits="2000", account=account), OURS)
    assert names_us or verdict != Verdict.RIGHT
