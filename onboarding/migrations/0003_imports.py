from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0002_plans")]
    operations = []
