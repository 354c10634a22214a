"""`kill -9` at every fail-point while Firestore and Pub/Sub stay: the next process completes the pipeline."""

import signal
import time
from collections.abc import Iterator

import pytest

from common.engine import invariants, store
from common.engine.failpoints import POINTS
from common.engine.invariants import Violation
from common.platform.documents import Documents
from functions.catalogue import CATALOGUE
from tests.e2e.conftest import Server
from tests.e2e.test_paid import PRICE, Gemini
from tests.emulators.conftest import EmulatedMachine

pytestmark = pytest.mark.emulators

# The step in which the process dies, where one of them is meant: a point reached by paid calls needs such a call.
STEPS = {
    "before_claim": "direct",
    "after_claim": "generate_visual",
    "after_intent": "direct",
    "after_submit": "direct",
    "after_work": "generate_narration",
    "after_commit": "budget",
    "after_publish": "approve",
    "after_job_start": "render",
}
# Calls of a provider that keeps nothing by a key: one whose answer the crash lost is made again.
CALLS = {"after_intent": 1, "after_submit": 2}


def at_rest(documents: Documents, seconds: float = 30.0) -> list[Violation]:
    """What is wrong once nothing goes on; a client reads that a pipeline is completed before its event is relayed."""
    deadline = time.monotonic() + seconds
    while found := invariants.audit(documents, CATALOGUE, at_rest=True):
        if time.monotonic() > deadline:
            break
        time.sleep(0.2)
    return found


@pytest.fixture
def gemini(machine: EmulatedMachine) -> Iterator[Gemini]:
    found = Gemini()
    yield found
    found.http.shutdown()
    found.http.server_close()


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_a_fail_point_is_followed_by_one_that_completes_the_pipeline(
    machine: EmulatedMachine, servers: list[Server], gemini: Gemini, point: str
) -> None:
    environment = {**gemini.environment, "AIPROD_SWEEP_SECONDS": "1"}
    if point in CALLS:
        assert machine.call("secret", "gemini-api-key", stdin="the-key\n").returncode == 0
    doomed = machine.serve(AIPROD_FAIL_AT=f"{point}:{STEPS.get(point, '')}".rstrip(":"), **environment)
    servers.append(doomed)
    # Equal requests share what they made, so that most of these videos are made of what there is; a paid plan is new.
    content = f"Why cats purr when they are happy{', they say' * CALLS.get(point, 0)}"
    body = {"content": content, "duration_sec": 5, "resolution": "480p"}
    doomed.send("/pipeline/run", body, f"one-film-{point}")
    assert doomed.process.wait(120) == -signal.SIGKILL
    healthy = machine.serve(**environment)
    servers.append(healthy)
    status, view = healthy.request("POST", "/pipeline/run", body, f"one-film-{point}")
    assert status == 202, view
    done = healthy.wait(view["id"], "completed", "failed")
    assert done["status"] == "completed", done
    assert done["cost"]["reserved"] == 0
    documents = machine.documents()
    found = at_rest(documents)
    healthy.stop()
    steps = store.steps(documents, view["id"])
    assert all(step.state == "done" for step in steps)
    assert {step.step for step in steps} == {entry.name for entry in CATALOGUE.steps()}
    assert found == []
    assert gemini.calls == CALLS.get(point, 0)
    if point in CALLS:
        # The lost call counts with what it may have cost, so that the cap holds whatever the provider bills.
        assert PRICE * gemini.calls <= done["cost"]["spent"] <= done["cost"]["cap"]
    documents.close()  # type: ignore[attr-defined]
