"""The account-level block (FACTS §1.1): AWS refuses the Kiro console; only Support lifts it."""

from onboarding.gateways import support_trail
from onboarding.gateways.support_trail import Assignment
from onboarding.setup.verdicts import Finding, Site, done, failed
from portal.aws import AwsError

MOST_QUOTED = 5
CLOSING = (
    "Identity Center, the Kiro profile and the permissions of the signed-in administrator are in"
    " order. Please check whether the account is blocked from creating Kiro subscriptions, and lift"
    " the block."
)


def refusals(site: Site) -> Finding:
    asked = _asked(site)
    refused = [each for each in asked if each.error]
    granted = [each for each in asked if not each.error]
    where = " and ".join(site.regions)
    if not refused:
        return done(f"No refused request for a seat in 90 days of CloudTrail in {where}.")
    if granted and granted[0].at > refused[0].at:
        return done(
            f"AWS refused until {refused[0].at:%d %b %Y} and has granted a seat since,"
            f" on {granted[0].at:%d %b %Y}."
        )
    return failed(
        f"AWS refused {len(refused)} request{'s' if len(refused) > 1 else ''} for seats,"
        f" last on {refused[0].at:%d %b %Y at %H:%M} UTC: {refused[0].message or refused[0].error}",
        "The account is blocked on AWS's side. Only a Support case opened from the signed-in"
        " console of this very account lifts it; its text is ready to paste.",
        support_text=text_of(site, refused),
    )


def grants(site: Site) -> list[Assignment]:
    """Requests for seats that AWS granted, newest first; none where CloudTrail does not tell."""
    try:
        return [each for each in _asked(site) if not each.error]
    except AwsError:
        return []


def _asked(site: Site) -> list[Assignment]:
    if "trail" not in site.memory:
        found = [each for region in site.regions for each in support_trail.assignments(region)]
        site.memory["trail"] = sorted(found, key=lambda each: each.at, reverse=True)
    trail: list[Assignment] = site.memory["trail"]
    return trail


def text_of(site: Site, refused: list[Assignment]) -> str:
    """What AWS Support needs to find the block; the newest refusals first."""
    workspace = site.workspace
    lines = [
        f"{each.at:%Y-%m-%d %H:%M:%S} UTC, {each.region}, request id {each.request_id}:"
        f" {each.error} {each.message}".rstrip()
        for each in refused[:MOST_QUOTED]
    ]
    return "\n".join(
        [
            "Subject: Kiro subscriptions are refused for this account (CreateAssignment)",
            "",
            f"Account id: {workspace.account_id}",
            f"IAM Identity Center: {workspace.instance_arn} in {workspace.identity_center_region}",
            f"Kiro profile Region: {workspace.kiro_region or workspace.identity_center_region}",
            "",
            "Subscribing users or groups in the Kiro console fails. CloudTrail shows:",
            *lines,
            "",
            CLOSING,
        ]
    )
