"""The local planner: any text is a valid plan or a clear refusal."""

from hypothesis import given, settings
from hypothesis import strategies as st

from common.domain.frame import FPS
from common.domain.request import PipelineRequest
from common.providers.errors import Refused
from common.providers.planner.local import LocalPlanner
from common.providers.planner.port import Brief


def brief(content: str, track: str = "full", **fields: object) -> Brief:
    return Brief.of(PipelineRequest(content=content, **fields), track)  # type: ignore[arg-type]


def test_a_line_becomes_a_video_of_the_asked_length() -> None:
    plan = LocalPlanner().direct(brief("How lighthouses guided ships for two thousand years", duration_sec=30))
    assert plan.frames == 30 * FPS
    assert 5 <= len(plan.scenes) <= 6
    assert plan.scenes[0].kind == "title"
    assert plan.scenes[-1].kind == "closing"
    assert "template" in plan.planner


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=10, max_size=400).filter(lambda text: len(text.strip()) >= 10))
def test_any_text_is_a_plan_or_a_refusal(text: str) -> None:
    try:
        plan = LocalPlanner().direct(brief(text))
    except Refused:
        return
    assert len({scene.id for scene in plan.scenes}) == len(plan.scenes)
    assert all(scene.narration or scene.headline or scene.lines for scene in plan.scenes)
