"""What is written down, taken away in files, or told to others."""

from tests.mutants.mutant import Mutant

AUDIT = "tests/portal/test_audit.py"
BACKUP = "tests/portal/test_backup.py"
FILE = "tests/portal/test_backup_file.py"
EXPORT = "tests/billing/test_spend_export.py"
CALL = "tests/portal/test_webhook_sending.py"

RECORD = [
    Mutant(
        guard="audit: an edit shows",
        file="portal/audit.py",
        old="        if not _is_signed(event.chain, partial(_link, event, before)):\n",
        new="        if False:\n",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: the chain is keyed",
        file="portal/audit.py",
        old='return salted_hmac("portal.audit", text, secret=key, algorithm="sha256").hexdigest()',
        new='return __import__("hashlib").sha256(text.encode()).hexdigest()',
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: the seal is keyed",
        file="portal/audit.py",
        old='return salted_hmac("portal.audit.head", said, secret=key, algorithm="sha256").hexdigest()',
        new='return __import__("hashlib").sha256(said.encode()).hexdigest()',
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: each event is bound to the one before",
        file="portal/audit.py",
        old="        before,\n        event.at.isoformat(),",
        new="        event.at.isoformat(),",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: a cut-off end shows",
        file="portal/audit.py",
        old="    if not is_whole or (count and",
        new="    if (count and",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: one writer at a time",
        file="portal/audit.py",
        old="AuditHead.objects.select_for_update().get(pk=1)",
        new="AuditHead.objects.get(pk=1)",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: no event is saved twice",
        file="portal/models/audit.py",
        old="        if not self._state.adding:\n",
        new="        if False:\n",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: a query edits nothing",
        file="portal/models/audit.py",
        old='        raise AppendOnly("Events of the audit log are not edited.")\n\n    def delete(self) -> tuple[int, dict[str, int]]:',
        new="        return super().update(**_changes)\n\n    def delete(self) -> tuple[int, dict[str, int]]:",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: kept for as long as said",
        file="portal/retention.py",
        old="return _cut_before(_months_before(now, months)) if months else 0",
        new="return _cut_before(_months_before(now, months))",
        tests=(AUDIT,),
    ),
    Mutant(
        guard="audit: what a founder takes back is an event too",
        file="onboarding/team/offboarding.py",
        old='    audit.record("member.offboarding_cancelled", subject=f"member:{member.pk}", actor=actor)\n',
        new="",
        tests=("tests/onboarding/test_offboarding.py::test_staying_after_all_is_on_record",),
    ),
    Mutant(
        guard="exports: no formula",
        file="portal/exports.py",
        old="""return f"'{text}" if text.startswith(_FORMULA_STARTS) else text""",
        new="return text",
        tests=(EXPORT,),
    ),
    Mutant(
        guard="exports: every cell of text is looked at",
        file="portal/exports.py",
        old="        return defuse(value)\n",
        new="        return value\n",
        tests=(
            EXPORT,
            "tests/onboarding/test_member_page.py::test_a_formula_in_a_name_is_defused",
        ),
    ),
    Mutant(
        guard="logs: secrets are masked",
        file="portal/logs/masking.py",
        old="        text = pattern.sub(instead, text)\n",
        new="        pass\n",
        tests=("tests/portal/test_trace.py::test_what_must_not_be_kept_is_masked",),
    ),
    Mutant(
        guard="backup: a newer one is refused",
        file="portal/backups/restoring.py",
        old='        raise TooNew(f"The backup',
        new='        print(f"The backup',
        tests=(f"{BACKUP}::test_a_backup_of_a_newer_version_is_refused",),
    ),
    Mutant(
        guard="backup: a changed one is refused",
        file="portal/backups/archive.py",
        old='            if (line["rows"], line["sha256"]) != (rows, digest.hexdigest()):\n',
        new="            if False:\n",
        tests=(FILE, f"{BACKUP}::test_a_damaged_file_changes_nothing"),
    ),
    Mutant(
        guard="backup: one that is cut off is refused",
        file="portal/backups/archive.py",
        old='    raise Unreadable("The backup is cut off.")',
        new="    return",
        tests=(FILE,),
    ),
    Mutant(
        guard="backup: restored in one transaction or not at all",
        file="portal/backups/restoring.py",
        old="    with _foreign_keys_off(), transaction.atomic():\n",
        new="    with _foreign_keys_off():\n",
        tests=(f"{BACKUP}::test_a_row_that_does_not_fit_changes_nothing",),
    ),
    Mutant(
        guard="backup: nothing is overwritten unasked",
        file="portal/management/commands/restore.py",
        old='options["yes"] or restoring.is_empty() or self._is_sure(options["path"])',
        new="True",
        tests=(f"{BACKUP}::test_it_does_not_overwrite_unasked",),
    ),
    Mutant(
        guard="webhooks: public addresses alone",
        file="portal/webhooks/addresses.py",
        old="if not settings.WEBHOOK_ALLOW_PRIVATE and not is_public(ip):",
        new="if False:",
        tests=(
            "tests/portal/test_webhook_addresses.py::test_a_name_is_judged_by_where_it_leads",
            f"{CALL}::test_a_private_address_gets_no_connection_at_all",
        ),
    ),
    Mutant(
        guard="webhooks: no IPv4 inside an IPv6 address",
        file="portal/webhooks/addresses.py",
        old="    if ip.version == 6 and ip not in _INTERNET:\n        return False\n",
        new="",
        tests=("tests/portal/test_webhook_addresses.py::test_nothing_else_may",),
    ),
    Mutant(
        guard="webhooks: the address that was checked is called",
        file="portal/webhooks/sending.py",
        old="socket.create_connection((address, target.port)",
        new="socket.create_connection((target.host, target.port)",
        tests=(f"{CALL}::test_the_name_is_looked_up_once_and_checked_against_the_certificate",),
    ),
    Mutant(
        guard="webhooks: https alone",
        file="portal/webhooks/addresses.py",
        old='    if parts.scheme != "https" and not (is_open and parts.scheme == "http"):\n',
        new="    if False:\n",
        tests=(
            "tests/portal/test_webhook_addresses.py::test_an_address_that_cannot_be_is_refused_when_it_is_typed",
        ),
    ),
    Mutant(
        guard="webhooks: no redirect is followed",
        file="portal/webhooks/sending.py",
        old="        with closing(line.getresponse()) as response:\n",
        new="        with closing(line.getresponse()) as response:\n"
        '            if further := response.headers.get("Location"):\n'
        "                return _post(addresses.parse(further), body, headers, deadline)\n",
        tests=(f"{CALL}::test_a_redirect_is_not_followed",),
    ),
    Mutant(
        guard="webhooks: the certificate is checked",
        file="portal/webhooks/sending.py",
        old="ssl.create_default_context()",
        new="ssl._create_unverified_context()",
        tests=(
            f"{CALL}::test_a_certificate_nobody_vouches_for_is_refused",
            f"{CALL}::test_another_name_at_the_same_address_is_refused",
        ),
    ),
    Mutant(
        guard="webhooks: signed with the time",
        file="portal/webhooks/bodies.py",
        old='signed = str(timestamp).encode() + b"." + body',
        new="signed = body",
        tests=("tests/portal/test_webhooks.py",),
    ),
    Mutant(
        guard="webhooks: the secret is shown once",
        file="portal/webhooks/hooks.py",
        old="salt=webhook.salt, secret_shown_at=None\n    )",
        new="salt=webhook.salt\n    )",
        tests=("tests/portal/test_webhooks.py",),
    ),
]
