"""What the clients of a chaos run ask for, all drawn from one seed."""

import random
from dataclasses import dataclass
from typing import Any

SUBJECTS = (
    "bees", "bridges", "canals", "castles", "clouds", "comets", "coral reefs", "deserts", "dolphins", "forests",
    "fountains", "gardens", "glaciers", "harbours", "honey", "islands", "lanterns", "lighthouses", "maps", "markets",
    "meadows", "mountains", "orchards", "owls", "paper", "pottery", "rainbows", "rivers", "sailing ships", "snow",
    "steam engines", "storms", "telescopes", "tides", "trains", "tunnels", "turtles", "volcanoes", "whales", "mills",
)  # fmt: skip
ANGLES = (
    "How {} changed the world", "Why children love {}", "A short history of {}", "What {} teach us about patience",
    "The quiet beauty of {}", "Three things to know about {}", "Where to look for {}", "How people care for {}",
)  # fmt: skip
ASPECTS = ("16:9", "1:1", "9:16")

REPEATED = 0.25  # of the orders ask for what an earlier one asked for
PAID = 0.35  # may use the paid planner
DUPLICATED = 0.3  # are sent twice at once, under one Idempotency-Key
CANCELLED = 0.12  # are cancelled after a while
USERS = 20  # who order: what one user may start in a minute is limited


@dataclass(frozen=True)
class Order:
    """One pipeline as a client asks for it. `cancel_after` is in seconds; None means never."""

    key: str
    user: str
    content: str
    aspect: str
    paid: bool
    twice: bool
    cancel_after: float | None

    def body(self) -> dict[str, Any]:
        """The request: as short and small as the service allows, so that many fit into a minute."""
        return {
            "content": self.content,
            "aspect": self.aspect,
            "duration_sec": 5,
            "resolution": "480p",
            "budget": 1.0 if self.paid else 0.0,
            "approve": "skip",
        }


def orders(count: int, seed: int) -> list[Order]:
    """Orders in the sequence in which they are sent."""
    chance = random.Random(f"orders {seed}")
    topics = [angle.format(subject) for subject in SUBJECTS for angle in ANGLES]
    chance.shuffle(topics)
    made: list[Order] = []
    for number in range(count):
        content, aspect = topics[number % len(topics)], chance.choice(ASPECTS)
        if made and chance.random() < REPEATED:
            content, aspect = (earlier := chance.choice(made)).content, earlier.aspect
        made.append(
            Order(
                key=f"chaos-{seed}-{number}",
                user=f"client-{number % USERS}",
                content=content,
                aspect=aspect,
                paid=chance.random() < PAID,
                twice=chance.random() < DUPLICATED,
                cancel_after=chance.uniform(0.2, 12.0) if chance.random() < CANCELLED else None,
            )
        )
    return made
