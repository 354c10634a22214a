"""Title scenes: the subject, large, with its motif."""

from common.media.layout import Box
from common.providers.visuals.parts import RULE, Part, emblem, split, stack, stand, under
from common.providers.visuals.sheet import EARLY, Sheet


def beside(sheet: Sheet) -> None:
    """Headline left, motif right; motif above on pictures that are not wide."""
    words, picture = split(sheet, 0.60)
    emblem(sheet, picture)
    stack(sheet, words, _parts(sheet, words, 13.5), valign=under(sheet))
    stand(sheet)


def mirrored(sheet: Sheet) -> None:
    """Motif left, headline right."""
    words, picture = split(sheet, 0.58, flip=True)
    emblem(sheet, picture)
    stack(sheet, words, _parts(sheet, words, 13.0), valign=under(sheet))
    stand(sheet)


def centred(sheet: Sheet) -> None:
    """Headline in the middle under the motif."""
    share = 0.40 if sheet.shape == "wide" else 0.44
    mark, words = sheet.box.rows((share, 1 - share), 4 * sheet.unit)
    emblem(sheet, mark)
    stack(sheet, words, _parts(sheet, words, 12.0), align="centre", valign="top")
    stand(sheet)


def _parts(sheet: Sheet, words: Box, largest: float) -> list[Part]:
    u, tone = sheet.unit, sheet.tone
    line = "".join(sheet.scene.lines[:1])
    sub = sheet.block(line, Box(words.x, 0, words.width, 15 * u), sheet.look.text, 5.0, max_lines=3)
    below = 9 * u + sub.height
    room = Box(words.x, words.y, words.width, words.height - below)
    head = sheet.block(sheet.headline, room, sheet.look.display, largest * sheet.weight, max_lines=6)
    return [(head, tone.ink, EARLY), ("rule", tone.fill, RULE), (sub, tone.muted, 0.4 * sheet.fps)]


VARIANTS = (beside, centred, mirrored)
