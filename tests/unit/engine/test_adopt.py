"""Two executions of one job for one attempt, as when Cloud Run started it twice."""

from common.domain.pipeline import Outcome, Spec
from common.engine import worker
from common.engine.task import Handed, Task
from tests.unit.engine.conftest import Bench


def test_of_two_jobs_with_one_attempt_one_outcome_counts(bench: Bench) -> None:
    def hand_over(task: Task) -> Outcome:
        raise Handed("to its job")

    bench.handlers |= {"analyze": lambda task: Outcome(then=(Spec(step="long", key="long"),)), "long": hand_over}
    made = bench.submit()
    bench.drain()
    first = worker.adopt(bench.context, made.id, "long", 1)
    second = worker.adopt(bench.context, made.id, "long", 1)
    assert first is not None
    assert second is not None
    assert worker.perform(second, lambda task: Outcome(complete={"by": "second"})) == "done"
    recorded = bench.events(made.id)
    assert worker.perform(first, lambda task: Outcome(complete={"by": "first"})).startswith("superseded")
    assert bench.pipeline(made.id).result == {"by": "second"}
    assert bench.events(made.id) == recorded
    assert worker.adopt(bench.context, made.id, "long", 1) is None
