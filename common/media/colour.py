"""Colour by eye: OKLCH to sRGB, mixing, and the WCAG contrast of two colours. Colours are `#rrggbb`."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from common.media.raster import rgb_of

_GREY = 1e-3  # chroma that rounding alone may make


class Lch(NamedTuple):
    """A colour in OKLCH: lightness 0..1, chroma (0..about 0.3), hue in degrees."""

    light: float
    chroma: float
    hue: float


def hex_of(colour: Lch) -> str:
    """The nearest displayable colour of the same lightness and hue: chroma gives way first."""
    low, high = 0.0, colour.chroma
    channels = _linear(colour)
    if not _displayable(channels):
        for _ in range(14):
            middle = (low + high) / 2
            if _displayable(_linear(colour._replace(chroma=middle))):
                low = middle
            else:
                high = middle
        channels = _linear(colour._replace(chroma=low))
    codes = (round(255 * _encode(min(max(channel, 0.0), 1.0))) for channel in channels)
    return "#" + "".join(f"{code:02x}" for code in codes)


def lch_of(colour: str) -> Lch:
    """A displayable colour in OKLCH; a grey has no chroma and hue 0."""
    red, green, blue = (_decode(channel) for channel in rgb_of(colour))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    light = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    chroma = math.hypot(a, b)
    if chroma < _GREY:
        return Lch(light, 0.0, 0.0)
    return Lch(light, chroma, math.degrees(math.atan2(b, a)) % 360)


def _linear(colour: Lch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _displayable(channels: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels)


def _encode(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _decode(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance, 0..1."""
    red, green, blue = (_decode(channel) for channel in rgb_of(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, 1..21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(under: str, over: str, share: float) -> str:
    """What `over` at an opacity of `share` on `under` looks like."""
    pairs = zip(rgb_of(under), rgb_of(over), strict=True)
    return "#" + "".join(f"{round(255 * (low + (high - low) * share)):02x}" for low, high in pairs)


def readable(colour: Lch, grounds: Iterable[str], ratio: float = 4.5) -> str:
    """The colour, made lighter or darker until it has that contrast on every ground; the better end if none has."""
    lights = [luminance(ground) for ground in grounds]

    def worst(shade: str) -> float:
        light = luminance(shade)
        return min((max(light, under) + 0.05) / (min(light, under) + 0.05) for under in lights)

    for step in sorted(range(51), key=lambda step: abs(step / 50 - colour.light)):
        shade = hex_of(colour._replace(light=step / 50))
        if worst(shade) >= ratio:
            return shade
    return max(("#ffffff", "#000000"), key=worst)
