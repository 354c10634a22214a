from common.media.composition import Backdrop, Clip, Composition, Photo, Sprite
from common.media.motion import Motion, ramp

SCENE = Composition(
    width=64, height=36, fps=30, frames=60,
    backdrop=Backdrop(kind="mesh", colours=("#000000", "#202020"), mark="#ffffff"),
    layers=(
        Photo(object="a"),
        Sprite(svg="<g/>", fonts=("b.ttf", "a.ttf"), x=1, y=2, width=3, height=4, motion=Motion(y=ramp(0, 9, 5, 0))),
        Clip(object="b"),
        Photo(object="a"),
    ),
)  # fmt: skip


def test_a_composition_survives_json():
    assert Composition.model_validate_json(SCENE.model_dump_json()) == SCENE


def test_it_names_what_painting_needs():
    assert SCENE.objects() == ("a", "b")
    assert SCENE.fonts() == ("a.ttf", "b.ttf")
