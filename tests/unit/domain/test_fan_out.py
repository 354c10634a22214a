import pytest

from common.domain.fan_out import tasks_for
from tests.unit.media.films import plan, scene


@pytest.mark.parametrize(
    ("seconds", "resolution", "most", "tasks"),
    [(5, "1080p", 8, 1), (119, "1080p", 8, 1), (120, "1080p", 8, 2), (180, "1080p", 8, 3), (180, "1080p", 2, 2),
     (60, "2160p", 8, 4), (30, "2160p", 8, 2), (180, "480p", 8, 1), (600, "2160p", 8, 8), (600, "1080p", 1, 1)],
)  # fmt: skip
def test_a_task_for_each_minute_of_1080p(seconds: int, resolution: str, most: int, tasks: int) -> None:
    film = plan(scene("a", 30 * seconds)).model_copy(update={"resolution": resolution})
    assert tasks_for(film, most) == tasks


def test_twice_the_frames_are_twice_the_work() -> None:
    film = plan(scene("a", 30 * 60)).model_copy(update={"resolution": "1080p", "rate": 60})
    assert tasks_for(film, 8) == 2
