"""What each mood means in music: tempo, scale, harmony and who plays."""

from dataclasses import dataclass, replace
from typing import Literal

MAJOR = (0, 2, 4, 5, 7, 9, 11)
LYDIAN = (0, 2, 4, 6, 7, 9, 11)
DORIAN = (0, 2, 3, 5, 7, 9, 10)
MINOR = (0, 2, 3, 5, 7, 8, 10)

Pluck = Literal["felt", "marimba", "glass"]
Drums = Literal["none", "shaker", "soft", "pulse", "toms"]


@dataclass(frozen=True)
class Character:
    """How a mood is played. Degrees count from 0 on the tonic; densities are notes a bar."""

    tempo: tuple[int, int]
    scale: tuple[int, ...]
    harmonies: tuple[tuple[int, ...], ...]  # of the sections, in order of appearance
    colour: tuple[int, ...]  # chord tones over the root, in scale steps
    pluck: Pluck
    density: int
    drums: Drums
    bass: Literal["held", "walking", "ostinato"]
    melody: bool
    bright: float  # 0 dark .. 1 bright
    room: float  # seconds of reverberation


CHARACTERS: dict[str, Character] = {
    "calm": Character(
        (66, 74), LYDIAN, ((0, 4, 1, 4), (5, 1, 0, 4), (3, 0, 1, 4)),
        (0, 2, 4, 8), "felt", 4, "none", "held", True, 0.3, 3.0
    ),
    "warm": Character(
        (78, 86), MAJOR, ((0, 3, 5, 4), (5, 3, 0, 4), (1, 4, 0, 5)),
        (0, 2, 4, 6), "felt", 8, "shaker", "held", True, 0.4, 2.2
    ),
    "bright": Character(
        (100, 110), MAJOR, ((0, 4, 5, 3), (3, 4, 0, 5), (5, 3, 4, 0)),
        (0, 2, 4, 8), "marimba", 8, "soft", "walking", True, 0.7, 1.7
    ),
    "serious": Character(
        (74, 82), DORIAN, ((0, 3, 0, 6), (5, 6, 0, 0), (0, 2, 3, 6)),
        (0, 2, 4, 6), "felt", 4, "pulse", "held", False, 0.25, 2.4
    ),
    "tense": Character(
        (86, 94), MINOR, ((0, 0, 5, 4), (0, 1, 0, 5), (3, 0, 5, 4)),
        (0, 2, 4, 5), "glass", 8, "pulse", "ostinato", False, 0.3, 2.6
    ),
    "playful": Character(
        (110, 120), MAJOR, ((0, 5, 1, 4), (3, 0, 1, 4), (0, 3, 0, 4)),
        (0, 2, 4), "marimba", 8, "soft", "walking", True, 0.65, 1.3
    ),
    "epic": Character(
        (80, 88), MINOR, ((0, 5, 2, 6), (5, 6, 0, 2), (3, 5, 6, 0)),
        (0, 2, 4, 8), "glass", 16, "toms", "ostinato", True, 0.5, 3.2
    ),
    "tender": Character(
        (62, 70), MAJOR, ((0, 2, 3, 4), (5, 2, 3, 0), (1, 4, 2, 5)),
        (0, 2, 4, 6), "felt", 6, "none", "held", True, 0.35, 2.8
    ),
}  # fmt: skip


def character(mood: str, style: str) -> Character:
    """The character of a mood, bent by the words of a style; an unknown mood plays as calm."""
    chosen = CHARACTERS.get(mood, CHARACTERS["calm"])
    words = style.casefold()
    if "piano" in words or "acoustic" in words or "lofi" in words or "lo-fi" in words:
        chosen = replace(chosen, pluck="felt")
    if "marimba" in words or "quirky" in words or "corporate" in words:
        chosen = replace(chosen, pluck="marimba")
    if "synth" in words or "electronic" in words or "tech" in words:
        chosen = replace(chosen, pluck="glass", drums="soft" if chosen.drums in ("none", "shaker") else chosen.drums)
    if "cinematic" in words or "orchestral" in words:
        chosen = replace(chosen, room=max(chosen.room, 3.0), drums="toms" if chosen.drums == "soft" else chosen.drums)
    if "minimal" in words or "sparse" in words:
        chosen = replace(chosen, density=max(2, chosen.density // 2))
    if "ambient" in words or "no drums" in words or "without drums" in words:
        chosen = replace(chosen, drums="none")
    return chosen
