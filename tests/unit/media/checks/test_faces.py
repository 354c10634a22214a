"""Plan and film, by number, shape and media."""

from common.domain.plan import Media
from common.media.checks.faces import check_faces
from common.media.composition import Backdrop, Clip, Composition, Photo
from common.media.probe import Facts, Video
from common.media.timeline import Recipe, Timeline, lay_out
from tests.unit.media.films import plan, scene

PHOTO = Media(object="media/1.jpg", type="image", sha256="1")
PLAN = plan(scene("a", 60), scene("b", 60).model_copy(update={"media": PHOTO}))


def timeline() -> Timeline:
    return lay_out(PLAN, {"a": "a", "b": "b"}, (), Recipe(encoder="e", painter="1"), lambda _: "")


def facts(shape: float) -> Facts:
    video = Video(
        codec="h264", profile="", width=854, height=480, fps=30, pixels="yuv420p", colours=(1, 1, 1, 1), frames=120,
        start=0, seconds=4, even=True, shape=shape,
    )  # fmt: skip
    return Facts(
        container="mp4", bytes=1, seconds=4, faststart=True, title="", language="", chapters=0, video=video, audio=None
    )


def shows(*layers: Photo | Clip) -> dict[str, Composition]:
    ground = Backdrop(kind="mesh", colours=("#000000", "#111111"), mark="#222222")
    return {"b": Composition(width=854, height=480, fps=30, frames=60, backdrop=ground, layers=layers)}


def codes(
    shape: float = 854 / 480, line: Timeline | None = None, *layers: Photo | Clip
) -> list[tuple[str, str, float]]:
    layers = layers or (Photo(object=PHOTO.object),)
    return [(f.code, f.scene, f.at) for f in check_faces(facts(shape), PLAN, line or timeline(), shows(*layers))]


def test_a_film_with_the_faces_of_its_plan() -> None:
    assert codes() == []


def test_a_picture_that_a_player_stretches() -> None:
    assert codes(4 / 3) == [("aspect", "", 0.0)]


def test_a_scene_less_than_planned() -> None:
    line = timeline()
    assert codes(854 / 480, line.model_copy(update={"scenes": line.scenes[:1]})) == [("scene_count", "", 0.0)]


def test_another_photo_or_a_clip_instead() -> None:
    for layer in (Photo(object="media/2.jpg"), Clip(object=PHOTO.object)):
        assert codes(854 / 480, None, layer) == [("media", "b", 2.0)]
