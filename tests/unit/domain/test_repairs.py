"""Which fault sends what through which step again."""

from common.domain.findings import Finding
from common.domain.repairs import MAKES_AGAIN, remedies


def fault(code: str, scene: str = "", **more: object) -> Finding:
    return Finding.model_validate({"code": code, "detail": "", "scene": scene, **more})


def test_every_fault_has_the_film_rendered_again_and_its_scene_made_where_it_went_wrong() -> None:
    for code, remedy in MAKES_AGAIN.items():
        encoded = [] if remedy == "generate_narration" else ["b"]
        wanted = {"render": encoded} if remedy == "render" else {"render": encoded, remedy: ["b"]}
        assert remedies([fault(code, "b")]) == wanted, code


def test_several_faults_send_each_scene_once() -> None:
    faults = [fault("black", "c"), fault("freeze", "c"), fault("captions", "a"), fault("drift", "b"), fault("loudness")]
    wanted = {"render": ["a", "c"], "generate_visual": ["c"], "generate_narration": ["b"]}
    assert remedies(faults) == wanted


def test_a_fault_of_the_whole_file_makes_no_scene_again() -> None:
    assert remedies([fault("drift")]) == {"render": []}


def test_warnings_and_faults_of_the_plan_are_left() -> None:
    assert remedies([fault("black", "a", severity="warning"), fault("subject", "a"), fault("language", "a")]) == {}
