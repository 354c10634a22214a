"""Looks: palettes made in OKLCH from a seed, each with a pair of typefaces, every text colour checked for contrast."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np

from common.domain.brand import Brand
from common.domain.plan import Mood
from common.media.colour import Lch, contrast, hex_of, lch_of, luminance, mix, readable
from common.media.fonts import face
from common.media.text import Style

TEXT_CONTRAST = 4.5
_PAINTED_CONTRAST = 5.2  # on one flat colour: painting rounds a little off
_PALE = 0.03  # chroma up to which a colour is taken for a grey
_VIVID = 0.20  # chroma that the colours of a brand lend to others at most
_STANDS_OUT = 0.2  # difference of lightness by which a surface stands out from a ground of its own hue
_APART = 50  # degrees between hues that are told apart at a glance
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
    screen: str  # a deep surface on which the four colours of code stand apart
    on_screen: str
    muted_on_screen: str
    accent_on_screen: str
    second_on_screen: str
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
    own: bool = False  # in a brand's colours


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


def choose_look(mood: Mood, seed: int, name: str = "", brand: Brand | None = None) -> Look:
    """The look of a video: the named one when it is known, else one that suits the mood, by seed.

    A brand's colours and typeface take the places of the look's own; what is left of it is how light it is.
    """
    fitting = [known for known, recipe in _RECIPES.items() if mood in recipe.moods]
    chosen = name if name in _RECIPES else fitting[int(np.random.default_rng([seed, 11]).integers(len(fitting)))]
    return _look(chosen, seed, brand)


@lru_cache(maxsize=64)
def _look(name: str, seed: int, brand: Brand | None) -> Look:
    recipe = _branded(_RECIPES[name], brand) if brand else _RECIPES[name]
    own = brand.colours[0] if brand and brand.colours else None
    shift = 0.0 if own else float(np.random.default_rng([seed, 12]).uniform(-7, 7))
    heavy = {"Barlow Condensed": 700, "Manrope": 800, "Poppins": 700, "Lora": 600}.get(recipe.display, 400)
    leading = {"Barlow Condensed": 1.04, "DM Serif Display": 1.12, "Lora": 1.18}.get(recipe.display, 1.14)
    tracking = {"Manrope": -0.02, "Poppins": -0.015}.get(recipe.display, 0.0)
    body = 500
    return Look(
        name=name,
        display=Style(face(recipe.display, heavy), leading, tracking),
        text=Style(face(recipe.text, body), 1.32),
        label=Style(face(recipe.text, 700), 1.2, 0.06),
        tones=tuple(_tone(recipe, shift, kind, own) for kind in ("base", "tint", "bold")),
    )


def _branded(recipe: _Recipe, brand: Brand) -> _Recipe:
    """The recipe with the hues and the strength of a brand's colours, and its typeface for what is large."""
    changes: dict[str, Any] = {"display": brand.font} if brand.font else {}
    if brand.colours:
        first, *others = (lch_of(colour) for colour in brand.colours)
        second = others[0] if others and others[0].chroma > _PALE else first  # a grey has no hue of its own
        grey = next((colour for colour in others if colour.chroma <= _PALE), first)
        ground = others[1] if len(others) > 1 else grey
        changes |= {"accent": first.hue, "second": second.hue, "hue": ground.hue, "vivid": min(first.chroma, _VIVID)}
        changes["own"] = True
        changes["chroma"] = min(recipe.chroma, ground.chroma)
    return replace(recipe, **changes)


def _grounds(recipe: _Recipe, hue: float, kind: str) -> tuple[Lch, ...]:
    chroma = recipe.chroma
    if kind == "bold":
        deep = 0.36 if recipe.dark else 0.40
        rich = min(recipe.vivid * 0.72, 0.125)
        near = recipe.accent if not recipe.dark or recipe.own else hue + 18
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


