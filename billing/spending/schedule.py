"""When spend is refreshed by itself. Pure: now is passed in."""

from datetime import datetime, time, timedelta

MOMENTS = (time(6, 10), time(12, 10), time(18, 10))
"""In UTC. AWS renews its cost data up to three times a day, so more often would buy nothing."""


def before(now: datetime) -> datetime:
    """The last scheduled moment that has come."""
    return max(moment for moment in _around(now) if moment <= now)


def after(now: datetime) -> datetime:
    """The next scheduled moment."""
    return min(moment for moment in _around(now) if moment > now)


def _around(now: datetime) -> list[datetime]:
    days = [now.date() + timedelta(days=offset) for offset in (-1, 0, 1)]
    return [datetime.combine(day, at, tzinfo=now.tzinfo) for day in days for at in MOMENTS]
