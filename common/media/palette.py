"""Looks: palettes made in OKLCH from a seed, each with a pair of typefaces, every text colour checked for contrast."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from common.domain.plan import Mood
from common.media.colour import Lch, contrast, hex_of, luminance, mix, readable
from common.media.fonts import face
from common.media.text import Style

TEXT_CONTRAST = 4.5
_FILL_CONTRAST = 5.2  # painting rounds a little off
GLOW_STRENGTH = 0.30
MARK_STRENGTH = 0.22  # what a pattern and an emblem crossing it may add up to


@dataclass(frozen=True)
class Tone:
    """The colours of one scene. `ink`, `muted` and `accent` can be read on every ground; `on_*` on that surface."""

    grounds: tuple[str, ...]
    glows: tuple[str, ...]
    mark: str
    ink: str
    muted: str
    accent: str
    second: str
    card: str
    on_card: str
    muted_on_card: str
    accent_on_card: str
    fill: str  # a surface in the accent colour
    on_fill: str
    dark: bool


@dataclass(frozen=True)
class Look:
    """What all scenes of a video share: two typefaces and a family of tones, to be varied from scene to scene."""

    name: str
    display: Style
    text: Style
    label: Style
    tones: tuple[Tone, ...]


@dataclass(frozen=True)
class _Recipe:
    moods: tuple[Mood, ...]
    dark: bool
    hue: float
    chroma: float
    accent: float
    second: float
    display: str
    text: str
    vivid: float = 0.15


_RECIPES: Mapping[str, _Recipe] = MappingProxyType(
    {
        "midnight": _Recipe(("calm", "serious", "epic"), True, 265, 0.055, 80, 200, "DM Serif Display", "Manrope"),
        "ember": _Recipe(("tense", "epic", "warm"), True, 28, 0.045, 48, 85, "Barlow Condensed", "Manrope", 0.18),
        "paper": _Recipe(("calm", "warm", "tender"), False, 82, 0.018, 35, 245, "Lora", "Manrope"),
        "forest": _Recipe(("calm", "serious", "warm"), True, 162, 0.045, 118, 70, "Poppins", "Poppins"),
        "ocean": _Recipe(("calm", "epic", "bright"), True, 228, 0.065, 188, 45, "Manrope", "Manrope", 0.13),
        "blossom": _Recipe(("tender", "warm", "playful"), False, 355, 0.030, 8, 300, "DM Serif Display", "Manrope"),
        "citrus": _Recipe(("bright", "playful"), False, 102, 0.045, 45, 150, "Poppins", "Poppins", 0.19),
        "slate": _Recipe(("serious", "tense"), True, 250, 0.014, 25, 230, "Barlow Condensed", "Manrope", 0.19),
        "desert": _Recipe(("warm", "epic", "calm"), False, 68, 0.036, 38, 195, "DM Serif Display", "Lora"),
        "aurora": _Recipe(("playful", "bright", "epic"), True, 290, 0.075, 168, 340, "Poppins", "Manrope", 0.17),
        "plum": _Recipe(("tender", "serious", "tense"), True, 335, 0.055, 62, 15, "Lora", "Manrope"),
        "mono": _Recipe(("serious", "bright", "tense"), False, 262, 0.004, 262, 30, "Manrope", "Manrope", 0.20),
        "sky": _Recipe(("bright", "calm", "playful"), False, 232, 0.032, 258, 40, "Poppins", "Manrope", 0.18),
    }
)
LOOKS = tuple(_RECIPES)


def choose_look(mood: Mood, seed: int, name: str = "") -> Look:
    """The look of a video: the named one when it is known, else one that suits the mood, by seed."""
    fitting = [known for known, recipe in _RECIPES.items() if mood in recipe.moods]
    chosen = name if name in _RECIPES else fitting[int(np.random.default_rng([seed, 11]).integers(len(fitting)))]
    return _look(chosen, seed)


@lru_cache(maxsize=64)
def _look(name: str, seed: int) -> Look:
    recipe = _RECIPES[name]
    shift = float(np.random.default_rng([seed, 12]).uniform(-7, 7))
    heavy = {"Barlow Condensed": 700, "Manrope": 800, "Poppins": 700, "Lora": 600}.get(recipe.display, 400)
    leading = {"Barlow Condensed": 1.04, "DM Serif Display": 1.12, "Lora": 1.18}.get(recipe.display, 1.14)
    tracking = {"Manrope": -0.02, "Poppins": -0.015}.get(recipe.display, 0.0)
    body = 500
    return Look(
        name=name,
        display=Style(face(recipe.display, heavy), leading, tracking),
        text=Style(face(recipe.text, body), 1.32),
        label=Style(face(recipe.text, 700), 1.2, 0.06),
        tones=tuple(_tone(recipe, shift, kind) for kind in ("base", "tint", "bold")),
    )


def _grounds(recipe: _Recipe, hue: float, kind: str) -> tuple[Lch, ...]:
    chroma = recipe.chroma
    if kind == "bold":
        deep = 0.36 if recipe.dark else 0.40
        rich = min(recipe.vivid * 0.72, 0.125)
        near = recipe.accent if not recipe.dark else hue + 18
        return (Lch(deep, rich, near), Lch(deep - 0.07, rich, near + 14), Lch(deep + 0.03, rich, near - 12))
    if recipe.dark:
        lift = 0.045 if kind == "tint" else 0.0
        return (
            Lch(0.19 + lift, chroma, hue),
            Lch(0.27 + lift, chroma * 1.5, hue + 14),
            Lch(0.15 + lift, chroma * 0.8, hue - 16),
        )
    if kind == "tint":
        return (
            Lch(0.90, chroma * 1.9 + 0.008, hue + 8),
            Lch(0.94, chroma * 1.2, hue - 14),
            Lch(0.87, chroma * 2, hue + 22),
        )
    return (Lch(0.965, chroma * 0.7, hue), Lch(0.93, chroma * 1.4, hue + 14), Lch(0.985, chroma * 0.4, hue - 10))


def _tone(recipe: _Recipe, shift: float, kind: str) -> Tone:
    hue, accent_hue, second_hue = recipe.hue + shift, recipe.accent + shift / 2, recipe.second + shift
    field = _grounds(recipe, hue, kind)
    dark = field[0].light < 0.6
    grounds = tuple(hex_of(colour) for colour in field)
    glow = Lch(0.52, recipe.vivid, accent_hue) if dark else Lch(0.90, recipe.vivid * 0.75, accent_hue)
    other = Lch(0.50, recipe.vivid * 0.8, second_hue) if dark else Lch(0.91, recipe.vivid * 0.6, second_hue)
    if kind == "bold":
        glow, other = Lch(0.56, recipe.vivid, field[0].hue + 24), Lch(0.50, recipe.vivid, field[0].hue - 30)
    glows = (hex_of(glow), hex_of(other))
    mark = hex_of(Lch(0.86 if dark else 0.45, 0.06, accent_hue if kind != "bold" else hue))
    # Everything text may come to stand on: the field, the lights on it, the pattern on both.
    seen = [*grounds, *(mix(ground, light, GLOW_STRENGTH) for ground in grounds for light in glows)]
    seen += [mix(ground, mark, MARK_STRENGTH) for ground in seen]
    # Blues and reds are deep enough to carry white words; yellows and greens stay bright and carry dark ones.
    fill = Lch(0.74 if dark else 0.58 if 40 <= accent_hue <= 200 else 0.52, recipe.vivid, accent_hue)
    if kind == "bold" and not recipe.dark:
        fill = Lch(0.88, recipe.vivid * 0.5, second_hue)
    bright_fill = luminance(hex_of(fill)) > 0.22
    words = Lch(0.16 if bright_fill else 0.98, 0.03, accent_hue)
    while contrast(hex_of(words), hex_of(fill)) < _FILL_CONTRAST:  # the surface gives way, not its words
        fill = fill._replace(light=fill.light + (0.01 if bright_fill else -0.01))
    fill_hex, on_fill = hex_of(fill), hex_of(words)
    card = Lch(field[0].light + 0.105, field[0].chroma * 1.1, field[0].hue) if dark else Lch(0.995, 0.004, hue)
    card_hex = hex_of(card)
    ink = Lch(0.975, 0.012, hue) if dark else Lch(0.20, 0.03, hue)
    soft = Lch(0.82, 0.03, hue) if dark else Lch(0.42, 0.035, hue)
    bright = Lch(fill.light + 0.06, fill.chroma, fill.hue) if dark else Lch(0.5, recipe.vivid, accent_hue)
    return Tone(
        grounds=grounds,
        glows=glows,
        mark=mark,
        ink=readable(ink, seen, 7.0),
        muted=readable(soft, seen, TEXT_CONTRAST),
        accent=readable(bright, seen, TEXT_CONTRAST),
        second=hex_of(Lch(0.72 if dark else 0.62, recipe.vivid * 0.85, second_hue)),
        card=card_hex,
        on_card=readable(ink, [card_hex], 7.0),
        muted_on_card=readable(soft, [card_hex], TEXT_CONTRAST),
        accent_on_card=readable(bright, [card_hex], TEXT_CONTRAST),
        fill=fill_hex,
        on_fill=on_fill,
        dark=dark,
    )
