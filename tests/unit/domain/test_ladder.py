import pytest

from common.domain.frame import Size, size_of
from common.domain.ladder import ladder


@pytest.mark.parametrize(
    ("film", "rungs"),
    [
        (size_of("16:9", "2160p"), ["3840x2160", "1920x1080", "1280x720", "854x480", "640x360"]),
        (size_of("16:9", "1080p"), ["1920x1080", "1280x720", "854x480", "640x360"]),
        (size_of("9:16", "1080p"), ["1080x1920", "720x1280", "480x854", "360x640"]),
        (size_of("1:1", "720p"), ["720x720", "480x480", "360x360"]),
        (size_of("4:5", "480p"), ["480x600", "360x450"]),
        (Size(width=160, height=90), ["160x90"]),
    ],
)
def test_a_ladder_goes_down_from_the_film_in_its_aspect(film: Size, rungs: list[str]) -> None:
    found = ladder(film)
    assert [f"{rung.size.width}x{rung.size.height}" for rung in found] == rungs
    assert [rung.name for rung in found] == [f"{min(rung.size.width, rung.size.height)}p" for rung in found]


def test_every_rung_of_every_film_has_even_sides() -> None:
    for aspect in ("16:9", "9:16", "1:1", "4:5"):
        for resolution in ("480p", "720p", "1080p", "2160p"):
            for rung in ladder(size_of(aspect, resolution)):  # type: ignore[arg-type]
                assert rung.size.width % 2 == rung.size.height % 2 == 0
