"""How far what a video truly cost lies from its list price."""

WITHIN_PERCENT = 20.0


def variance_percent(actual: float, listed: float) -> float:
    """By how many percent of the list price the true cost is above it; below it is negative."""
    return round((actual - listed) / listed * 100, 1)


def within_budget(percent: float) -> bool:
    """Whether the list price told the truth, in either direction."""
    return abs(percent) <= WITHIN_PERCENT
