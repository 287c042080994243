"""The Region of each row of usage. Most are of the first, so its rows need not be written anew."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FIRST = "us-east-1"


def fill(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    """The Region of each row is that of the file it was read from."""
    days = apps.get_model("billing", "UsageDay").objects
    files = apps.get_model("billing", "ReportFile").objects.order_by()
    for region in files.values_list("region", flat=True).distinct().exclude(region=FIRST):
        days.filter(file__in=files.filter(region=region).values("pk")).update(region=region)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_cost_line_quantity"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="usageday",
            name="usage_day_once",
        ),
        migrations.AddField(
            model_name="usageday",
            name="region",
            field=models.CharField(db_default=FIRST, max_length=32),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="usageday",
            name="region",
            field=models.CharField(db_default="", max_length=32),
        ),
        migrations.AddConstraint(
            model_name="usageday",
            constraint=models.UniqueConstraint(
                fields=("day", "client", "directory_user_id", "region"), name="usage_day_once"
            ),
        ),
    ]