def _seen(field: tuple[Lch, ...], glows: tuple[str, ...], mark: str) -> tuple[tuple[str, ...], list[str]]:
    """The colours of a field, and what text may come to stand on: them, lights on them, the pattern on both."""
    grounds = tuple(hex_of(colour) for colour in field)
    seen = [*grounds, *(mix(ground, light, GLOW_STRENGTH) for ground in grounds for light in glows)]
    return grounds, seen + [mix(ground, mark, MARK_STRENGTH) for ground in seen]


def _tone(recipe: _Recipe, shift: float, kind: str, own: str | None) -> Tone:
    hue, accent_hue, second_hue = recipe.hue + shift, recipe.accent + shift / 2, recipe.second + shift
    field = _grounds(recipe, hue, kind)
    dark = field[0].light < 0.6
    glow = Lch(0.52, recipe.vivid, accent_hue) if dark else Lch(0.90, recipe.vivid * 0.75, accent_hue)
    other = Lch(0.50, recipe.vivid * 0.8, second_hue) if dark else Lch(0.91, recipe.vivid * 0.6, second_hue)
    if kind == "bold":
        glow, other = Lch(0.56, recipe.vivid, field[0].hue + 24), Lch(0.50, recipe.vivid, field[0].hue - 30)
    glows = (hex_of(glow), hex_of(other))
    mark = hex_of(Lch(0.86 if dark else 0.45, 0.06, accent_hue if kind != "bold" else hue))
    grounds, seen = _seen(field, glows, mark)
    while (
        dark and min(contrast("#ffffff", shade) for shade in seen) < _PAINTED_CONTRAST
    ):  # greens are lighter than blues
        field = tuple(colour._replace(light=colour.light - 0.01) for colour in field)
        grounds, seen = _seen(field, glows, mark)
    # Blues and reds are deep enough to carry white words; yellows and greens stay bright and carry dark ones.
    fill = Lch(0.74 if dark else 0.58 if 40 <= accent_hue <= 200 else 0.52, recipe.vivid, accent_hue)
    if own and (kind != "bold" or abs(lch_of(own).light - field[0].light) > _STANDS_OUT):
        fill = lch_of(own)
    elif kind == "bold" and (own or not recipe.dark):
        fill = Lch(0.88, recipe.vivid * 0.5, second_hue)
    bright_fill = luminance(hex_of(fill)) > 0.22
    words = Lch(0.16 if bright_fill else 0.98, 0.03, accent_hue)
    while contrast(hex_of(words), hex_of(fill)) < _PAINTED_CONTRAST:  # the surface gives way, not its words
        fill = fill._replace(light=fill.light + (0.01 if bright_fill else -0.01))
    fill_hex, on_fill = hex_of(fill), hex_of(words)
    card = Lch(field[0].light + 0.105, field[0].chroma * 1.1, field[0].hue) if dark else Lch(0.995, 0.004, hue)
    card_hex = hex_of(card)
    ink = Lch(0.975, 0.012, hue) if dark else Lch(0.20, 0.03, hue)
    soft = Lch(0.82, 0.03, hue) if dark else Lch(0.42, 0.035, hue)
    bright = Lch(fill.light + 0.06, fill.chroma, fill.hue) if dark else Lch(0.5, recipe.vivid, accent_hue)
    screen = hex_of(Lch(0.18, 0.02, hue))
    near = abs((second_hue - accent_hue + 180) % 360 - 180) < _APART
    apart = accent_hue + 120 if near else second_hue
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
        muted_on_card=readable(soft, [card_hex], _PAINTED_CONTRAST),
        accent_on_card=readable(bright, [card_hex], _PAINTED_CONTRAST),
        screen=screen,
        on_screen=readable(Lch(0.96, 0.01, hue), [screen], 7.0),
        muted_on_screen=readable(Lch(0.68, 0.02, hue), [screen], _PAINTED_CONTRAST),
        accent_on_screen=readable(Lch(0.80, recipe.vivid, accent_hue), [screen], _PAINTED_CONTRAST),
        second_on_screen=readable(Lch(0.84, recipe.vivid * 0.85, apart), [screen], _PAINTED_CONTRAST),
        fill=fill_hex,
        on_fill=on_fill,
        dark=dark,
    )
