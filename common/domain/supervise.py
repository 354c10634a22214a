"""The supervisor's verdict on a finished video."""

from typing import Literal

from common.domain.model import Model

REJECT_BELOW = 0.4

Action = Literal["approve", "repair", "reject"]


class Decision(Model):
    """What happens next, and why in one sentence."""

    action: Action
    reason: str


def decide(quality: float, threshold: float, cost: int, budget: int | None, repairs_left: int) -> Decision:
    """Judge a video by its quality (0..1), the preset's threshold and its cost (micro-dollars; None: no cap).

    Below 0.4 it is rejected; from there to the threshold it is repaired while repairs are left; at the threshold or
    above it is approved if it stayed within budget. A repair never spends beyond the budget.
    """
    shown = f"quality {quality:.2f}"
    if not quality >= REJECT_BELOW:  # a NaN is no quality
        return Decision(action="reject", reason=f"{shown} is below {REJECT_BELOW}, too far from usable to repair.")
    if budget is not None and cost > budget:
        over = (cost - budget) / 1_000_000
        return Decision(action="reject", reason=f"The cost is ${over:.4f} over the budget; raise it and run again.")
    if quality >= threshold:
        return Decision(action="approve", reason=f"{shown} meets the threshold {threshold:.2f} within budget.")
    if repairs_left > 0:
        return Decision(action="repair", reason=f"{shown} is below the threshold {threshold:.2f}; repairing.")
    return Decision(
        action="reject", reason=f"{shown} is still below the threshold {threshold:.2f} and no repair is left."
    )
