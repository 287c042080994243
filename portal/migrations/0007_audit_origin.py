from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0006_sign_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="origin",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="result",
            field=models.CharField(
                choices=[("done", "Done"), ("failed", "Failed")], default="done", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="audithead",
            name="anchor",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="audithead",
            name="removed",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
