"""What a task of the render job makes of the attempts before it."""

from typing import Any

import pytest

from common import runtime
from common.engine import worker
from common.engine.context import Context
from common.media.render import Share
from common.observability import logs
from functions.render import job


@pytest.mark.parametrize(("attempt", "workers"), [(None, 2), ("0", 2), ("1", 1), ("2", 1)])
def test_row_22_a_task_whose_attempt_was_killed_takes_less_memory(
    context: Context, monkeypatch: pytest.MonkeyPatch, attempt: str | None, workers: int
) -> None:
    adopted: list[Any] = []
    monkeypatch.setattr(runtime, "build", lambda _: context)
    monkeypatch.setattr(worker, "adopt", lambda *given: adopted.append(given))
    monkeypatch.setattr(logs, "configure", lambda: None)
    if attempt is None:
        monkeypatch.delenv("CLOUD_RUN_TASK_ATTEMPT", raising=False)
    else:
        monkeypatch.setenv("CLOUD_RUN_TASK_ATTEMPT", attempt)
    assert job.main("p1", "render", 3) == 0
    [(given, *which)] = adopted
    assert which == ["p1", "render", 3]
    assert (given.settings.workers, context.settings.workers) == (workers, 2)


def test_a_further_task_helps_with_its_share_and_adopts_nothing(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped: list[Any] = []
    monkeypatch.setattr(runtime, "build", lambda _: context)
    monkeypatch.setattr(worker, "adopt", lambda *given: pytest.fail("only the first task owns the step"))
    monkeypatch.setattr(logs, "configure", lambda: None)
    monkeypatch.setattr(job, "assist", lambda _, *which: helped.append(which[:3]) or which[3]("task"))
    monkeypatch.setattr(job.film, "help_out", lambda *given: helped.append(given))
    monkeypatch.setenv("CLOUD_RUN_TASK_INDEX", "2")
    monkeypatch.setenv("CLOUD_RUN_TASK_COUNT", "4")
    assert job.main("p1", "render", 3) == 0
    assert helped == [("p1", "render", 3), ("task", Share(2, 4))]
