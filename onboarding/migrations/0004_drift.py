from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0003_imports")]
    operations = []
