from common.domain.findings import Finding
from common.media.checks.stretches import Stretch, faultless, ranges
from common.media.timeline import Recipe, Timeline, lay_out
from tests.unit.media.films import plan, scene

PLAN = plan(scene("a", 300), scene("b", 300), scene("c", 300))
LINE: Timeline = lay_out(PLAN, dict.fromkeys("abc", ""), (), Recipe(encoder="e", painter="1"), lambda _: "")
A, B, C = (Stretch(name, first, first + 150) for name, first in (("a", 0), ("b", 350), ("c", 700)))


def test_frames_around_a_stretch_are_watched_too_within_the_film() -> None:
    assert ranges([A], LINE) == [range(210)]
    assert ranges([B], LINE) == [range(290, 560)]
    assert ranges([C], LINE) == [range(640, 900)]
    assert ranges([], LINE) == []


def test_parts_that_meet_are_one() -> None:
    assert ranges([A, Stretch("b", 270, 300)], LINE) == [range(360)]
    assert ranges([A, B, C], LINE) == [range(210), range(290, 560), range(640, 900)]


def test_a_stretch_is_faultless_where_nothing_was_found_in_its_frames_or_its_scene() -> None:
    black = Finding(code="black", detail="", scene="b", at=11.0, seconds=1.0)
    assert list(faultless([A, B, C], [black], LINE)) == [A, C]
    far = Finding(code="freeze", detail="", scene="a", at=3.0, seconds=21.0)  # from scene a into c
    assert list(faultless([A, B, C], [far], LINE)) == []
    assert list(faultless([A, B, C], [], LINE)) == [A, B, C]
