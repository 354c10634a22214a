"""The composition: from a character, a length and a seed to notes on a beat grid. No sound is made here."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from common.providers.music.character import Character
from common.providers.music.tempo import Tempo, fitted

BEATS = 4  # in a bar

Part = Literal["pad", "bass", "pluck", "melody", "kick", "hat", "snap"]


@dataclass(frozen=True)
class Note:
    """One note: when and how long in seconds, pitch as MIDI number (may lie between two keys), strength 0..1."""

    part: Part
    at: float
    length: float
    pitch: float
    strength: float
    pan: float = 0.0  # -1 left .. 1 right


@dataclass(frozen=True)
class Bar:
    """One bar: chord root as scale degree, its section (0, 1, 2 are kinds), place in it, and energy 0..1."""

    degree: int
    section: int
    place: int
    energy: float
    last: bool = False


@dataclass(frozen=True)
class Score:
    """A whole piece: when its beats fall, key (MIDI number of the tonic below the bass), and its bars."""

    character: Character
    tempo: Tempo
    tonic: int
    bars: tuple[Bar, ...]
    seed: int

    @property
    def beat(self) -> float:
        """Length of a beat in seconds, on the whole."""
        return self.tempo.beat

    def beats(self) -> tuple[float, ...]:
        """The time of every beat in seconds."""
        return tuple(self.tempo.at(number) for number in range(self.tempo.count))

    def notes(self) -> Iterator[Note]:
        """All notes, bar by bar: each where its place among the beats falls."""
        return (replace(note, at=self.tempo.at(note.at / self.beat)) for note in self._even())

    def _even(self) -> Iterator[Note]:
        """All notes as they would be if every beat were equally long."""
        chance = np.random.default_rng([self.seed, 2])
        figures = [_figure(self.character.density, chance) for _ in range(3)]
        motifs = [_motif(chance) for _ in range(3)]
        for index, bar in enumerate(self.bars):
            at = index * BEATS * self.beat
            yield from self._chord(bar, at)
            yield from self._bass(bar, at)
            if not bar.last:
                yield from self._figure(bar, at, figures[bar.section], chance)
                yield from self._melody(bar, at, motifs[bar.section], chance)
                yield from self._drums(bar, at, chance)

    def _pitch(self, step: int) -> int:
        octave, degree = divmod(step, len(self.character.scale))
        return self.tonic + 12 * octave + self.character.scale[degree]

    def _tones(self, bar: Bar, lowest: int) -> list[int]:
        """The chord's tones, each in the octave above `lowest`: neighbouring chords then move by small steps."""
        tones = [self._pitch(bar.degree + step) for step in self.character.colour]
        return sorted({lowest + (tone - lowest) % 12 for tone in tones})

    def _chord(self, bar: Bar, at: float) -> Iterator[Note]:
        length = BEATS * self.beat * (0.9 if bar.last else 1.05)
        tones = self._tones(bar, 50)
        for place, pitch in enumerate(tones):
            pan = 0.5 * (2 * place / max(1, len(tones) - 1) - 1)
            yield Note("pad", at, length, pitch, 0.45 + 0.35 * bar.energy, pan)

    def _bass(self, bar: Bar, at: float) -> Iterator[Note]:
        if bar.energy < 0.35 and not bar.last:
            return
        root = 33 + (self._pitch(bar.degree) - 33) % 12
        if bar.last or self.character.bass == "held" or bar.energy < 0.5:
            yield Note("bass", at, BEATS * self.beat * 0.9, root, 0.7)
        elif self.character.bass == "walking":
            fifth = root + 7
            for beat, pitch in ((0.0, root), (1.5, root), (2.0, fifth if bar.place % 2 else root), (3.5, root + 12)):
                yield Note("bass", at + beat * self.beat, self.beat * 0.9, pitch, 0.7 if beat == 0 else 0.5)
        else:
            for eighth in range(8):
                strength = 0.65 if eighth % 4 == 0 else 0.42
                yield Note("bass", at + eighth * self.beat / 2, self.beat * 0.45, root, strength)

    def _figure(self, bar: Bar, at: float, figure: list[int], chance: np.random.Generator) -> Iterator[Note]:
        tones = self._tones(bar, 62)
        step = BEATS * self.beat / len(figure)
        for place, tone in enumerate(figure):
            played = chance.random() < 0.35 + 0.65 * bar.energy  # fewer notes where the piece is quiet
            loose = 0.006 * self.beat * chance.standard_normal()
            lifted = (
                12 if bar.place % 4 == 3 and place >= len(figure) * 3 // 4 else 0
            )  # every fourth bar answers higher
            if tone < 0 or not played:
                continue
            pitch = tones[tone % len(tones)] + 12 * (tone // len(tones)) + lifted
            accent = 1.0 if place == 0 else 0.75
            strength = accent * (0.32 + 0.3 * bar.energy + 0.08 * chance.random())
            pan = 0.55 * np.sin(2 * np.pi * (place / len(figure) + bar.place / 3))
            yield Note("pluck", max(0.0, at + place * step + loose), step * 2, pitch, strength, float(pan))

    def _melody(
        self, bar: Bar, at: float, motif: list[tuple[float, int]], chance: np.random.Generator
    ) -> Iterator[Note]:
        calls = bar.section != 0 and bar.energy > 0.55 and bar.place % 2 == 0
        if not self.character.melody or not calls:
            return
        shift = 0 if bar.place % 4 == 0 else int(chance.integers(-1, 2))
        tones = self._tones(bar, 69)
        for beat, step in motif:
            pitch = self._pitch(_nearest(self.character.scale, self.tonic, tones[step % len(tones)]) + shift)
            yield Note("melody", at + beat * self.beat, self.beat * 1.5, pitch, 0.4 + 0.1 * bar.energy, 0.15)

    def _drums(self, bar: Bar, at: float, chance: np.random.Generator) -> Iterator[Note]:
        kind, beat = self.character.drums, self.beat
        if kind == "none" or bar.energy < 0.5:
            return
        if kind in ("shaker", "soft"):
            for eighth in range(8):
                strength = (0.35 if eighth % 2 else 0.2) * (0.8 + 0.4 * chance.random())
                yield Note("hat", at + eighth * beat / 2, 0.08, 0, strength, 0.3)
        if kind == "soft":
            kicks = (0.0, 2.0, 2.5) if bar.place % 2 else (0.0, 2.0)
            yield from (Note("kick", at + k * beat, 0.3, 48, 0.7) for k in kicks)
            if bar.energy > 0.65:
                yield from (Note("snap", at + k * beat, 0.2, 0, 0.35, -0.1) for k in (1.0, 3.0))
        if kind == "pulse":
            yield from (Note("kick", at + k * beat, 0.3, 43, s) for k, s in ((0.0, 0.6), (0.5, 0.3)))
        if kind == "toms":
            hits = [(0.0, 41, 0.9), (2.5, 45, 0.5)]
            if bar.place % 4 == 3:
                hits += [(3.0, 48, 0.55), (3.25, 46, 0.6), (3.5, 43, 0.7), (3.75, 41, 0.8)]
            yield from (Note("kick", at + k * beat, 0.5, p, s) for k, p, s in hits)


def write_score(character: Character, seconds: float, seed: int, cuts: Sequence[float] = ()) -> Score:
    """Compose: sections that differ and build up, an introduction, an end on the tonic, and whole bars throughout.

    The tempo gives way a little so that the last bar ends with the video and beats fall on its cuts, in seconds.
    """
    chance = np.random.default_rng([seed, 1])
    slow, fast = character.tempo
    wanted = max(1, round(seconds * (slow + (fast - slow) * chance.random()) / 60 / BEATS))
    tonic = 24 + int(chance.integers(0, 12))
    least, most = (seconds * tempo / 60 / BEATS for tempo in (slow, fast))
    counts = [wanted, *(count for count in range(math.ceil(least), math.floor(most) + 1) if count != wanted)]
    tempo = fitted([count * BEATS for count in counts], seconds, cuts)
    bars = tuple(_bars(character, tempo.count // BEATS, chance))
    return Score(character, tempo, tonic, bars, seed)


def _bars(character: Character, count: int, chance: np.random.Generator) -> Iterator[Bar]:
    intro = 0 if count < 4 else 2 if count < 16 else 4
    outro = 1 if count < 8 else 2
    kinds = _sections(-(-max(0, count - intro - outro) // 4), chance)
    for index in range(count):
        if index == count - 1 and count > 1:
            yield Bar(0, 0, 0, 0.4, last=True)
        elif index >= count - outro:
            yield Bar(character.harmonies[0][3], 0, 1, 0.45)
        elif index < intro:
            yield Bar(character.harmonies[0][index % 4], 0, index, 0.3 + 0.1 * index / intro)
        else:
            place = index - intro
            section, energy = kinds[place // 4]
            yield Bar(character.harmonies[section][place % 4], section, place % 8, energy + 0.02 * (place % 4))


def _sections(count: int, chance: np.random.Generator) -> list[tuple[int, float]]:
    """(kind, energy) of every four bars: the theme, a second idea, a rest every fifth, then higher than before."""
    order = [0, 0, 1, 1, 2, 0, 1, 2] if chance.random() < 0.5 else [0, 1, 0, 2, 1, 0, 2, 1]
    chosen = []
    for index in range(count):
        rise = 0.55 + 0.35 * (index + 1) / max(1, count)
        rests = index % 5 == 4 and index + 1 < count
        chosen.append((order[index % len(order)], 0.42 if rests else min(0.92, rise)))
    return chosen


def _figure(density: int, chance: np.random.Generator) -> list[int]:
    """A bar's pattern of chord tones, -1 for rests, that wanders up and comes back."""
    shape = [0, 2, 1, 3, 2, 4, 3, 1]
    start = int(chance.integers(0, len(shape)))
    figure = [shape[(start + i) % len(shape)] for i in range(density)]
    for place in range(1, density):
        if chance.random() < 0.22:
            figure[place] = -1
    return figure


def _motif(chance: np.random.Generator) -> list[tuple[float, int]]:
    """A short call of three or four notes: (beat, chord tone)."""
    beats = [[0.0, 1.5, 2.0], [0.0, 1.0, 2.5, 3.0], [0.5, 1.5, 3.0]][int(chance.integers(0, 3))]
    return [(beat, int(chance.integers(0, 4))) for beat in beats]


def _nearest(scale: tuple[int, ...], tonic: int, pitch: int) -> int:
    """The scale step that sounds as this pitch (which lies in the scale)."""
    octave, within = divmod(pitch - tonic, 12)
    return octave * len(scale) + min(range(len(scale)), key=lambda i: abs(scale[i] - within))
