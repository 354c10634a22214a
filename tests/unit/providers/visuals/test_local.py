import re
from itertools import pairwise
from typing import get_args

import cv2
import numpy as np
import pytest

from common.domain.brand import Brand
from common.domain.frame import Aspect, Size
from common.domain.plan import Figure, Media, Plan, Scene, SceneKind
from common.domain.platforms import Platform
from common.media.colour import lch_of
from common.media.composition import Photo, Sprite
from common.media.layout import Box, caption_box, clear_box, logo_box
from common.media.painter import Painter
from common.providers.visuals.local import LocalVisuals, laid_out
from common.providers.visuals.port import brief_of

LONG = (
    "This is a headline that goes on and on, far beyond what anyone would sensibly put on a screen, because somebody "
    "pasted a whole paragraph of their script into the one place for a few words."
)
TEXTS = {
    "plain": ("How lighthouses guided ships", ("Trim the wick", "Polish the lens", "Log every ship")),
    "one": ("Go", ("Yes", "No")),
    "long": (LONG, (LONG[:90],) * 6),
    "word": ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk", ("Rindfleischetikettierungsgesetz", "Kurz")),
    "japanese": ("灯台は二千年のあいだ船を導いてきた", ("芯を切り、ぜんまいを巻く。", "レンズを磨く")),
    "arabic": ("كيف قادت المنارات السفن", ("تنظيف العدسة", "تسجيل السفن في 1822", "إشعال المصباح")),
    "emoji": ("Ship it 🚀 family 👨‍👩‍👧‍👦", ("✅ done", "❤️ love")),
    "empty": ("", ()),
}
ENGINE = LocalVisuals()


def scene(kind, text="plain", **more):
    headline, lines = TEXTS[text]
    figures = tuple(
        Figure(value=value, label=line) for value, line in zip(("73 %", "1,200", "1969"), lines, strict=False)
    )
    return Scene(
        id=more.pop("id", f"{kind}-{text}"), kind=kind, narration="What is said.", headline=headline, lines=lines,
        figures=figures, attribution="Somebody", frames=150, **more,
    )  # fmt: skip


def plan(*scenes, aspect="16:9", seed=1, **more):
    return Plan(title="A plan", lang="en", aspect=aspect, resolution="480p", scenes=scenes, seed=seed, **more)


@pytest.mark.parametrize("aspect", get_args(Aspect))
@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_inside_its_margins_and_never_overlaps(aspect, text):
    video = plan(*(scene(kind, text) for kind in get_args(SceneKind)), aspect=aspect)
    for seed in range(2):
        for index in range(len(video.scenes)):
            template, sheet = laid_out(brief_of(video.model_copy(update={"seed": seed}), index))
            for place, box in enumerate(sheet.texts):
                assert sheet.box.holds(box, slack=sheet.unit), (template, place, box, sheet.box)
                assert not box.meets(caption_box(video.size)), template
                for other in sheet.texts[place + 1 :]:
                    assert not box.inset(1, sheet.unit * 0.6).meets(other.inset(1, sheet.unit * 0.6)), template
            for layer in sheet.layers:
                if isinstance(layer, Sprite) and layer.name == "text":
                    assert Box(0, 0, video.size.width, video.size.height).holds(
                        Box(layer.x, layer.y, layer.width, layer.height), slack=layer.height
                    )


@pytest.mark.parametrize("aspect", ["16:9", "9:16"])
@pytest.mark.parametrize("kind", get_args(SceneKind))
def test_a_scene_lives_from_beginning_to_end(kind, aspect):
    """Quality control calls two seconds that differ by less than 0.003 on average a freeze."""
    video = plan(scene(kind), aspect=aspect, seed=4)
    width = round(video.size.width / 160) * 40
    size = Size(width=width, height=round(width * video.size.height / video.size.width / 2) * 2)
    painter = Painter(ENGINE.stage(video, 0), {}, size, 10)
    frames = [painter.frame(number).astype(int) for number in (0, 20, 40)]
    assert all(np.abs(one - two).mean() / 255 > 0.003 for one, two in pairwise(frames))


