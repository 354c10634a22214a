"""Drawing the ground of a scene: a soft field of colours, and over it a quiet pattern, both from a seed."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from common.media.composition import Backdrop, BackdropKind, Glow
from common.media.raster import Planes, draw_svg, opaque, rgb_of, translucent

_COARSE = 8  # the field is computed at 1/8 of the size: it has no detail finer than that


def backdrop_planes(backdrop: Backdrop, width: int, height: int) -> Planes:
    """The backdrop at a size, dithered so that no gradient shows steps."""
    picture = _field(backdrop, width, height)
    body = _pattern(backdrop.kind, backdrop, width, height)
    if body:
        rgba = draw_svg(body, (width, height), (width, height), ())
        alpha = rgba[..., 3:].astype(np.float32) * np.float32(backdrop.strength / 255)
        picture += (rgba[..., :3].astype(np.float32) / np.float32(255) - picture) * alpha
    return opaque(picture, grain=1.3 if backdrop.kind == "paper" else 0.8, seed=backdrop.seed)


def glow_planes(glow: Glow, long_side: int, seed: int) -> Planes:
    """A soft round light as a translucent square."""
    side = max(8, round(glow.radius * long_side / 2) * 4)
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    distance = np.minimum(np.hypot(axis[None, :], axis[:, None]), 1)
    alpha = ((1 - distance**2) ** 2 * glow.strength).astype(np.float32)
    colour = np.empty((side, side, 3), dtype=np.float32)
    colour[:] = rgb_of(glow.colour)
    return translucent(colour, alpha, grain=0.6, seed=seed)


def _field(backdrop: Backdrop, width: int, height: int) -> NDArray[np.float32]:
    """A few wide lobes of colour melting into each other."""
    rng = np.random.default_rng([backdrop.seed, 1])
    across, down = max(2, width // _COARSE), max(2, height // _COARSE)
    ratio = width / height
    x = np.linspace(0, ratio, across, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, down, dtype=np.float32)[:, None]
    colours = [np.array(rgb_of(colour), dtype=np.float32) for colour in backdrop.colours]
    total = np.zeros((down, across, 3), dtype=np.float32)
    weight = np.zeros((down, across, 1), dtype=np.float32)
    for place in range(2 * len(colours) + 1):
        colour = colours[place % len(colours)]
        cx, cy = rng.uniform(-0.1, 1.1) * ratio, rng.uniform(-0.1, 1.1)
        spread = rng.uniform(0.28, 0.62)
        lobe = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * spread**2))[..., None].astype(np.float32) + 1e-4
        total += lobe * colour
        weight += lobe
    coarse = total / weight
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _pattern(kind: BackdropKind, backdrop: Backdrop, width: int, height: int) -> str:
    rng = np.random.default_rng([backdrop.seed, 2])
    unit = min(width, height) / 100
    mark = backdrop.mark
    drawing = {
        "mesh": lambda: "",
        "paper": lambda: _paper(rng, width, height, unit, mark),
        "bokeh": lambda: _bokeh(rng, width, height, unit, mark),
        "bands": lambda: _bands(rng, width, height, unit, mark),
        "dots": lambda: _dots(rng, width, height, unit, mark),
        "grid": lambda: _grid(width, height, unit, mark),
        "rings": lambda: _rings(rng, width, height, unit, mark),
        "arcs": lambda: _arcs(rng, width, height, unit, mark),
        "waves": lambda: _waves(rng, width, height, unit, mark),
        "hills": lambda: _hills(rng, width, height, mark),
        "rays": lambda: _rays(rng, width, height, mark),
    }[kind]
    return drawing()


def _bokeh(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    discs = []
    for _ in range(22):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(2, 15) * unit
        discs.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" opacity="{rng.uniform(0.2, 0.8):.2f}"/>')
    return f'<g fill="{mark}">{"".join(discs)}</g>'


def _bands(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    lean = rng.choice([-1, 1]) * height * rng.uniform(0.35, 0.7)
    bands, x = [], -abs(lean)
    while x < width + abs(lean):
        wide, gap = rng.uniform(4, 26) * unit, rng.uniform(8, 30) * unit
        points = f"{x:.0f},{height} {x + wide:.0f},{height} {x + wide + lean:.0f},0 {x + lean:.0f},0"
        bands.append(f'<polygon points="{points}" opacity="{rng.uniform(0.25, 0.9):.2f}"/>')
        x += wide + gap
    return f'<g fill="{mark}">{"".join(bands)}</g>'


def _dots(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    step = 5.2 * unit
    fx, fy = rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height
    reach = math.hypot(width, height) * 0.55
    dots = []
    for row in range(int(height / step) + 1):
        for column in range(int(width / step) + 1):
            x, y = (column + 0.5) * step, (row + 0.5) * step
            near = max(0.0, 1 - math.hypot(x - fx, y - fy) / reach)
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{(0.25 + 1.15 * near**1.5) * unit:.2f}"/>')
    return f'<g fill="{mark}">{"".join(dots)}</g>'


def _grid(width: int, height: int, unit: float, mark: str) -> str:
    step = 9 * unit
    lines = [f"M{x * step:.1f} 0V{height}" for x in range(int(width / step) + 2)]
    lines += [f"M0 {y * step:.1f}H{width}" for y in range(int(height / step) + 2)]
    return f'<path d="{"".join(lines)}" stroke="{mark}" stroke-width="{0.22 * unit:.2f}" fill="none"/>'


def _rings(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    cx, cy = rng.choice([0.0, 1.0]) * width, rng.uniform(0, 1) * height
    rings = []
    for place in range(1, 16):
        radius = place * 11 * unit
        rings.append(f'<circle cx="{cx:.0f}" cy="{cy:.0f}" r="{radius:.1f}" opacity="{1 - place / 17:.2f}"/>')
    return f'<g fill="none" stroke="{mark}" stroke-width="{2.6 * unit:.2f}">{"".join(rings)}</g>'


def _arcs(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    side = 24 * unit
    tiles = []
    for row in range(int(height / side) + 1):
        for column in range(int(width / side) + 1):
            x, y = column * side, row * side
            px, py = x + side * rng.integers(0, 2), y + side * rng.integers(0, 2)
            for share in (0.25, 0.5, 0.75):
                tiles.append(
                    f'<clipPath id="t{row}_{column}"><rect x="{x:.1f}" y="{y:.1f}" width="{side:.1f}" '
                    f'height="{side:.1f}"/></clipPath>'
                    if share == 0.25
                    else ""
                )
                tiles.append(
                    f'<circle clip-path="url(#t{row}_{column})" cx="{px:.1f}" cy="{py:.1f}" r="{share * side:.1f}"/>'
                )
    return f'<g fill="none" stroke="{mark}" stroke-width="{0.7 * unit:.2f}">{"".join(tiles)}</g>'


def _waves(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    waves = []
    for place in range(9):
        y = height * (0.34 + 0.08 * place)
        swing, length, phase = rng.uniform(2, 5) * unit, rng.uniform(0.5, 0.9) * width, rng.uniform(0, 6.3)
        points = " ".join(
            f"{x:.0f},{y + swing * math.sin(phase + 2 * math.pi * x / length):.1f}"
            for x in range(0, width + 12, 12)
        )
        waves.append(f'<polygon points="0,{height} {points} {width},{height}" opacity="{0.12 + 0.05 * place:.2f}"/>')
    return f'<g fill="{mark}">{"".join(waves)}</g>'


def _hills(rng: np.random.Generator, width: int, height: int, mark: str) -> str:
    hills = []
    for place in range(4):
        base = height * (0.52 + 0.13 * place)
        steps = [(rng.uniform(0.03, 0.11) / (k + 1), rng.uniform(0.6, 1.2) * (k + 1), rng.uniform(0, 6.3)) for k in range(3)]
        points = " ".join(
            f"{x},{base + height * sum(a * math.sin(p + 2 * math.pi * f * x / width) for a, f, p in steps):.1f}"
            for x in range(0, width + 12, 12)
        )
        hills.append(f'<polygon points="0,{height} {points} {width},{height}" opacity="{0.3 + 0.12 * place:.2f}"/>')
    return f'<g fill="{mark}">{"".join(hills)}</g>'


def _rays(rng: np.random.Generator, width: int, height: int, mark: str) -> str:
    cx, cy = rng.uniform(0.1, 0.9) * width, rng.choice([-0.15, 1.15]) * height
    reach = 2 * math.hypot(width, height)
    count = int(rng.integers(9, 14))
    turn = rng.uniform(0, 6.3)
    rays = []
    for place in range(count):
        start = turn + 2 * math.pi * place / count
        stop = start + math.pi / count * rng.uniform(0.7, 1.2)
        points = f"{cx:.0f},{cy:.0f} " + " ".join(
            f"{cx + reach * math.cos(angle):.0f},{cy + reach * math.sin(angle):.0f}" for angle in (start, stop)
        )
        rays.append(f'<polygon points="{points}"/>')
    return f'<g fill="{mark}">{"".join(rays)}</g>'


def _paper(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    fibres = []
    for _ in range(420):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        dx, dy = rng.normal(0, 1.6, 2) * unit
        bx, by = rng.normal(0, 1.2, 2) * unit
        fibres.append(f"M{x:.0f} {y:.0f}q{bx:.1f} {by:.1f} {dx:.1f} {dy:.1f}")
    return f'<path d="{"".join(fibres)}" stroke="{mark}" stroke-width="{0.16 * unit:.2f}" fill="none" opacity="0.9"/>'
