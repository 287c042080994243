"""The frame's rows: people who sign in, the company, work that waits, the audit log, the outbox."""

from portal.models.audit import AppendOnly, AuditEvent, AuditHead
from portal.models.company import JobRun, Workspace
from portal.models.users import MailedCode, UsedAssertion, User, normalise_email
from portal.models.webhooks import Delivery, Webhook
from portal.models.work import Notice, Work

__all__ = [
    "AppendOnly",
    "AuditEvent",
    "AuditHead",
    "Delivery",
    "JobRun",
    "MailedCode",
    "Notice",
    "UsedAssertion",
    "User",
    "Webhook",
    "Work",
    "Workspace",
    "normalise_email",
]
