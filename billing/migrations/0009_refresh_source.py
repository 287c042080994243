from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_usage_region")]

    operations = [
        migrations.AddField(
            model_name="refresh",
            name="account_id",
            field=models.CharField(blank=True, db_default="", max_length=12),
        ),
        migrations.AddField(
            model_name="refresh",
            name="service",
            field=models.CharField(blank=True, db_default="", max_length=100),
        ),
    ]
