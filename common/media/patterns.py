"""The quiet patterns of backdrops as SVG, each from a seeded generator."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from common.media.composition import BackdropKind

# generator, width, height, a hundredth of the short side, colour -> SVG
_Pattern = Callable[[np.random.Generator, int, int, float, str], str]


def pattern_svg(kind: BackdropKind, seed: int, width: int, height: int, mark: str) -> str:
    """The pattern of a kind in one colour, filling width x height pixels; empty for kinds that have none."""
    draw = _PATTERNS.get(kind)
    return draw(np.random.default_rng([seed, 2]), width, height, min(width, height) / 100, mark) if draw else ""


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


def _grid(_rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
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
            dx, dy = (1 if px == x else -1), (1 if py == y else -1)
            turn = 1 if dx * dy > 0 else 0
            for radius in (side * 0.25, side * 0.5, side * 0.75):
                tiles.append(
                    f"M{px + dx * radius:.1f} {py:.1f}"
                    f"A{radius:.1f} {radius:.1f} 0 0 {turn} {px:.1f} {py + dy * radius:.1f}"
                )
    path = f'<path d="{"".join(tiles)}"/>'
    return f'<g fill="none" stroke="{mark}" stroke-width="{0.7 * unit:.2f}">{path}</g>'


def _waves(rng: np.random.Generator, width: int, height: int, unit: float, mark: str) -> str:
    waves = []
    for place in range(9):
        y = height * (0.34 + 0.08 * place)
        swing, length, phase = rng.uniform(2, 5) * unit, rng.uniform(0.5, 0.9) * width, rng.uniform(0, 6.3)
        points = " ".join(
            f"{x:.0f},{y + swing * math.sin(phase + 2 * math.pi * x / length):.1f}" for x in range(0, width + 12, 12)
        )
        waves.append(f'<polygon points="0,{height} {points} {width},{height}" opacity="{0.12 + 0.05 * place:.2f}"/>')
    return f'<g fill="{mark}">{"".join(waves)}</g>'


def _hills(rng: np.random.Generator, width: int, height: int, _unit: float, mark: str) -> str:
    hills = []
    for place in range(4):
        base = height * (0.52 + 0.13 * place)
        steps = [
            (rng.uniform(0.03, 0.11) / (k + 1), rng.uniform(0.6, 1.2) * (k + 1), rng.uniform(0, 6.3)) for k in range(3)
        ]
        points = " ".join(
            f"{x},{base + height * sum(a * math.sin(p + 2 * math.pi * f * x / width) for a, f, p in steps):.1f}"
            for x in range(0, width + 12, 12)
        )
        hills.append(f'<polygon points="0,{height} {points} {width},{height}" opacity="{0.3 + 0.12 * place:.2f}"/>')
    return f'<g fill="{mark}">{"".join(hills)}</g>'


def _rays(rng: np.random.Generator, width: int, height: int, _unit: float, mark: str) -> str:
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


_PATTERNS: Mapping[BackdropKind, _Pattern] = MappingProxyType(
    {
        "paper": _paper, "bokeh": _bokeh, "bands": _bands, "dots": _dots, "grid": _grid,
        "rings": _rings, "arcs": _arcs, "waves": _waves, "hills": _hills, "rays": _rays,
    }
)  # fmt: skip
