"""Following a pipeline to its end."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.domain.pipeline import Failure, Pipeline
from common.domain.settings import Settings
from common.engine import control
from scripts.local import run
from scripts.local.refusal import Refusal

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def pipeline(status: Any) -> Pipeline:
    return Pipeline(id="p", owner="local", preset="p", request={}, status=status, created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize("completed", [True, False])
def test_an_interrupt_cancels_unless_the_pipeline_was_faster(monkeypatch: pytest.MonkeyPatch, completed: bool) -> None:
    states = iter([pipeline("processing"), pipeline("completed")])

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    def cancel(*_: object, **__: object) -> Pipeline:
        if completed:
            raise control.AlreadyEnded("Pipeline p is completed and cannot be cancelled.")
        return pipeline("cancelled")

    monkeypatch.setattr(control, "load", lambda *_: next(states))
    monkeypatch.setattr(control, "cancel", cancel)
    monkeypatch.setattr("time.sleep", interrupted)
    world: Any = SimpleNamespace(context=None)
    if completed:
        assert run._follow(world, "p").status == "completed"
        return
    with pytest.raises(Refusal, match="cancelled"):
        run._follow(world, "p")


@pytest.mark.parametrize(("step", "place"), [("direct", "aiprod.log"), ("render.take1", "jobs")])
def test_an_inner_failure_names_the_log_that_tells_more(tmp_path: Path, step: str, place: str) -> None:
    failed = pipeline("failed").model_copy(update={"error": Failure(code="error", detail="it broke", step=step)})
    reason = run._reason(failed, Settings(home=tmp_path))
    assert reason == f"{step} failed inside (it broke); {tmp_path / place} says more."
