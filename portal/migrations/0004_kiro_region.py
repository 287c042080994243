from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_workspace")]
    operations = [
        migrations.AddField(
            model_name="workspace",
            name="kiro_region",
            field=models.CharField(blank=True, max_length=32),
        ),
    ]
