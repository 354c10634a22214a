"""What a run of many seeds came to, in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from common.engine.invariants import Violation
from scripts.simulation.guards import Guard
from scripts.simulation.world import Result

LAST_LINES = 40


@dataclass
class Tally:
    """The sums over all seeds so far."""

    seeds: int = 0
    actions: int = 0
    seconds: float = 0.0
    ends: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Count one seed."""
        self.seeds += 1
        self.actions += result.actions
        self.seconds += result.seconds
        self.ends.update(result.ends)
        self.faults.update(result.faults)

    def tell(self, elapsed: float) -> Iterable[str]:
        """The sums as text."""
        pipelines = sum(self.ends.values())
        ends = ", ".join(f"{count} {status}" for status, count in self.ends.most_common())
        yield f"{self.seeds} seeds, {pipelines} pipelines ({ends})"
        yield f"{self.actions} actions in {self.seconds / 86_400:.1f} days of virtual time, {elapsed:.0f} s of ours"
        faults = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(self.faults.items()))
        yield f"{sum(self.faults.values())} faults: {faults or 'none'}"
        yield "Every promise held."


GUARDS_HEAD = f"{'guard':<44}{'seed':>6}  broken promise"


def guard(removed: Guard, found: tuple[int, Violation] | None, tried: int) -> str:
    """What the removal of a guard led to."""
    if found is None:
        return f"{removed.name:<44}{'-':>6}  NOT NOTICED in {tried} seeds, though it protects: {removed.promise}"
    seed, violation = found
    return f"{removed.name:<44}{seed:>6}  {violation.invariant}: {violation.detail}"[:160]


def failure(result: Result) -> Iterable[str]:
    """A broken promise: which, what led to it, and how to see it again."""
    yield f"Seed {result.seed} breaks a promise:"
    yield from (f"  {violation}" for violation in result.found)
    yield f"The last {LAST_LINES} lines of its trace:"
    yield from (f"  {line}" for line in result.trace.tell(LAST_LINES))
    yield f"See it whole: ./scripts/simulate --seeds 1 --from {result.seed} --trace"
