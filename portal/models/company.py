"""The one company, and when each of its jobs last ran."""

from django.db import models
from django.utils import timezone

UNNAMED = "Our company"


class Workspace(models.Model):
    """The one company and its AWS set-up, chosen in the browser or by `manage.py connect`."""

    company_name = models.CharField(max_length=100, default=UNNAMED)
    account_id = models.CharField(max_length=12, blank=True)
    instance_arn = models.CharField(max_length=1224, blank=True)
    identity_store_id = models.CharField(max_length=36, blank=True)
    identity_center_region = models.CharField(max_length=32, blank=True)
    sign_in_url = models.URLField(blank=True)
    kiro_region = models.CharField(max_length=32, blank=True)
    """Where Kiro's own profile is; Identity Center may be elsewhere."""
    cost_service = models.CharField(max_length=100, default="Kiro")
    report_bucket = models.CharField(max_length=63, blank=True)
    report_prefix = models.CharField(max_length=900, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    aws_paused_until = models.DateTimeField(null=True, blank=True)
    aws_pause_reason = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(name="workspace_is_one", condition=models.Q(pk=1))]

    def __str__(self) -> str:
        return self.company_name

    @classmethod
    def load(cls) -> "Workspace":
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def is_named(self) -> bool:
        return self.company_name != UNNAMED

    @property
    def is_connected(self) -> bool:
        return bool(self.identity_store_id)


class JobRun(models.Model):
    """When a part or a scheduled job last ran, and how it ended.

    `name`: a job's is that of its task (`name_of`), whether the job or the worker notes it.
    """

    name = models.CharField(max_length=60, primary_key=True)
    last_run_at = models.DateTimeField()
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def name_of(task: str) -> str:
        """`raise_alerts` for `billing.tasks.raise_alerts`."""
        return task.rpartition(".")[2]

    @classmethod
    def note(cls, name: str, *, error: str = "") -> None:
        cls.objects.update_or_create(
            name=name, defaults={"last_run_at": timezone.now(), "last_error": error}
        )