def test_the_hook_is_read_within_a_second_and_a_half():
    for seed in range(4):
        composition = ENGINE.stage(plan(scene("title"), seed=seed), 0)
        texts = [layer for layer in composition.layers if isinstance(layer, Sprite) and layer.name == "text"]
        assert max(layer.motion.up[-1].at for layer in texts if layer.motion.up) <= 45


def test_something_happens_throughout_a_scene():
    composition = ENGINE.stage(plan(scene("list")), 0)
    starts = sorted(layer.motion.opacity[0].at for layer in composition.layers if layer.motion.opacity)
    assert starts[-1] > 0.5 * composition.frames


def test_neighbours_share_the_look_and_never_a_face():
    video = plan(*(scene("statement", id=f"s{place}") for place in range(12)), seed=9)
    found = [ENGINE.stage(video, index) for index in range(12)]
    for one, two in pairwise(found):
        assert one.template != two.template
        assert one.backdrop.kind != two.backdrop.kind
        assert one.backdrop.colours != two.backdrop.colours
    assert len({layer.fonts for one in found for layer in one.layers if isinstance(layer, Sprite) and layer.fonts}) <= 2


def test_equal_plans_give_equal_pictures_and_seeds_vary_them():
    assert ENGINE.stage(plan(scene("title")), 0) == ENGINE.stage(plan(scene("title")), 0)
    assert len({ENGINE.stage(plan(scene("title"), seed=seed), 0).model_dump_json() for seed in range(6)}) == 6


def test_an_edit_of_one_scene_changes_no_other():
    before = plan(scene("title"), scene("list"), scene("closing"))
    edited = before.scenes[1].model_copy(update={"headline": "Something else", "narration": "Other words."})
    after = before.model_copy(update={"scenes": (before.scenes[0], edited, before.scenes[2]), "title": "Renamed"})
    same = [ENGINE.stage(before, index) == ENGINE.stage(after, index) for index in range(3)]
    assert same == [True, False, True]


def test_a_drawing_changes_the_emblem_and_not_the_ground():
    video = plan(scene("closing"))
    rocket, none = ENGINE.stage(video, 0, "rocket"), ENGINE.stage(video, 0)
    assert rocket.backdrop == none.backdrop
    assert "motif:rocket" in {layer.name for layer in rocket.layers}
    assert "motif:rocket" not in {layer.name for layer in none.layers}


def test_a_retake_looks_different():
    video = plan(scene("title"))
    again = plan(video.scenes[0].model_copy(update={"take": 1}))
    assert ENGINE.stage(video, 0) != ENGINE.stage(again, 0)


def test_a_scene_that_lacks_what_its_kind_needs_is_a_statement():
    bare = [Scene(id=kind, kind=kind, narration="Words.", headline="Words", frames=90) for kind in get_args(SceneKind)]
    video = plan(*bare)
    kinds = [ENGINE.stage(video, index).template.split(".")[0] for index in range(len(bare))]
    expected = {
        kind: kind if kind in ("title", "statement", "quote", "split", "closing") else "statement"
        for kind in get_args(SceneKind)
    }
    assert kinds == [expected[kind] for kind in get_args(SceneKind)]


@pytest.mark.parametrize("kind", ["image", "clip"])
def test_the_users_own_media_fills_the_frame_under_a_shade(kind):
    composition = ENGINE.stage(plan(scene("list", media=Media(object="key", type=kind, sha256="0"))), 0)
    assert composition.template.startswith("picture.")
    assert composition.objects() == ("key",)
    assert [layer.name for layer in composition.layers[1:2]] == ["shade"]


