"""Kiro's plans as published in 2026; from here on they are data that a founder may edit."""

from decimal import Decimal

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PLANS = [
    # code, name, USD a month, credits a month
    ("pro", "Pro", 20, 1_000),
    ("pro-plus", "Pro+", 40, 2_000),
    ("pro-max", "Pro Max", 100, 5_000),
    ("power", "Power", 200, 10_000),
]


def add_plans(apps: Apps, _schema: BaseDatabaseSchemaEditor) -> None:
    plan = apps.get_model("onboarding", "Plan")
    for code, name, price, allowance in PLANS:
        plan.objects.create(
            code=code,
            name=name,
            price=Decimal(price),
            credits=allowance,
            overage_price=Decimal("0.04"),
            is_default=code == "pro-plus",
        )


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0001_initial")]
    operations = [migrations.RunPython(add_plans, migrations.RunPython.noop)]
