"""All faults, in the order of the table: each module enters its own when it is imported."""

# ruff: noqa: I001  # the order is that of the table

from tests.faults import (  # noqa: F401
    kills,
    storms,
    batches,
    restores,
    hooks,
    mails,
    queue,
    database,
    money,
    months,
    lists,
)
from tests.faults.outcome import FAULTS

__all__ = ["FAULTS"]
