from datetime import UTC, datetime

from common.domain.pipeline import Failure, Step
from scripts.local.explain import lines_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def step(**fields: object) -> Step:
    return Step.model_validate(
        {
            "pipeline_id": "p",
            "step": "render",
            "key": "render",
            "deadline": NOW,
            "created_at": NOW,
            "epoch": 1,
            **fields,
        }
    )


def test_work_is_said_with_its_reason() -> None:
    done = step(state="done", result={"work": [{"name": "sound", "decision": "reused", "why": "the same inputs"}]})
    assert lines_of(done) == ["render: done", "  reused sound: the same inputs"]


def test_encoded_segments_are_named_by_scene() -> None:
    result = {"segments": 9, "rendered": 1, "why": {"frames 0-90": "s1"}, "work": []}
    assert lines_of(step(state="done", result=result, epoch=2)) == [
        "render: done, attempt 2",
        "  ran    picture: 1 of 9 segments were encoded",
        "         frames 0-90, scene s1",
    ]


def test_a_failure_is_said_with_its_text() -> None:
    failed = step(state="failed", failure=Failure(code="x", detail="It broke."))
    assert lines_of(failed) == ["render: failed (It broke.)"]
