"""What a film's artefacts depend on."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from common.domain.frame import Size
from common.domain.model import digest
from common.engine import artefacts
from common.media.composition import Backdrop, Composition
from common.media.timeline import Segment, Take, Timeline
from functions.render import film


def line(scene: str = "s1", **more: Any) -> Timeline:
    segment = Segment(key="k", start=0, frames=30, shows=Take(scene="s1", first=0))
    return Timeline(
        size=Size(width=64, height=36), fps=30, frames=30, scenes=((scene, 0, 30),), segments=(segment,), **more
    )


@pytest.fixture
def video_key(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    seen: list[Any] = []
    monkeypatch.setattr(artefacts, "make", lambda task, slot, inputs, produce: seen.append(inputs))

    def key(timeline: Timeline, **given: int) -> str:
        plan: Any = SimpleNamespace(title="Tea", lang="en")
        task: Any = SimpleNamespace(input=given)
        film._video(task, plan, timeline, SimpleNamespace(key="sound"), Path())  # type: ignore[arg-type]
        return digest(seen[-1])

    return key


def test_a_video_is_not_taken_for_one_with_another_timeline(video_key: Callable[..., str]) -> None:
    known = video_key(line())
    assert video_key(line()) == known
    assert known not in {video_key(line("intro")), video_key(line(stills=("s1",))), video_key(line(footage=("s1",)))}


def test_a_repaired_film_is_joined_again_and_a_repaired_scene_encoded_again(video_key: Callable[..., str]) -> None:
    assert video_key(line(), take=1) != video_key(line()) == video_key(line(), take=0)
    ground = Backdrop(kind="mesh", colours=("#000000", "#111111"), mark="#222222")
    drawn = Composition(width=64, height=36, fps=30, frames=30, backdrop=ground)
    assert film._key(drawn, 1) != film._key(drawn, 0)
