"""What goes wrong, and how often: a weather of its own for every seed, calm or wild.

Each kind of fault is off in about half of the seeds, so that rare interleavings of the others come up undisturbed.
"""

from collections import Counter
from dataclasses import dataclass, fields

from scripts.simulation.chance import Chance

# Highest usual rate of each kind: per call of a port, per message, per call of an engine, or per pipeline.
_USUAL = {
    "crash": 0.03,
    "crash_after": 0.03,
    "refuse": 0.04,
    "lose_answer": 0.05,
    "delay": 0.05,
    "freeze": 0.015,
    "switch": 0.6,
    "deaf": 0.15,
    "stall": 0.2,
    "linger": 0.4,
    "duplicate": 0.25,
    "postpone": 0.2,
    "forget": 0.12,
    "lose_acknowledgement": 0.1,
    "stray": 0.1,
    "throttle": 0.15,
    "away": 0.2,
    "decline": 0.15,
    "hang": 0.08,
    "nonsense": 0.03,
    "overcharge": 0.9,
    "lose_start": 0.3,
    "kill_job": 0.25,
    "refuse_job": 0.15,
    "scarcity": 0.3,
    "reboot": 0.7,
    "cancel": 0.6,
    "regret": 0.5,
    "impatience": 0.8,
    "silence": 0.5,
    "flaw": 0.3,
    "sulk": 0.4,
    "vanish": 0.3,
}


@dataclass(frozen=True)
class Weather:
    """The rate of every kind of fault in one seed."""

    crash: float = 0.0  # the worker dies before a call of a port
    crash_after: float = 0.0  # it dies after the call did its work
    refuse: float = 0.0  # the port does not answer and did nothing
    lose_answer: float = 0.0  # the port did it, and its answer is lost
    delay: float = 0.0  # the call takes seconds
    freeze: float = 0.0  # the whole process stands still for minutes, its heartbeat included
    switch: float = 0.0  # somebody else runs first
    deaf: float = 0.0  # a worker's heartbeat stops while it works on
    stall: float = 0.0  # a worker stands still in the middle of its work, for longer than its lease
    linger: float = 0.0  # the same once its work is over and its heartbeat with it, before it says how it ended
    duplicate: float = 0.0  # a message is delivered twice, at once or much later
    postpone: float = 0.0  # a message comes late, after younger ones
    forget: float = 0.0  # a message is lost
    lose_acknowledgement: float = 0.0  # a message was handled, and its bus does not learn of it
    stray: float = 0.0  # a message comes for a step whose time has not come, or has passed
    throttle: float = 0.0  # an engine is too busy
    away: float = 0.0  # an engine does not answer; it may have billed the call
    decline: float = 0.0  # an engine refuses for good
    hang: float = 0.0  # an engine answers after minutes or never
    nonsense: float = 0.0  # an engine breaks in an unforeseen way
    overcharge: float = 0.0  # a paid engine bills more than it estimated
    lose_start: float = 0.0  # the answer to the start of an operation is lost
    kill_job: float = 0.0  # a task of a job is killed while it renders
    scarcity: float = 0.0  # no machine is free for a job for minutes, while its attempt grows old
    refuse_job: float = 0.0  # jobs cannot be started, found or stopped
    reboot: float = 0.0  # a host dies with everything on it, and comes back under another name
    cancel: float = 0.0  # the client cancels
    regret: float = 0.0  # the client cancels at the moment of its approval
    impatience: float = 0.0  # the client sends its request twice
    silence: float = 0.0  # the client never answers a plan that waits for approval
    flaw: float = 0.0  # a film turns out to be faulty
    sulk: float = 0.0  # a receiver of webhooks does not take a message
    vanish: float = 0.0  # it takes a message, and its answer is lost


CALM = Weather()
CLEAR_SKIES = 0.05  # share of the seeds in which nothing goes wrong
WILD = 0.15  # share of the seeds with several times the usual


def weather_of(chance: Chance) -> Weather:
    """Draw the weather of a seed."""
    mood = chance.draw()
    if mood < CLEAR_SKIES:
        return Weather(switch=0.3)
    force = 3.0 if mood > 1 - WILD else 1.0
    kinds = [field.name for field in fields(Weather)]
    rates = {kind: _USUAL[kind] * chance.spread(0.2, force) for kind in kinds if chance.happens(0.5)}
    return Weather(**{**rates, "switch": _USUAL["switch"] * chance.draw()})


class Faults:
    """Decides at every occasion what goes wrong, and counts it."""

    def __init__(self, chance: Chance, weather: Weather):
        self.weather = weather
        self.counts: Counter[str] = Counter()
        self._chance = chance
        self._edges: list[tuple[float, str]] = []
        self._sum = 0.0
        self._measure()

    def end(self) -> None:
        """From now on nothing new goes wrong."""
        self.weather = CALM
        self._measure()

    def strike(self, kind: str) -> bool:
        """Whether a fault of this kind happens now."""
        if self._chance.happens(getattr(self.weather, kind)):
            self.counts[kind] += 1
            return True
        return False

    def at_port(self) -> str:
        """What happens at a call of a port: the kind of fault, or nothing."""
        drawn = self._chance.draw()
        if drawn >= self._sum:
            return ""
        kind = next(kind for edge, kind in self._edges if drawn < edge)
        self.counts[kind] += 1
        return kind

    def _measure(self) -> None:
        self._edges, self._sum = [], 0.0
        for kind in ("crash", "crash_after", "refuse", "lose_answer", "delay", "freeze", "switch"):
            self._sum += getattr(self.weather, kind)
            self._edges.append((self._sum, kind))
