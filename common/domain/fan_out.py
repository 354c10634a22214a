"""How many tasks a render is spread over."""

from common.domain.plan import Plan

WORTH_A_TASK = 60 * 30 * 1920 * 1080  # pixels: less is encoded sooner than another container has started


def tasks_for(plan: Plan, most: int) -> int:
    """One task for each minute of 1080p at 30 frames a second, or as much of another size; from 1 to `most`."""
    pixels = plan.seconds * plan.rate * plan.size.width * plan.size.height
    return max(1, min(most, int(pixels / WORTH_A_TASK)))
