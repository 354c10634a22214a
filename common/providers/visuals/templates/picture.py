"""Picture scenes: the user's own image or clip, filling the frame, with its words on a shade."""

from common.media.composition import Area, Clip, Photo
from common.media.layout import Box
from common.media.motion import Motion, ramp
from common.media.text import Block
from common.providers.visuals.parts import first_lines
from common.providers.visuals.sheet import EARLY, Sheet

_INK, _SHADE = "#ffffff", "#05070a"
_MOST = 3  # lines under the headline
_DARK = 0.62  # opacity of a shade under words
_SOFT = 30.0  # units over which a shade thins out


def below(sheet: Sheet) -> None:
    """Words at the lower left on a soft shade."""
    _lettered(sheet, low=True)


def above(sheet: Sheet) -> None:
    """Words at the upper left on a soft shade."""
    _lettered(sheet, low=False)


def _lettered(sheet: Sheet, low: bool) -> None:
    show_media(sheet)
    box = sheet.box
    width = box.width * (0.58 if sheet.shape == "wide" else 1.0)
    blocks = _blocks(sheet, Box(box.x, box.y, width, box.height * (0.8 if sheet.shape == "wide" else 0.62)))
    if not blocks:
        return
    total = _height(blocks, sheet.unit)
    y = box.bottom - total if low else box.y
    if sheet.shape == "wide":
        _side(sheet, box.x + max(block.width for block, _ in blocks))
    elif low:
        _band(sheet, y - _SOFT * sheet.unit, sheet.size.height)
    else:
        _band(sheet, 0, y + total + _SOFT * sheet.unit, falling=True)
    _write(sheet, blocks, box.x, y, width)


def show_media(sheet: Sheet, area: Area | None = None) -> None:
    """The user's picture, under a moving camera, or clip, filling the frame or an area of it."""
    media = sheet.scene.media
    assert media is not None
    if media.type == "clip":
        sheet.layers.append(Clip(object=media.object, area=area))
        return
    zoom, focus = {
        "push_in": ((1.02, 1.16), ((0.5, 0.5), (0.5, 0.46))),
        "pull_out": ((1.16, 1.02), ((0.5, 0.46), (0.5, 0.5))),
        "pan_left": ((1.14, 1.14), ((0.95, 0.5), (0.05, 0.5))),
        "pan_right": ((1.14, 1.14), ((0.05, 0.5), (0.95, 0.5))),
        "still": ((1.03, 1.07), ((0.5, 0.5), (0.5, 0.5))),
    }.get(sheet.scene.camera, ((1.04, 1.15), ((0.3, 0.6), (0.7, 0.4))))
    sheet.layers.append(Photo(object=media.object, area=area, zoom=zoom, focus=focus))


def _blocks(sheet: Sheet, room: Box) -> list[tuple[Block, str]]:
    scene, look, u = sheet.scene, sheet.look, sheet.unit
    lines = first_lines(sheet, _MOST, "lines")
    subs = [sheet.block(line, Box(0, 0, room.width, 11 * u), look.text, 4.8, max_lines=2) for line in lines]
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


def _side(sheet: Sheet, to: float) -> None:
    """A veil over the side of the words that thins out beyond them."""
    width = min(sheet.size.width, to + 1.4 * _SOFT * sheet.unit)
    ends = 'x1="0" y1="0" x2="1" y2="0"'
    x = 0.0
    if sheet.rtl:  # a shade is not mirrored with the rest
        ends, x = 'x1="1" y1="0" x2="0" y2="0"', sheet.size.width - width
    _veil(sheet, Box(x, 0, width, sheet.size.height), ends, (to + 2 * sheet.unit) / width)


def _band(sheet: Sheet, top: float, bottom: float, falling: bool = False) -> None:
    """A veil from the words to the nearer edge of the picture that thins out on their other side."""
    top = max(0.0, top)
    ends = 'x1="0" y1="0" x2="0" y2="1"' if falling else 'x1="0" y1="1" x2="0" y2="0"'
    solid = 1 - (_SOFT - 3) * sheet.unit / (bottom - top)
    _veil(sheet, Box(0, top, sheet.size.width, bottom - top), ends, max(0.3, solid))


def _veil(sheet: Sheet, box: Box, ends: str, solid: float) -> None:
    """Dark enough for white words on any picture up to the share `solid` of its way, then softly less to nothing."""
    steps = ((0.0, _DARK), (0.2, 0.90 * _DARK), (0.4, 0.65 * _DARK), (0.6, 0.35 * _DARK), (0.8, 0.12 * _DARK), (1.0, 0))
    marks = f'<stop offset="0" stop-color="{_SHADE}" stop-opacity="{_DARK + 0.06:.2f}"/>' + "".join(
        f'<stop offset="{solid + (1 - solid) * at:.3f}" stop-color="{_SHADE}" stop-opacity="{strength:.3f}"/>'
        for at, strength in steps
    )
    svg = (
        f'<defs><linearGradient id="s" {ends}>{marks}</linearGradient></defs>'
        f'<rect width="{box.width:.1f}" height="{box.height:.1f}" fill="url(#s)"/>'
    )
    # There from the first frame, so that nothing flashes.
    sheet.draw(svg, box, Motion(opacity=ramp(-20, 12, 0, 1)), name="shade", soft=True)


VARIANTS = (below, above)
