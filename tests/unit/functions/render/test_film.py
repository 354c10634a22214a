"""What a film's artefacts depend on."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.domain.frame import Size
from common.domain.model import digest
from common.engine import artefacts
from common.media.timeline import Segment, Take, Timeline
from functions.render import film


def line(scene: str = "s1", **more: Any) -> Timeline:
    segment = Segment(key="k", start=0, frames=30, shows=Take(scene="s1", first=0))
    return Timeline(
        size=Size(width=64, height=36), fps=30, frames=30, scenes=((scene, 0, 30),), segments=(segment,), **more
    )


@pytest.fixture
def video_key(monkeypatch: pytest.MonkeyPatch) -> Callable[[Timeline], str]:
    seen: list[Any] = []
    monkeypatch.setattr(artefacts, "make", lambda task, slot, inputs, produce: seen.append(inputs))

    def key(timeline: Timeline) -> str:
        plan: Any = SimpleNamespace(title="Tea", lang="en")
        film._video(None, plan, timeline, SimpleNamespace(key="sound"), Path())  # type: ignore[arg-type]
        return digest(seen[-1])

    return key


def test_a_video_is_not_taken_for_one_with_another_timeline(video_key: Callable[[Timeline], str]) -> None:
    known = video_key(line())
    assert video_key(line()) == known
    assert known not in {video_key(line("intro")), video_key(line(stills=("s1",))), video_key(line(footage=("s1",)))}
