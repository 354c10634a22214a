"""Small flat illustrations of common subjects, from drawings/motifs.yaml."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template

import yaml

_TABLE = Path(__file__).with_name("drawings") / "motifs.yaml"


@cache
def motifs() -> Mapping[str, str]:
    """The drawings by name."""
    table: dict[str, str] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


def motif_svg(name: str, side: float, accent: str, second: str, ink: str, surface: str) -> str:
    """The drawing of a motif in a square of `side` pixels; KeyError for a name that has none."""
    body = Template(motifs()[name]).substitute(a=accent, b=second, i=ink, c=surface)
    return (
        f'<g transform="scale({side / 100:.4f})" fill="none" stroke="{ink}" stroke-width="3" '
        f'stroke-linecap="round" stroke-linejoin="round">{body}</g>'
    )
