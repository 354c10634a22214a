"""What a viewer sees of every template: words stand apart, in their margins, in time, and can be read as painted."""

import math
from typing import get_args

import cv2
import numpy as np
import pytest

from common.domain.frame import Aspect, Size
from common.domain.plan import Figure, Plan, Scene, SceneKind
from common.media.composition import Composition, Sprite
from common.media.layout import caption_box
from common.media.motion import value
from common.media.painter import Painter
from common.media.palette import LOOKS
from common.media.stamp import Stamp
from common.providers.visuals.local import LocalVisuals, laid_out
from common.providers.visuals.port import brief_of
from common.providers.visuals.templates import TEMPLATES

ENGINE = LocalVisuals()
TEXTS = {
    "short": ("Lumo", ("Light", "Fast", "Yours")),
    "usual": (
        "How lighthouses guided ships for two thousand years",
        ("Trim the wick every four hours", "Polish the lens", "Write down every ship that passes", "Wind the clock"),
    ),
    "long": (
        "A long headline that somebody pasted from a paragraph of a script, far beyond what a picture should carry",
        ("An item that is a whole sentence and then goes on for a while, as people write them when in a hurry",) * 6,
    ),
    "japanese": ("灯台は二千年のあいだ船を導いてきた", ("芯を切り、ぜんまいを巻く。", "レンズを磨く", "船を記録する")),
    "arabic": ("كيف قادت المنارات السفن", ("تنظيف العدسة", "تسجيل السفن في 1822", "إشعال المصباح")),
    "thai": ("ประภาคารนำทางเรือมาสองพันปี", ("ตัดไส้ตะเกียง", "ขัดเลนส์")),
}
VALUES = ("73 %", "1,200", "$4.5 million", "1969")


def scene(kind, text, place=0, frames=180):
    headline, lines = TEXTS[text]
    figures = tuple(
        Figure(value=shown, label=line, share=0.73 if shown.endswith("%") else None)
        for shown, line in zip(VALUES[: 1 + place % 4], lines, strict=False)
    )
    said = f"{headline}. {'. '.join(lines)}."
    return Scene(
        id=f"{kind}-{text}-{place}", kind=kind, narration=said, headline=headline, lines=lines, figures=figures,
        attribution="Somebody", frames=frames,
    )  # fmt: skip


def plan(*scenes, aspect="16:9", resolution="480p", seed=1, look=""):
    return Plan(
        title="A plan", lang="en", aspect=aspect, resolution=resolution, scenes=scenes, seed=seed, look=look,
    )  # fmt: skip


def settled(layer):
    """The frame from which a sprite only sways, until it leaves."""
    motion = layer.motion
    tracks = (motion.x, motion.y, motion.scale, motion.opacity, motion.left, motion.up, motion.sweep)
    return max([layer.first or 0.0, *(track[-1].at for track in tracks if track)])


def of_name(composition, *names):
    return [layer for layer in composition.layers if isinstance(layer, Sprite) and layer.name.startswith(names)]


