"""The preflight's questions about Identity Center and the seats, each a small function.

They raise what AWS says (`portal.aws.AwsError`); `preflight` turns a missing permission into
*cannot tell*, so that no check has to.
"""

from django.conf import settings

from onboarding.gateways import identity_center, report_bucket
from onboarding.gateways.identity_center import Directory
from onboarding.models import Member, SetupTick
from onboarding.setup import support_case
from onboarding.setup.verdicts import Check, Finding, Site, cannot_tell, done, failed, to_do
from portal import aws

KIRO_REGIONS = {"us-east-1", "eu-central-1"}
"""Where Kiro profiles are known to exist; AWS may add some."""

CONNECT = "Open Set-up, Connect AWS, and pick your instance."
APPLICATION_NAMES = ("qdevprofile-", "kiroprofile-")
Fact = SetupTick.Fact


def credentials(_site: Site) -> Finding:
    try:
        caller = aws.caller()
    except aws.AwsDenied as error:
        if error.is_permission:
            raise
        return failed(
            f"AWS does not accept the credentials: {error.message}",
            "Give the portal's web and worker processes fresh credentials, in their environment or"
            " by the machine's role, and restart them.",
        )
    except aws.AwsUnreachable as error:
        return failed(
            f"AWS gave no answer: {error.message}",
            "Check that this machine may reach sts.amazonaws.com on port 443.",
        )
    return done(f"Account {caller.account_id}, as {caller.arn}.")


def instance(site: Site) -> Finding:
    region = site.region or settings.AWS_REGION
    found = identity_center.list_instances(region)
    ours = next((each for each in found if each.arn == site.workspace.instance_arn), None)
    if not found:
        return failed(
            f"These credentials see no Identity Center instance in {region}.",
            "Enable Identity Center there, or connect the Region that it is in.",
        )
    if not site.workspace.is_connected:
        return to_do(f"There is one in {region}; the portal is not connected to it yet.", CONNECT)
    if ours is None:
        others = ", ".join(each.arn for each in found)
        return failed(
            f"The connected instance is not in {region}; there is {others}.",
            "Connect the portal to the right instance or Region.",
        )
    if ours.status != "ACTIVE":
        return failed(
            f"The instance is {ours.status.lower()}, not active.", "Look at it in the AWS console."
        )
    return _kiro_region(site, f"{ours.arn} is active in {region}.")


def _kiro_region(site: Site, evidence: str) -> Finding:
    kiro = site.workspace.kiro_region
    if kiro and kiro not in KIRO_REGIONS:
        known = " and ".join(sorted(KIRO_REGIONS))
        return cannot_tell(
            f"{evidence} Kiro profiles are known in {known}; this portal is told {kiro}.",
            "Check the Kiro profile's Region in the Kiro console and correct it under Connect AWS.",
        )
    return done(f"{evidence} Kiro profile in {kiro}." if kiro else evidence)


def store(site: Site) -> Finding:
    users, more = identity_center.users_page(_directory(site), "")
    count = f"{len(users)} users" if not more else f"more than {len(users)} users"
    return done(f"Identity store {site.workspace.identity_store_id} answers: {count}.")


def seat_group(site: Site) -> Finding:
    if site.plan is None or not site.plan.seat_group_id:
        return to_do("The default plan has no seat group yet.", CONNECT)
    try:
        name = identity_center.group_name(_directory(site), site.plan.seat_group_id)
    except aws.AwsNotFound:
        return failed(
            f"The group {site.plan.seat_group_name or site.plan.seat_group_id} of"
            f" {site.plan.name} is gone from Identity Center.",
            "Pick another group under Connect AWS, or create it there again.",
        )
    return done(f"{name} stands for {site.plan.name}.")