@pytest.mark.parametrize("aspect", get_args(Aspect))
@pytest.mark.parametrize("seed", [0, 1])
def test_a_split_shows_the_users_media_beside_the_words(aspect, seed):
    media = Media(object="key", type="image", sha256="0")
    video = plan(scene("split", media=media), aspect=aspect, seed=seed)
    template, sheet = laid_out(brief_of(video, 0))
    assert template.startswith("split.")
    [photo] = [layer for layer in sheet.layers if isinstance(layer, Photo)]
    area = photo.area
    shown = Box(area.x, area.y, area.width, area.height)
    assert Box(0, 0, video.size.width, video.size.height).holds(shown)
    assert area.width * area.height >= 0.3 * video.size.width * video.size.height
    assert sheet.texts
    assert not any(box.meets(shown) for box in sheet.texts)


def test_a_split_changes_sides_where_words_run_from_right_to_left():
    halves = {}
    for text in ("plain", "arabic"):
        _, sheet = laid_out(brief_of(plan(scene("split", text), seed=3), 0))
        [panel] = [layer for layer in sheet.layers if getattr(layer, "name", "") == "panel"]
        halves[text] = panel.x > 0
        assert not any(box.meets(Box(panel.x, panel.y, panel.width, panel.height)) for box in sheet.texts)
    assert halves["plain"] != halves["arabic"]


CODE = ("def area(radius):", "    # of a circle", "    return 3.14 * radius ** 2", "print(area(2))")


@pytest.mark.parametrize("aspect", get_args(Aspect))
def test_code_keeps_its_lines_and_tints_them(aspect):
    shown = scene("code", syntax="python").model_copy(update={"lines": CODE})
    composition = ENGINE.stage(plan(shown, aspect=aspect), 0)
    mono = [layer for layer in composition.layers if isinstance(layer, Sprite) and "JetBrains Mono" in layer.svg]
    written = "".join(composition.written()).replace(" ", "")
    assert all(line.replace(" ", "") in written for line in CODE)
    starts = [layer.motion.opacity[0].at for layer in mono]
    assert starts == sorted(starts)
    assert len(set(starts)) == len(CODE), "line by line"
    assert len(set(re.findall(r'fill="(#\w{6})"', "".join(layer.svg for layer in mono)))) == 4


def test_code_draws_a_sign_of_several_characters_as_one():
    family = "👨‍👩‍👧‍👦"
    words = ("# " + family * 30, "# हिन्दी में कितना", "# ที่นี่ น้ำ", "a != b -> c  # e\u0301")
    shown = scene("code", syntax="python").model_copy(update={"lines": words})
    composition = ENGINE.stage(plan(shown), 0)
    texts = [layer for layer in composition.layers if isinstance(layer, Sprite) and layer.name == "text"]
    elements = re.findall(r">([^<]+)</text>", "".join(layer.svg for layer in texts))
    assert elements.count(family) == 30
    assert {"हिन्दी", "कितना", "ที่นี่", "น้ำ", "\u00e9", "!", "="} <= {word for text in elements for word in text.split()}
    assert all(layer.x + layer.width <= composition.width for layer in texts)


def test_too_much_code_ends_with_a_sign_that_there_is_more():
    shown = scene("code").model_copy(update={"lines": ("x = 'a long line of code that goes on and on'",) * 12})
    composition = ENGINE.stage(plan(shown, aspect="1:1"), 0)
    assert composition.written()[-1] == "…"
    assert any("12 lines of code" in note for note in composition.notes)


def test_a_recipe_shows_amounts_ingredients_and_steps():
    figures = (Figure(value="200 g", label="Flour"), Figure(value="2", label="Eggs"), Figure(value="", label="Butter"))
    shown = scene("recipe").model_copy(update={"figures": figures})
    written = ENGINE.stage(plan(shown), 0).written()
    for text in ("200 g", "Flour", "2", "Eggs", "Butter", *TEXTS["plain"][1]):
        assert text in written


@pytest.mark.parametrize("seed", range(3))
def test_neither_side_of_a_comparison_has_a_drawing_that_the_other_lacks(seed):
    compared = scene("comparison").model_copy(update={"lines": ("Electric cars", "Petrol cars")})
    _, sheet = laid_out(brief_of(plan(compared, seed=seed), 0))
    assert not [layer.name for layer in sheet.layers if isinstance(layer, Sprite) and "motif" in layer.name]


