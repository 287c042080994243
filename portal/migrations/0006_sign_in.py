from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0005_webhooks"),
    ]

    operations = [
        migrations.CreateModel(
            name="MailedCode",
            fields=[
                ("whom", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("asked_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="sign_ins_ended",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
