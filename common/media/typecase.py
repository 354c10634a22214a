"""Small static fonts for libass, cut from the installed ones: just the signs a film needs, at the wanted weight.

libass shows a variable font at its lightest, and would read 30 MB of Chinese for every segment.
"""

import io
from functools import cache

from fontTools import subset, version
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from common.media.fonts import Face

CUTTER = f"fontTools {version}"  # its version is part of what the letters depend on


def cut(face: Face, signs: frozenset[str]) -> bytes:
    """The font file of a face for these signs; the same bytes for the same arguments."""
    if not face.variable:
        return face.path.read_bytes()
    options = subset.Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.desubroutinize = True  # the instancer cannot follow shared outlines into a cut font
    font = _open(face)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(signs | {" "})))
    cutter.subset(font)
    font = TTFont(_saved(font), recalcTimestamp=False)
    axes = {axis.axisTag: (axis.minValue, axis.defaultValue, axis.maxValue) for axis in font["fvar"].axes}
    place = {
        tag: min(max(face.weight, low), high) if tag == "wght" else usual for tag, (low, usual, high) in axes.items()
    }
    return _saved(instancer.instantiateVariableFont(font, place)).getvalue()


@cache
def line_height(face: Face) -> float:
    """Height of a face in ems as libass reckons it: its font sizes mean this height, and faces differ widely in it."""
    with _open(face) as font:
        table = font["OS/2"]
        return float(table.usWinAscent + table.usWinDescent) / float(font["head"].unitsPerEm)


def _open(face: Face) -> TTFont:
    number = face.index if face.path.suffix in (".ttc", ".otc") else -1
    return TTFont(face.path, fontNumber=number, lazy=True, recalcTimestamp=False)


def _saved(font: TTFont) -> io.BytesIO:
    file = io.BytesIO()
    font.save(file)
    font.close()
    file.seek(0)
    return file
