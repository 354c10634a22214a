"""The one source of chance: everything a run leaves open is drawn from its seed."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws from one seeded generator, so that the same seed gives the same run."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)
        self.draw = self._random.random

    def happens(self, rate: float) -> bool:
        """True with that probability."""
        return rate > 0 and self.draw() < rate

    def between(self, least: float, most: float) -> float:
        """A number, every one as likely as the others."""
        return least + (most - least) * self.draw()

    def spread(self, least: float, most: float) -> float:
        """A number whose order of magnitude is open: small ones are as likely as large ones."""
        return float(least * (most / least) ** self.draw())

    def below(self, count: int) -> int:
        """A whole number from 0 to `count` - 1."""
        return int(self.draw() * count)

    def one(self, choices: Sequence[T]) -> T:
        """One of several."""
        return choices[self.below(len(choices))]

    def id(self) -> str:
        """An id as the engine makes them: 20 hex digits."""
        return f"{self._random.getrandbits(80):020x}"