@pytest.mark.parametrize("aspect", get_args(Aspect))
def test_a_long_film_keeps_every_word_in_its_place(aspect):
    """Sixty scenes of all kinds, lengths and scripts."""
    kinds, texts = get_args(SceneKind), tuple(TEXTS)
    video = plan(
        *(scene(kinds[n % len(kinds)], texts[(n + n // len(kinds)) % len(texts)], n) for n in range(60)), aspect=aspect
    )
    least = {"9:16": 3.4}.get(aspect, 3.0)
    for index in range(60):
        template, sheet = laid_out(brief_of(video, index))
        assert sheet.texts, template
        for place, box in enumerate(sheet.texts):
            assert sheet.box.holds(box, slack=sheet.unit), (template, index, box, sheet.box)
            assert not box.meets(caption_box(video.size)), (template, index)
            for other in sheet.texts[place + 1 :]:
                assert not box.inset(1, sheet.unit * 0.6).meets(other.inset(1, sheet.unit * 0.6)), (template, index)
        sizes = [float(layer.svg.split('font-size="')[1].split('"')[0]) for layer in sheet.layers if _is_text(layer)]
        assert min(sizes) >= least * sheet.unit - 0.1, (template, index)


def _is_text(layer):
    return isinstance(layer, Sprite) and layer.name in ("text", "figure") and 'font-size="' in layer.svg


@pytest.mark.parametrize("frames", [75, 120, 300])
@pytest.mark.parametrize("kind", get_args(SceneKind))
def test_scenes_are_never_empty_and_come_to_rest(kind, frames):
    """The headline stands within 0.9 s, the motif within 1.3 s, and nothing enters in the last second."""
    for index in range(len(TEMPLATES[kind])):
        composition = ENGINE.stage(plan(*_fill(index), scene(kind, "usual", 1, frames)), index)
        texts = of_name(composition, "text", "figure")
        head = [layer for layer in texts if layer.motion.up or layer.name == "figure"]
        assert min(settled(layer) for layer in head) <= 27, composition.template
        assert any(layer.motion.opacity[0].at <= 0 for layer in texts), composition.template
        plates = of_name(composition, "plate")
        emblem = [*plates, *of_name(composition, "motif:")[: len(plates) // 2]]
        assert all(settled(layer) <= 39 for layer in emblem), composition.template
        sprites = [layer for layer in composition.layers if isinstance(layer, Sprite)]
        assert max(settled(layer) for layer in sprites) <= max(frames - 30, 0.4 * frames) + 0.01, composition.template


def test_words_leave_before_the_next_scene_writes():
    """In the middle of a fade neither the old nor the new words are more than half there; at its end the new are."""
    video = plan(scene("statement", "usual"), scene("title", "usual", 1))
    old, new = (of_name(ENGINE.stage(video, index), "text") for index in (0, 1))
    assert all(value(layer.motion.opacity, 180, 1.0) <= 0.5 for layer in old)
    assert all(value(layer.motion.opacity, 172, 1.0) == 1 for layer in old)
    head = next(layer for layer in new if layer.motion.up)
    assert value(head.motion.opacity, 0, 1.0) <= 0.9
    assert value(head.motion.up, 8, 1.0) > 0.9
    assert value(new[-1].motion.opacity, 400, 1.0) == 1, "the last scene stays"


def _fill(count):
    return tuple(scene("statement", "short", place).model_copy(update={"id": f"f{place}"}) for place in range(count))


@pytest.mark.parametrize("look", LOOKS)
def test_words_can_be_read_as_they_are_painted(look):
    """The contrast of the letters with the pixels actually around them, on every look: 4.5:1 for nearly all of them."""
    kinds, texts = get_args(SceneKind), tuple(TEXTS)
    number = LOOKS.index(look)
    for turn in range(3):
        kind, text = kinds[(number * 3 + turn) % len(kinds)], texts[(number + turn) % len(texts)]
        aspect = get_args(Aspect)[(number + turn) % 4]
        video = plan(scene(kind, text, turn), aspect=aspect, seed=number + turn, look=look)
        composition = ENGINE.stage(video, 0)
        _assert_readable(composition)


def _assert_readable(composition: Composition):
    """At rest, every text: the letters against what lies in their box when all texts are left out."""
    size = Size(width=round(composition.width / 4) * 2, height=round(composition.height / 4) * 2)
    scale = size.width / composition.width
    at = composition.frames - 10
    bare = composition.model_copy(
        update={"layers": tuple(layer for layer in composition.layers if not _is_text(layer))}
    )
    under = _light(Painter(bare, {}, size, composition.fps).frame(at), size)
    with_words = _light(Painter(composition, {}, size, composition.fps).frame(at), size)
    for layer in composition.layers:
        if not _is_text(layer) or layer.last is not None:
            continue
        planes, x, y = Stamp(layer, scale)._pixels()
        x += math.floor(layer.x * scale / 2 + 0.5) * 2
        y += math.floor(layer.y * scale / 2 + 0.5) * 2
        rows, columns = np.nonzero(planes.a > 250)  # the cores of the letters, not their soft edges
        if len(rows) < 8:
            continue
        letters = float(np.median(with_words[rows + y, columns + x]))
        ground = under[y : y + planes.height, x : x + planes.width]
        low, high = np.percentile(ground, (3, 97))
        ratio = min((max(letters, light) + 0.05) / (min(letters, light) + 0.05) for light in (low, high))
        assert ratio >= 4.5, (composition.template, layer.svg[-120:], ratio)


def _light(frame, size):
    """Relative luminance of every pixel of a yuv420p BT.709 frame."""
    planes = frame.astype(np.float32)
    whole, quarter = size.width * size.height, size.width * size.height // 4
    luma = (planes[:whole].reshape(size.height, size.width) - 16) / 219
    blue, red = (
        cv2.resize(
            (planes[whole + place * quarter :][:quarter].reshape(size.height // 2, size.width // 2) - 128) / 224,
            (size.width, size.height),
        )
        for place in (0, 1)
    )
    rgb = (luma + 1.5748 * red, luma - 0.18732 * blue - 0.46812 * red, luma + 1.8556 * blue)
    linear = [np.where(part <= 0.04045, part / 12.92, ((np.clip(part, 0, 1) + 0.055) / 1.055) ** 2.4) for part in rgb]
    return np.clip(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 0, 1)
