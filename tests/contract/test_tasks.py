"""What every Tasks adapter promises: paced, delayed, unique calls until the function takes them."""

import json
from datetime import timedelta

import pytest

from common.platform.embedded.clock import VirtualClock
from tests.contract.adapters.inbox import Inbox
from tests.contract.adapters.tasks import TasksUnderTest


def test_a_task_calls_its_function_with_the_data(tasks: TasksUnderTest, inbox: Inbox) -> None:
    assert tasks.port.enqueue("generate-high", "visual", {"scene": 1}, name="t-1")
    tasks.drain()
    [(function, body, headers)] = inbox.calls
    assert function == "visual"
    assert json.loads(body) == {"scene": 1}
    assert headers["X-CloudTasks-QueueName"] == "generate-high"
    assert headers["X-CloudTasks-TaskName"]
    assert headers["X-CloudTasks-TaskRetryCount"] == "0"


def test_a_name_is_taken_while_pending_and_after_it_ran(tasks: TasksUnderTest, inbox: Inbox) -> None:
    assert tasks.port.enqueue("q", "f", {}, name="one")
    assert not tasks.port.enqueue("q", "f", {}, name="one")
    tasks.drain()
    assert not tasks.port.enqueue("q", "f", {}, name="one")
    assert tasks.port.enqueue("q", "f", {}, name="two")
    assert tasks.port.enqueue("other", "f", {}, name="one")
    tasks.drain()
    assert len(inbox.calls) == 3


def test_a_task_waits_for_its_time(tasks: TasksUnderTest, inbox: Inbox, clock: VirtualClock) -> None:
    due = clock.now() + timedelta(minutes=1)
    tasks.port.enqueue("q", "later", {}, name="a", not_before=due)
    tasks.port.enqueue("q", "now", {}, name="b")
    tasks.drain()
    assert [function for function, _, _ in inbox.calls] == ["now", "later"]
    assert clock.now() >= due


def test_a_refused_task_comes_again_and_counts(tasks: TasksUnderTest, inbox: Inbox) -> None:
    inbox.statuses = [503, 429]
    tasks.port.enqueue("q", "f", {}, name="a")
    tasks.drain()
    assert [headers["X-CloudTasks-TaskRetryCount"] for _, _, headers in inbox.calls] == ["0", "1", "2"]
    assert len({headers["X-CloudTasks-TaskName"] for _, _, headers in inbox.calls}) == 1


def test_a_task_ends_after_its_last_attempt(tasks: TasksUnderTest, inbox: Inbox) -> None:
    inbox.statuses = [500] * 100
    tasks.port.enqueue("q", "f", {"n": 1}, name="a")
    tasks.drain()
    assert len(inbox.calls) == 5


@pytest.mark.parametrize("name", ["", "a b", "é", "a/b", "x" * 501])
def test_a_name_no_queue_takes_is_refused(tasks: TasksUnderTest, name: str) -> None:
    with pytest.raises(ValueError, match="task name"):
        tasks.port.enqueue("q", "f", {}, name=name)


def test_what_is_enqueued_is_what_it_was_then(tasks: TasksUnderTest, inbox: Inbox) -> None:
    data = {"text": "é 漢"}
    tasks.port.enqueue("q", "f", data, name="a")
    data["text"] = "other"
    tasks.drain()
    assert json.loads(inbox.calls[0][1]) == {"text": "é 漢"}
    with pytest.raises((TypeError, ValueError)):
        tasks.port.enqueue("q", "f", {"n": float("nan")}, name="b")
