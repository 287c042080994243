"""Links into the AWS console, each with the Region that matters there."""

from django.conf import settings
from django.urls import reverse

from onboarding.permission_sets import switch
from portal.models import Workspace


def console_links(workspace: Workspace) -> dict[str, str]:
    region = workspace.identity_center_region or settings.AWS_REGION
    kiro = workspace.kiro_region or region
    center = f"https://{region}.console.aws.amazon.com/singlesignon/home?region={region}"
    return {
        "connect": reverse("onboarding:setup-aws"),
        "team": reverse("onboarding:team"),
        "access": reverse("onboarding:access") if switch.may_read() else "",
        "identity-center": center,
        "permission-sets": f"{center}#!/permissionSets",
        "authentication": f"{center}#!/settings",
        "kiro": f"https://{kiro}.console.aws.amazon.com/kiro/home?region={kiro}",
        "cost": "https://us-east-1.console.aws.amazon.com/costmanagement/home?region=us-east-1",
        "support": "https://support.console.aws.amazon.com/support/home#/case/create",
    }
