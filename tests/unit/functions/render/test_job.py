"""What a task of the render job makes of the attempts before it."""

from typing import Any

import pytest

from common import runtime
from common.engine import worker
from common.engine.context import Context
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
