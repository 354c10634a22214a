"""What always holds of a pipeline, each promise one named check.

State checks look at all documents of one pipeline, transition checks at what one commit made of them, rest checks at
a world in which nothing is left to do. The simulation runs them after every commit; `audit` runs them on a store.
"""

from common.engine.invariants.audit import PATIENCE, REST, audit, late, observe, rest
from common.engine.invariants.commits import TRANSITION, transition
from common.engine.invariants.snapshot import Snapshot, Transition, Violation, unborn
from common.engine.invariants.states import STATE, state

__all__ = [
    "PATIENCE",
    "REST",
    "STATE",
    "TRANSITION",
    "Snapshot",
    "Transition",
    "Violation",
    "audit",
    "late",
    "observe",
    "rest",
    "state",
    "transition",
    "unborn",
]
