"""What follows from a fault is left out; what does not stays."""

from common.domain.findings import Finding
from common.media.checks.causes import causes


def fault(code: str, scene: str, at: float, seconds: float = 0.1) -> Finding:
    return Finding(code=code, detail="", scene=scene, at=at, seconds=seconds)


def test_nothing_else_is_seen_where_the_picture_is_black_or_frozen() -> None:
    black = fault("black", "b", 3.0, 2.0)
    rest = [fault("freeze", "b", 3.0, 2.0), fault("captions", "b", 3.5), fault("missing_scene", "b", 2.0, 4.0)]
    elsewhere = [fault("captions", "c", 8.0), fault("text", "d", 12.0), fault("freeze", "e", 20.0, 3.0)]
    assert causes([black, *rest, *elsewhere]) == [black, *elsewhere]


def test_a_scene_that_is_away_has_no_words_either_and_moves_the_others() -> None:
    missing = fault("missing_scene", "b", 2.0, 4.0)
    others = [
        fault("text", "b", 3.0),
        fault("captions", "b", 3.0),
        fault("scene_order", "c", 6.0, 2.0),
        fault("text", "c", 7.0),
    ]
    assert causes([missing, *others]) == [missing]
    moved = fault("scene_order", "c", 6.0, 2.0)
    assert causes([moved, fault("text", "c", 7.0), fault("text", "d", 9.0)]) == [moved, fault("text", "d", 9.0)]


def test_captions_that_do_not_show_are_not_read_as_well() -> None:
    late, read = fault("captions", "b", 3.0), fault("text", "b", 3.2)
    assert causes([late, read]) == [late]
    assert causes([read]) == [read]
