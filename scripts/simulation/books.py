"""The books of paid providers: what they were asked for and what they billed, the truth outside of our store."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.engine.invariants import Snapshot, Violation
from scripts.simulation.scheduler import Process, process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World


@dataclass
class Bill:
    """One call as the provider's books have it. `heard` by the process that got the answer, when one did."""

    pipeline_id: str
    key: str
    amount: int
    heard: Process | None = None


class Book:
    """What paid providers were asked for and billed, by pipeline and key in our ledger."""

    def __init__(self) -> None:
        self.bills: dict[tuple[str, str], Bill] = {}
        self.found: list[Violation] = []

    def submit(self, world: "World", engine: str, amount: int) -> Bill:
        """Take a call of the step that calls, for which a new intent must stand in the ledger."""
        pipeline_id, step_key = process_here().subject
        seen = world.witness.seen[pipeline_id]
        intents = [
            row.key
            for row in seen.ledger.values()
            if (row.step_key, row.engine) == (step_key, engine)
            and (pipeline_id, row.key) not in self.bills
            # One that its pipeline's end closed at the estimate was written before the call, too.
            and (row.state == "submitted" or (row.state == "settled" and row.amount == row.estimate))
        ]
        return self.enter(world, pipeline_id, intents[-1] if intents else f"{step_key}.{engine}.unknown", amount)

    def enter(self, world: "World", pipeline_id: str, key: str, amount: int) -> Bill:
        """Take a call under its key: the intent stands in the ledger, and no other call was made under it."""
        process = process_here()
        world.trace.note(world.scheduler.now, process.label, "the provider takes %s and bills %s", key, amount)
        row = world.witness.seen[pipeline_id].ledger.get(key)
        # A pipeline that ended since the intent was written has closed it, and counts it at its estimate.
        if row is None or (row.state != "submitted" and (row.state == "reserved" or row.amount != row.estimate)):
            self.blame("intent before call", pipeline_id, f"{key} was called without a word in the ledger")
        if (pipeline_id, key) in self.bills:
            self.blame("one external call per key", pipeline_id, f"{key} was submitted again")
        return self.bills.setdefault((pipeline_id, key), Bill(pipeline_id, key, amount))

    def compare(self, seen: Snapshot) -> None:
        """Hold the bills of a pipeline that has ended against its ledger."""
        pipeline_id = seen.pipeline.id
        for (owner, key), bill in self.bills.items():
            if owner != pipeline_id:
                continue
            row = seen.ledger.get(key)
            if row is None:
                self.blame("what is billed is counted", pipeline_id, f"{key} was billed and is in no ledger")
                continue
            step = seen.steps[row.step_key]
            told = bill.heard is not None and not bill.heard.dead
            done = bill.heard is not None and step.epoch == bill.heard.epochs.get((pipeline_id, row.step_key))
            counted = row.amount == bill.amount or (
                row.amount == row.estimate and not (told and done and step.state == "done")
            )
            if not counted:
                text = f"{key} was billed at {bill.amount} and is counted at {row.amount}, estimated {row.estimate}"
                self.blame("what is billed is counted", pipeline_id, text)

    def blame(self, invariant: str, pipeline_id: str, text: str) -> None:
        """Note a broken promise."""
        self.found.append(Violation(invariant, pipeline_id, text))


def real_price(world: "World", estimate: int) -> int:
    """What a paid call really costs: less than estimated, or more."""
    if world.faults.strike("overcharge"):
        return int(estimate * world.chance.between(1.0, 2.5))
    return int(estimate * world.chance.between(0.2, 1.0))
