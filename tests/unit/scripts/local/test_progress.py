import io
from datetime import UTC, datetime

import pytest

from common.domain.pipeline import Part, Pipeline
from scripts.local.progress import WORDS, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def pipeline(**states: str) -> Pipeline:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    parts = {key: Part.model_validate({"step": key.split("_x")[0], "state": state}) for key, state in states.items()}
    return Pipeline(id="p", owner="a", preset="quick_social", request={}, parts=parts, created_at=now, updated_at=now)


def test_without_a_terminal_each_step_is_one_line_once() -> None:
    out = io.StringIO()
    progress = Progress(out)
    for _ in range(3):
        progress.show(pipeline(analyze="done", direct="done", budget="ready"))
    assert [line.split("s  ")[1] for line in out.getvalue().splitlines()] == ["reading the request", "writing the plan"]


def test_a_fan_out_is_shown_when_all_of_it_is_done() -> None:
    out = io.StringIO()
    progress = Progress(out)
    progress.show(pipeline(generate_visual_x1="done", generate_visual_x2="ready"))
    assert out.getvalue() == ""
    progress.show(pipeline(generate_visual_x1="done", generate_visual_x2="failed"))
    assert "drawing scenes (2)" in out.getvalue()


def test_a_narrow_terminal_is_never_overrun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    out = Terminal()
    Progress(out).show(pipeline(analyze="ready"))
    last = out.getvalue().rpartition("\033[K")[2]
    assert 0 < len(last) <= 23


def test_every_step_has_words() -> None:
    from functions.catalogue import CATALOGUE

    assert set(WORDS) == {entry.name for entry in CATALOGUE.steps()}
