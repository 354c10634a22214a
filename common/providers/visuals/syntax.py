"""Code for the screen: parted by language into what is coloured alike, and broken into rows of a width."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from pygments.util import ClassNotFound

from common.media.fonts import clusters
from common.media.text import Style, width_of

Role = Literal["plain", "comment", "word", "value"]
_ROLES: tuple[tuple[Any, Role], ...] = (
    (Token.Comment, "comment"),
    (Token.Keyword, "word"),
    (Token.Operator.Word, "word"),
    (Token.Name.Tag, "word"),
    (Token.Name.Decorator, "word"),
    (Token.Literal, "value"),
)
_HANGING = "  "  # what the rest of a broken line is set in by, beyond its own indent
_BREAKS = frozenset(" ,;(){}[].")


class Span(NamedTuple):
    """Signs of one colour."""

    text: str
    role: Role


def tinted(lines: Sequence[str], syntax: str) -> list[list[Span]]:
    """The lines in spans; a language that nobody knows, or that loses signs of them, leaves them plain."""
    flat = [" ".join(line.splitlines()) for line in lines]
    try:
        lexer = get_lexer_by_name(syntax, stripnl=False)  # many a rule ends with the end of its line, so all have one
    except ClassNotFound:
        return _plain(flat)
    found: list[list[Span]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(flat)):
        role = _role(kind)
        first, *more = text.split("\n")
        found[-1].append(Span(first, role))
        found += [[Span(piece, role)] for piece in more]
    kept = [[span for span in line if span.text] for line in found[: len(lines)]]
    return kept if ["".join(span.text for span in line) for line in kept] == flat else _plain(flat)


def _plain(lines: Sequence[str]) -> list[list[Span]]:
    return [[Span(line, "plain")] if line else [] for line in lines]


def _role(kind: Any) -> Role:
    for family, role in _ROLES:
        if kind in family:
            return role
    return "plain"


def rows(line: Sequence[Span], room: float, style: Style, lang: str) -> list[list[Span]]:
    """A line in rows no wider than `room` ems, broken after a space or a bracket where there is one."""
    signs = [(cluster, span.role) for span in line for cluster in clusters(span.text)]
    indent = len(signs) - len("".join(sign for sign, _ in signs).lstrip(" "))
    space: tuple[str, Role] = (" ", "plain")
    hanging = [space] * min(indent + len(_HANGING), int(room / 2))
    found: list[list[tuple[str, Role]]] = [[]]
    width = 0.0
    for sign, role in signs:
        wide = width_of(sign, style, 1.0, lang)
        if width + wide > room and found[-1]:
            at = _break(found[-1])
            rest = found[-1][at:]
            found[-1] = found[-1][:at]
            found.append([*hanging, *rest])
            width = sum(width_of(each, style, 1.0, lang) for each, _ in found[-1])
        found[-1].append((sign, role))
        width += wide
    return [_joined(row) for row in found]


def _break(row: Sequence[tuple[str, Role]]) -> int:
    """Where a full row ends: after its last break in the right half, else at its end."""
    places = (at for at in range(len(row), len(row) // 2, -1) if row[at - 1][0] in _BREAKS)
    return next(places, len(row))


def _joined(row: Sequence[tuple[str, Role]]) -> list[Span]:
    spans: list[Span] = []
    for sign, role in row:
        if spans and spans[-1].role == role:
            spans[-1] = Span(spans[-1].text + sign, role)
        else:
            spans.append(Span(sign, role))
    return spans
