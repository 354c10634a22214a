"""Split scenes: a picture on one half of the screen, words on the other."""

from common.media.composition import Area
from common.media.layout import Box
from common.media.motion import Motion, ramp
from common.providers.visuals.parts import RULE, Part, emblem, stack, supports
from common.providers.visuals.sheet import EARLY, Sheet
from common.providers.visuals.templates.picture import show_media

_MOST = 3  # lines under the headline


def first(sheet: Sheet) -> None:
    """The picture on the left; above on pictures that are not wide."""
    _halves(sheet, leading=True)


def second(sheet: Sheet) -> None:
    """The picture on the right; below on pictures that are not wide."""
    _halves(sheet, leading=False)


def _halves(sheet: Sheet, leading: bool) -> None:
    panel, room, words = _places(sheet, leading)
    _picture(sheet, panel, room)
    u, tone = sheet.unit, sheet.tone
    lines, subs, below = supports(sheet, words, 5.2, _MOST)
    head_room = Box(words.x, words.y, words.width, words.height - below - 4.7 * u)
    weight = min(sheet.weight, 1.3)
    head = sheet.block(sheet.headline, head_room, sheet.look.display, 10.5 * weight, max_lines=6)
    parts: list[Part] = [(head, tone.ink, EARLY), ("rule", tone.fill, RULE)]
    parts += [(sub, tone.muted, at) for sub, at in zip(subs, sheet.when((sheet.headline, *lines))[1:], strict=True)]
    stack(sheet, words, parts)


def _places(sheet: Sheet, leading: bool) -> tuple[Box, Box, Box]:
    """The panel up to the edges of the frame, what of it is in the margins, and room for the words."""
    u, box = sheet.unit, sheet.box
    width, height = sheet.size.width, sheet.size.height
    if sheet.shape == "wide":
        share = 0.46 * width
        panel = Box(0 if leading else width - share, 0, share, height)
        room = Box(max(panel.x, box.x - 3 * u), box.y, share - (box.x - 3 * u), box.height)
        if leading:
            return panel, room, Box(panel.right + 6 * u, box.y, box.right - panel.right - 6 * u, box.height)
        return panel, Box(panel.x, *_rest(room)), Box(box.x, box.y, panel.x - 6 * u - box.x, box.height)
    mark, words = box.rows((0.44, 0.56) if leading else (0.56, 0.44), 6 * u)
    if leading:
        return Box(0, 0, width, mark.bottom), mark, words
    room, words = words, mark
    return Box(0, room.y - 3 * u, width, height - room.y + 3 * u), room, words


def _rest(box: Box) -> tuple[float, float, float]:
    return box.y, box.width, box.height


def _picture(sheet: Sheet, panel: Box, room: Box) -> None:
    """The user's picture or clip on the panel, or a surface in the accent colour with the scene's motif."""
    x = sheet.size.width - panel.x - panel.width if sheet.rtl else panel.x  # the ground is not mirrored with the rest
    if sheet.scene.media is not None:
        left, top, right, bottom = (round(edge / 2) * 2 for edge in (x, panel.y, x + panel.width, panel.bottom))
        show_media(sheet, Area(x=left, y=top, width=right - left, height=bottom - top))
        return
    tone, (cx, cy) = sheet.tone, room.centre
    cx = sheet.size.width - cx if sheet.rtl else cx
    reach = max(panel.width, panel.height)
    rings = "".join(
        f'<circle cx="{cx - x:.1f}" cy="{cy - panel.y:.1f}" r="{reach * radius:.1f}" fill="{tone.on_fill}" '
        f'fill-opacity="0.06"/>'
        for radius in (0.34, 0.5, 0.68)
    )
    svg = f'<rect width="{panel.width:.1f}" height="{panel.height:.1f}" fill="{tone.fill}"/>{rings}'
    place = Box(x, panel.y, panel.width, panel.height)
    # There from the first frame, so that nothing flashes.
    sheet.draw(svg, place, Motion(opacity=ramp(-20, 12, 0, 1)), name="panel")
    emblem(sheet, room, share=0.86)


VARIANTS = (first, second)
