"""The preflight's two questions about money; `register` makes onboarding ask them."""

from django.utils import timezone

from billing.credit import grants
from billing.gateways import credit_balance
from billing.gateways.credit_balance import Credit
from billing.models import CreditGrant, Refresh
from billing.spending import reasons, refreshes
from onboarding.setup import preflight
from onboarding.setup.verdicts import Check, Finding, Site, cannot_tell, done, failed, to_do
from portal import aws
from portal.templatetags.portal import money

PERMISSION = "ce:GetCostAndUsage"
_AGAIN = "Run the preflight again in a minute."


def register() -> None:
    for check in CHECKS:
        preflight.register(check)


def cost_explorer(_site: Site) -> Finding:
    """Makes a true refresh, so that the cent it costs is on record and buys something; one that
    came in a moment ago, as right after connecting, tells as much."""
    now = timezone.now()
    if refreshes.has_just_come(now):
        return _of_last("")
    try:
        asked = refreshes.ask(now=now, has_cool_down=False)
    except refreshes.NotNow as reason:
        return _of_last(f" {reason}")
    refreshes.carry_out(asked.pk)
    asked.refresh_from_db()
    if asked.is_under_way:
        return cannot_tell("Another worker is reading it at this moment.", _AGAIN)
    return _of_last("")


def _of_last(note: str) -> Finding:
    last = Refresh.objects.exclude(finished_at=None).first()
    if last is None or last.finished_at is None:
        return to_do(f"Cost Explorer has not been read yet.{note}", "Refresh the spend.")
    at = f"{last.finished_at:%d %b %Y %H:%M} UTC"
    if last.outcome == Refresh.Outcome.DONE:
        return done(f"Answered on {at} with {last.rows} lines.{note}")
    if last.outcome == Refresh.Outcome.EMPTY:
        return to_do(
            f"{last.reason}{note}", "Costs appear a day after the first seat; else check the name."
        )
    return _of_failure(last.reason)


def _of_failure(reason: str) -> Finding:
    if "NoCredentials" in reason or "Expired" in reason or "ClientToken" in reason:
        return cannot_tell(reason, "Mend the credentials first.")
    if PERMISSION in reason:
        return cannot_tell(reason, f"Add {PERMISSION} to the portal's policy.", missing=PERMISSION)
    if reasons.is_no_verdict(reason):
        return cannot_tell(reason, _AGAIN)
    return failed(reason, "Switch Cost Explorer on in the Billing console, then refresh the spend.")


def credit_grant(site: Site) -> Finding:
    """As AWS has it; where AWS may not be asked, as it was typed in."""
    typed = _of_typed()
    try:
        found = credit_balance.credits_of(site.workspace.account_id, now=timezone.now())
    except aws.AwsError:
        if typed is None:
            raise
        return typed
    ours = [each for each in found if grants.is_for(each.products, site.workspace.cost_service)]
    return _of_aws(ours) if ours else typed or to_do(_NONE, _HOW)


_NONE = "AWS knows no credit for Kiro on this account."
_HOW = "Redeem the grant in the Billing console, under Credits, or type it in under Spend, Credits."
_GONE = "From now on seats are billed. Look at Spend, Credits, for what it costs."


def _of_aws(credits: list[Credit]) -> Finding:
    today = timezone.now().date()
    is_open = [
        each
        for each in credits
        if each.left > 0 and each.is_enabled and (each.expires_on or today) >= today
    ]
    if not is_open:
        last = max(credits, key=lambda each: each.expires_on or today)
        return failed(f"“{last.name}” is used up or has expired.", _GONE)
    first = min(is_open, key=lambda each: each.expires_on or today)
    until = f", until {first.expires_on:%d %b %Y}" if first.expires_on else ""
    return done(f"“{first.name}”: {money(first.left, first.currency)} left{until}.")


def _of_typed() -> Finding | None:
    typed = list(CreditGrant.objects.typed())
    if not typed:
        return None
    today = timezone.now().date()
    is_open = [each for each in typed if (each.expires_on or today) >= today]
    if not is_open:
        return failed(f"“{typed[-1].name}”, typed in here, has expired.", _GONE)
    return done(f"“{is_open[0].name}” is typed in here.")


CHECKS = (
    Check("cost-explorer", "Cost Explorer answers", cost_explorer, PERMISSION, ("credentials",)),
    Check(
        "credits",
        "A credit grant is there",
        credit_grant,
        credit_balance.PERMISSION,
        ("credentials",),
    ),
)
