"""Kiro's plans: data that a founder may edit."""

from django.db import models


class Plan(models.Model):
    """A Kiro plan; membership of its seat group in Identity Center is a seat."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=50)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    credits = models.PositiveIntegerField()
    overage_price = models.DecimalField(max_digits=8, decimal_places=4)
    seat_group_name = models.CharField(max_length=128, blank=True)
    seat_group_id = models.CharField(max_length=100, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["price"]

    def __str__(self) -> str:
        return self.name
