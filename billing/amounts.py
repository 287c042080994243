"""Amounts of money as they are stored."""

from decimal import Decimal

ZERO = Decimal(0)
STORED = Decimal("0.0000000001")
"""Ten decimals, which is what AWS gives."""
