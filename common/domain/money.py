"""Money as integer micro-dollars, so that sums never drift."""

from decimal import ROUND_HALF_UP, Decimal

MICROS_PER_DOLLAR = 1_000_000


def micros(dollars: Decimal | float | str) -> int:
    """Convert dollars to whole micro-dollars, halves rounded up."""
    exact = Decimal(str(dollars)) * MICROS_PER_DOLLAR
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def dollars(amount: int) -> float:
    """Convert micro-dollars to dollars for showing; never compute with the answer."""
    return float(Decimal(amount) / MICROS_PER_DOLLAR)
