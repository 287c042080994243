"""The one company's row, there from the start so that no page has to make it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add_workspace(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("portal", "Workspace").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_audit_head")]
    operations = [migrations.RunPython(add_workspace, migrations.RunPython.noop)]
