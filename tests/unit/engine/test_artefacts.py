from collections.abc import Callable

import pytest

from common.engine import artefacts, worker
from common.engine.artefacts import Artefact, Made
from common.engine.task import Cancelled, Task
from tests.unit.engine.conftest import Bench


@pytest.fixture
def task(bench: Bench) -> Task:
    made = bench.submit(title="Tea")
    task = worker._claim(bench.context, made.id, "analyze", "host-1/a")
    assert isinstance(task, Task)
    return task


def make(task: Task, text: str, produce: Callable[[], Made] | None = None) -> Artefact:
    inputs = {"text": text, "engine": ["voice", "1"]}
    return artefacts.make(
        task, "narration/s1", inputs, produce or (lambda: Made({"a.txt": text.encode()}, {"n": len(text)}))
    )


def forbidden() -> Made:
    raise AssertionError("it must not run again")


def test_equal_inputs_are_made_once(task: Task) -> None:
    first = make(task, "hello")
    again = make(task, "hello", forbidden)
    assert (first.decision, first.why) == ("ran", "nothing was made here before")
    assert (again.decision, again.key, again.facts) == ("reused", first.key, {"n": 5})
    assert task.context.objects.read(again.files["a.txt"]) == b"hello"


def test_the_reason_names_what_changed(task: Task) -> None:
    make(task, "hello")
    changed = make(task, "goodbye")
    assert (changed.decision, changed.why) == ("ran", "changed since the last run: text")
    assert make(task, "hello", forbidden).decision == "reused"


def test_deleted_files_are_made_again(task: Task) -> None:
    first = make(task, "hello")
    task.context.objects.delete(first.files["a.txt"])
    again = make(task, "hello")
    assert (again.decision, again.why, again.key) == ("ran", "its files were deleted", first.key)


def test_nothing_is_stored_after_a_cancel(task: Task) -> None:
    def cancelled() -> Made:
        task.end(Cancelled)
        return Made({"a.txt": b"late"})

    with pytest.raises(Cancelled):
        make(task, "hello", cancelled)
    assert not list(task.context.objects.list("artefacts/"))