def subscribed(site: Site) -> Finding:
    """Identity Center does not know what Kiro bills: members' own words, then CloudTrail, tell."""
    group = site.plan.seat_group_name if site.plan else "the seat group"
    without = Member.objects.on_team().filter(trouble=Member.Trouble.SEAT_MISSING).count()
    if without:
        return failed(
            f"{without} in the seat group for more than 24 hours see no plan in Kiro.",
            f"Subscribe {group} to its plan in the Kiro console, under Users & Groups.",
        )
    if tick := _tick(site, Fact.GROUP_SUBSCRIBED, about=_group_id(site)):
        return done(told_by(tick))
    for granted in support_case.grants(site):
        if granted.principal_id and granted.principal_id == _group_id(site):
            return done(f"The Kiro console subscribed {group} on {granted.at:%d %b %Y}.")
    return cannot_tell(
        "AWS has no API for what is subscribed in the Kiro console.",
        f"Subscribe {group} to its plan in the Kiro console, once, then confirm it here.",
    )


def application(site: Site) -> Finding:
    names = identity_center.list_applications(site.workspace.instance_arn, site.region)
    kiro = [name for name in names if name.lower().startswith(APPLICATION_NAMES)]
    if kiro:
        return done(f"{', '.join(kiro)} is set up in Identity Center.")
    return failed(
        "Identity Center has no Kiro application: nobody can sign in to Kiro through it.",
        "Open the Kiro console in the Region of your Kiro profile, sign up with this instance, and"
        " let it create its application.",
    )


def email_otp(site: Site) -> Finding:
    if tick := _tick(site, Fact.EMAIL_OTP):
        return done(told_by(tick))
    return cannot_tell(
        "AWS has no API for this switch.",
        "In Identity Center: Settings, Authentication, Standard authentication, switch on"
        " Send email OTP; then confirm it here. Without it new users cannot set a password.",
    )


def report(site: Site) -> Finding:
    bucket = site.workspace.report_bucket
    if not bucket:
        return to_do(
            "No bucket is named, so nothing tells who really uses Kiro.",
            "Switch the user activity report on in the Kiro console and name its bucket under"
            " Connect AWS.",
        )
    folder = report_bucket.folder(site.workspace.report_prefix, site.workspace.account_id)
    try:
        newest = report_bucket.newest(bucket, folder)
    except aws.AwsError as error:
        if error.code not in {"NoSuchBucket", "PermanentRedirect"}:
            raise
        return failed(
            f"There is no bucket {bucket} that this portal can read.",
            "Correct the bucket's name under Connect AWS.",
        )
    if newest is None:
        return to_do(
            f"s3://{bucket}/{folder} is readable, but no report lies there yet.",
            "The first comes at 02:00 UTC after it is switched on. Check the prefix, too.",
        )
    return done(f"Readable; a report of {newest[1]:%d %b %Y} lies in s3://{bucket}/{folder}.")


def _directory(site: Site) -> Directory:
    return Directory(site.workspace.identity_store_id, site.region)


def _group_id(site: Site) -> str:
    return site.plan.seat_group_id if site.plan else ""


def _tick(site: Site, fact: SetupTick.Fact, *, about: str = "") -> SetupTick | None:
    tick = site.ticks.get(fact)
    return tick if tick and tick.about == about else None


def told_by(tick: SetupTick) -> str:
    return f"Confirmed by {tick.ticked_by_name} on {tick.ticked_at:%d %b %Y}."


ALL = (
    Check("credentials", "Credentials are valid", credentials, "sts:GetCallerIdentity"),
    Check("instance", "Identity Center is active", instance, "sso:ListInstances", ("credentials",)),
    Check("store", "The identity store answers", store, "identitystore:ListUsers", ("instance",)),
    Check(
        "seat-group",
        "The default plan has a seat group",
        seat_group,
        "identitystore:DescribeGroup",
        ("instance",),
    ),
    Check(
        "refusals",
        "AWS lets this account subscribe",
        support_case.refusals,
        "cloudtrail:LookupEvents",
        ("instance",),
    ),
    Check(
        "subscribed",
        "The seat group is subscribed",
        subscribed,
        needs=("instance", "seat-group"),
    ),
    Check(
        "application",
        "Kiro is an application in Identity Center",
        application,
        "sso:ListApplications",
        ("instance",),
    ),
    Check("email-otp", "Send email OTP is on", email_otp),
    Check("report", "The activity report is readable", report, "s3:ListBucket", ("credentials",)),
)
