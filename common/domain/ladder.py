"""The sizes that a film is streamed in: its own, and smaller ones for slower connections."""

from common.domain.frame import Size
from common.domain.model import Model

_SHORT_SIDES = (1080, 720, 480, 360)  # pixels; of the rungs below a film's own


class Rung(Model):
    """One size of a ladder; its name tells the short side, as in 720p."""

    name: str
    size: Size


def ladder(film: Size) -> tuple[Rung, ...]:
    """The film's own size, then every usual one below it of the same aspect; never a larger one."""
    short = min(film.width, film.height)
    lower = [side for side in _SHORT_SIDES if side < short]
    return tuple(Rung(name=f"{side}p", size=_scaled(film, side)) for side in (short, *lower))


def _scaled(film: Size, side: int) -> Size:
    scale = side / min(film.width, film.height)
    return Size(width=round(film.width * scale / 2) * 2, height=round(film.height * scale / 2) * 2)
