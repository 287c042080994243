"""Control routes for what people do at a console or browser, and no API can: sign in, disable a
user, be refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portal.sandbox.company import PLANS
from portal.sandbox.control import Control, Json, Request
from portal.sandbox.directory import Directory, Record

if TYPE_CHECKING:
    from portal.sandbox.cloudtrail import CloudTrail
    from portal.sandbox.cost_explorer import CostExplorer


def _user(directory: Directory, given: dict[str, Any]) -> Record:
    """By `user_id`, `user_name` or `email`."""
    user_id = given.get("user_id") or directory.user_by_name.get(
        str(given.get("user_name", "")).casefold()
    )
    user_id = user_id or directory.user_by_email.get(str(given.get("email", "")).casefold(), "")
    if user_id not in directory.records["USER"]:
        raise ValueError("No such user: give user_id, user_name or email.")
    return directory.records["USER"][user_id]


class Console:
    """POST users, sign-ins, refusals, cost-explorer, cloudtrail."""

    def __init__(
        self, *, directory: Directory, trail: CloudTrail, cost_explorer: CostExplorer
    ) -> None:
        self._directory, self._trail, self._cost_explorer = directory, trail, cost_explorer

    def attach(self, control: Control) -> None:
        control.add("POST", "users", self.set_status)
        control.add("POST", "sign-ins", self.sign_in)
        control.add("POST", "refusals", self.refuse)
        control.add("POST", "cost-explorer", self.set_page_size)
        control.add("POST", "cloudtrail", self.set_trail_rate)

    def set_status(self, request: Request) -> Json:
        """{"email": …, "status": "DISABLED" | "ENABLED"}"""
        status = request.json["status"]
        if status not in ("ENABLED", "DISABLED"):
            raise ValueError("status is ENABLED or DISABLED.")
        with self._directory.lock:
            user = self._directory.put(
                "USER", {**_user(self._directory, request.json), "UserStatus": status}
            )
        return {"user_id": user["UserId"], "status": status}

    def sign_in(self, request: Request) -> Json:
        """{"email": …, "credential": "PASSWORD,TOTP", "success": true}: the user signs in now."""
        with self._directory.lock:
            user = _user(self._directory, request.json)
        self._trail.add(
            "sign_in",
            user_id=user["UserId"],
            user_name=user["UserName"],
            credential=str(request.json.get("credential", "PASSWORD,TOTP")),
            success=bool(request.json.get("success", True)),
        )
        return {"user_id": user["UserId"]}

    def refuse(self, request: Request) -> Json:
        """{}: the Kiro console asks for seats now, and AWS refuses the account (FACTS §1.1)."""
        group_id = request.json.get("group_id", PLANS[1].group_id)
        self._trail.add("assignment", group_id=group_id, refused=True)
        return {"group_id": group_id}

    def set_trail_rate(self, request: Request) -> Json:
        """{"rate": LookupEvents a second; 0: no limit}"""
        rate = float(request.json["rate"])
        self._trail.quota.set(rate=rate, burst=max(rate, 1))
        return {"rate": rate}

    def set_page_size(self, request: Request) -> Json:
        """{"page_size": groups a page}"""
        page_size = int(request.json["page_size"])
        if page_size < 1:
            raise ValueError("page_size is at least 1.")
        self._cost_explorer.page_size = page_size
        return {"page_size": page_size}
