"""Picture scenes: the user's own image or clip, filling the frame, with its words on a shade."""

from common.media.composition import Clip, Photo
from common.media.layout import Box
from common.media.motion import Motion, ramp
from common.media.text import Block
from common.providers.visuals.sheet import EARLY, Sheet

_INK, _SHADE = "#ffffff", "#05070a"


def below(sheet: Sheet) -> None:
    """Words at the lower left over a shade that rises from the bottom."""
    _media(sheet)
    box, u = sheet.box, sheet.unit
    width = box.width * (0.72 if sheet.shape == "wide" else 1.0)
    blocks = _blocks(sheet, Box(box.x, box.y, width, box.height * 0.62))
    total = _height(blocks, u)
    _shade(sheet, box.bottom - total - 16 * u, sheet.size.height)
    _write(sheet, blocks, box.x, box.bottom - total, width)


def above(sheet: Sheet) -> None:
    """Words at the upper left over a shade that falls from the top."""
    _media(sheet)
    box, u = sheet.box, sheet.unit
    width = box.width * (0.72 if sheet.shape == "wide" else 1.0)
    blocks = _blocks(sheet, Box(box.x, box.y, width, box.height * 0.62))
    _shade(sheet, 0, box.y + _height(blocks, u) + 16 * u, falling=True)
    _write(sheet, blocks, box.x, box.y, width)


def _media(sheet: Sheet) -> None:
    media = sheet.scene.media
    assert media is not None
    if media.type == "clip":
        sheet.layers.append(Clip(object=media.object))
        return
    zoom, focus = {
        "push_in": ((1.02, 1.16), ((0.5, 0.5), (0.5, 0.46))),
        "pull_out": ((1.16, 1.02), ((0.5, 0.46), (0.5, 0.5))),
        "pan_left": ((1.14, 1.14), ((0.95, 0.5), (0.05, 0.5))),
        "pan_right": ((1.14, 1.14), ((0.05, 0.5), (0.95, 0.5))),
        "still": ((1.03, 1.07), ((0.5, 0.5), (0.5, 0.5))),
    }.get(sheet.scene.camera, ((1.04, 1.15), ((0.3, 0.6), (0.7, 0.4))))
    sheet.layers.append(Photo(object=media.object, zoom=zoom, focus=focus))


def _blocks(sheet: Sheet, room: Box) -> list[tuple[Block, str]]:
    scene, look, u = sheet.scene, sheet.look, sheet.unit
    subs = [sheet.block(line, Box(0, 0, room.width, 11 * u), look.text, 4.8, max_lines=2) for line in scene.lines[:3]]
    left = room.height - sum(sub.height + 2 * u for sub in subs)
    head = sheet.block(scene.headline, Box(0, 0, room.width, left), look.display, 10, max_lines=5)
    return [(block, _INK) for block in (head, *subs) if block.lines]


def _height(blocks: list[tuple[Block, str]], u: float) -> float:
    return sum(block.height for block, _ in blocks) + 2 * u * max(len(blocks) - 1, 0)


def _write(sheet: Sheet, blocks: list[tuple[Block, str]], x: float, y: float, width: float) -> None:
    times = sheet.when([" ".join(block.lines) for block, _ in blocks])
    for place, ((block, fill), said) in enumerate(zip(blocks, times, strict=True)):
        sheet.write(block, Box(x, y, width, block.height), fill, said if place else EARLY, bold=place == 0)
        y += block.height + 2 * sheet.unit


def _shade(sheet: Sheet, top: float, bottom: float, falling: bool = False) -> None:
    """A dark veil that makes white words readable on any picture: at least 60% under the words."""
    top = max(0.0, top)
    height, width = bottom - top, sheet.size.width
    full = min(13 * sheet.unit / height, 0.8)
    stops = ((0.0, 0.0), (full * 0.5, 0.30), (full, 0.60), (1.0, 0.70))
    marks = "".join(
        f'<stop offset="{at:.3f}" stop-color="{_SHADE}" stop-opacity="{strength}"/>' for at, strength in stops
    )
    ends = 'x1="0" y1="1" x2="0" y2="0"' if falling else 'x1="0" y1="0" x2="0" y2="1"'
    svg = (
        f'<defs><linearGradient id="s" {ends}>{marks}</linearGradient></defs>'
        f'<rect width="{width}" height="{height:.1f}" fill="url(#s)"/>'
    )
    motion = Motion(opacity=ramp(-20, 12, 0, 1))  # there from the first frame, so that nothing flashes
    sheet.draw(svg, Box(0, top, width, height), motion, name="shade")


VARIANTS = (below, above)
