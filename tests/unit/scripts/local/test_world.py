"""The world of one machine takes up what an earlier process left behind."""

import json
import threading
from pathlib import Path

import pytest

from common.domain.settings import Settings
from scripts.local.world import World


def test_what_was_left_behind_is_looked_for_until_a_sweep_gets_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked, over = [503, 503, 204, 204], [], threading.Event()

    def deliver(_world: World, function: str, body: bytes, _headers: object) -> int:
        if function != "sweep" or len(asked) == len(answers):
            return 204
        asked.append(json.loads(body))
        if len(asked) == len(answers):
            over.set()
        return answers[len(asked) - 1]

    monkeypatch.setattr(World, "_deliver", deliver)
    with World(Settings(home=tmp_path / "home", sweep_seconds=0.01)):
        assert over.wait(30)
    assert asked == [{"at_start": True}, {"at_start": True}, {"at_start": True}, {}]
