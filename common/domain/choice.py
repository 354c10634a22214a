"""Which engine makes an asset: the cheapest that reaches the quality floor and fits the money left."""

from collections.abc import Sequence

from common.domain.model import Model
from common.domain.money import dollars


class Offer(Model):
    """One engine's offer for one asset: price in micro-dollars, quality 0 to 1, and why it cannot run, if so."""

    engine: str
    version: str
    quality: float
    price: int = 0
    unavailable: str = ""


class Choice(Model):
    """The engine that will run, what it is expected to cost, and what the client should know about the choice."""

    engine: str
    version: str
    estimate: int
    notes: tuple[str, ...] = ()


def choose(asset: str, offers: Sequence[Offer], *, floor: float, room: int | None) -> Choice:
    """Choose among offers, of which one at least is free and available; `room` is the money left, None without a cap.

    Engines that would have been chosen instead, had nothing spoken against them, are named in the notes with the
    reason, so that a cheaper result is never a silent one.
    """
    ranked = sorted(offers, key=lambda offer: _rank(offer, floor))
    usable = [offer for offer in ranked if not offer.unavailable and (room is None or offer.price <= max(0, room))]
    if not usable:
        raise ValueError(f"No engine can make {asset} for nothing; the catalogue of engines must hold a free one.")
    chosen = usable[0]
    notes = [
        f"{asset}: {offer.engine} did not run ({_why(offer, room)}); {chosen.engine} ran instead."
        for offer in ranked[: ranked.index(chosen)]
    ]
    if chosen.quality < floor and not notes:
        notes.append(
            f"{asset}: {chosen.engine} has quality {chosen.quality:.2f}, below the preset's {floor:.2f}; "
            "no better engine was available."
        )
    return Choice(engine=chosen.engine, version=chosen.version, estimate=chosen.price, notes=tuple(notes))


def _rank(offer: Offer, floor: float) -> tuple[bool, float, float, str]:
    """Those that reach the floor come first, the cheapest before the rest; then the others, the best first."""
    if offer.quality >= floor:
        return False, offer.price, -offer.quality, offer.engine
    return True, -offer.quality, offer.price, offer.engine


def _why(offer: Offer, room: int | None) -> str:
    if offer.unavailable:
        return offer.unavailable
    return f"it would cost ${dollars(offer.price):.4f}, and the budget leaves ${dollars(room or 0):.4f}"
