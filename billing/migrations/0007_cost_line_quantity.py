from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_usage_months")]

    operations = [
        migrations.AddField(
            model_name="costline",
            name="quantity",
            field=models.DecimalField(blank=True, decimal_places=10, max_digits=20, null=True),
        )
    ]