def test_what_cannot_be_shown_is_noted():
    notes = " ".join(
        ENGINE.stage(plan(scene("list").model_copy(update={"headline": "Odd \ue000", "lines": ("x",) * 9})), 0).notes
    )
    assert "\\ue000" in notes
    assert "9 items" in notes


@pytest.mark.parametrize(("kind", "most"), [("split", 3), ("picture", 3), ("list", 3), ("statement", 2)])
def test_lines_beyond_those_of_a_template_are_noted(kind, most):
    media = None if kind == "statement" else Media(object="key", type="image", sha256="0")
    lines = ("One", "Two", "Three", "Four", "Five")
    for seed in range(2):
        told, whole = (
            ENGINE.stage(plan(scene(kind, media=media).model_copy(update={"lines": shown}), seed=seed), 0).notes
            for shown in (lines, lines[:most])
        )
        assert told == (f"5 lines do not fit in one scene; the first {most} are shown.",)
        assert whole == ()


def test_white_words_can_be_read_on_a_white_picture(tmp_path):
    path = tmp_path / "white.png"
    cv2.imwrite(str(path), np.full((270, 480, 3), 255, dtype=np.uint8))
    for seed in range(4):
        video = plan(scene("picture", media=Media(object="key", type="image", sha256="0")), seed=seed)
        _, sheet = laid_out(brief_of(video, 0))
        composition = ENGINE.stage(video, 0)
        quiet = composition.model_copy(
            update={"layers": tuple(layer for layer in composition.layers if getattr(layer, "name", "") != "text")}
        )
        frame = Painter(quiet, {"key": path}, video.size, 30).frame(100)[: video.size.width * video.size.height]
        picture = frame.reshape(video.size.height, video.size.width)
        for box in sheet.texts:
            part = picture[int(box.y) : int(box.bottom), int(box.x) : int(box.right)]
            share = (float(part.max()) - 16) / 219
            luminance = ((share + 0.055) / 1.055) ** 2.4
            assert 1.05 / (luminance + 0.05) >= 4.5


def test_an_index_beyond_the_plan_is_said():
    with pytest.raises(IndexError, match="1 scenes, none at 3"):
        brief_of(plan(scene("title")), 3)


@pytest.mark.parametrize("platform", get_args(Platform))
@pytest.mark.parametrize("logo", [None, f"media/{'0' * 64}.png"])
def test_every_template_keeps_clear_of_what_a_platform_draws(platform, logo):
    kinds = get_args(SceneKind)
    for text in ("plain", "long", "arabic"):
        video = plan(*(scene(kind, text) for kind in kinds), aspect="9:16", platform=platform, logo=logo)
        for index in range(len(kinds)):
            template, sheet = laid_out(brief_of(video, index))
            for place, box in enumerate(sheet.texts):
                assert clear_box(video.size, platform).holds(box, slack=sheet.unit), (template, text, box)
                assert not box.meets(caption_box(video.size, platform)), (template, text)
                assert not (logo and box.meets(logo_box(video.size, platform))), (template, text)
                for other in sheet.texts[place + 1 :]:
                    assert not box.inset(1, sheet.unit * 0.6).meets(other.inset(1, sheet.unit * 0.6)), (template, text)


@pytest.mark.parametrize("kind", get_args(SceneKind))
def test_a_brand_reaches_every_template(kind):
    kit = Brand(colours=("#0b5fff", "#ffcc00"), font="Barlow Condensed")
    composition = ENGINE.stage(plan(scene(kind), brand=kit, look="paper"), 0)
    plain = ENGINE.stage(plan(scene(kind), look="paper"), 0)
    assert composition.backdrop.colours != plain.backdrop.colours
    drawn = "".join(layer.svg for layer in composition.layers if isinstance(layer, Sprite))
    assert "Barlow Condensed" in drawn
    colours = {*composition.backdrop.colours, *re.findall(r"#[0-9a-f]{6}", drawn)}
    assert any(abs((lch_of(colour).hue - lch_of("#0b5fff").hue + 180) % 360 - 180) < 25 for colour in colours)
