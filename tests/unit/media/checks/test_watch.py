"""Findings in frames, whose scenes and times are told."""

import pytest

from common.media.checks.watch import found
from common.media.timeline import Recipe, lay_out
from tests.unit.media.films import plan, scene


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
def test_a_fault_is_blamed_on_the_scene_whose_frame_it_begins_in(fps: int) -> None:
    names = [f"s{number}" for number in range(60)]
    made = plan(*(scene(name, 31 + number) for number, name in enumerate(names))).at(fps)
    line = lay_out(made, {name: name for name in names}, (), Recipe(encoder="e", painter="p"), lambda _: "")
    for name, start, frames in line.scenes:
        assert {found(line, "black", "", frame, 1).scene for frame in range(start, start + frames)} == {name}
    last = found(line, "black", "", line.frames - fps, fps)
    assert (last.at, last.seconds) == (pytest.approx(line.frames / fps - 1), 1)
