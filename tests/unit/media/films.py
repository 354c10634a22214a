"""Tiny films for tests: moving pictures that cost nothing, and scenes with words."""

from pathlib import Path

import numpy as np

from common.domain.frame import Size
from common.domain.plan import Plan, Scene, Transition
from common.domain.speech import Narration, Word
from common.media.source import Frame, frame_bytes

SIZE = Size(width=160, height=90)


class Bars:
    """A bright bar that moves a little with every frame, over a grey that tells the scene."""

    def __init__(self, grey: int = 90, size: Size = SIZE) -> None:
        self.grey, self.size = grey, size

    def frame(self, n: int) -> Frame:
        width, height = self.size.width, self.size.height
        frame = np.full(frame_bytes(self.size), 128, np.uint8)
        luma = frame[: width * height].reshape(height, width)
        luma[:] = self.grey
        at = 3 * n % width
        luma[: height * 3 // 5, at : at + 12] = 220  # clear of the captions
        return frame

    def close(self) -> None:
        pass


class Still(Bars):
    """A picture that does not change."""

    def frame(self, n: int) -> Frame:
        return super().frame(0)


class Black(Bars):
    """Nothing to see."""

    def frame(self, n: int) -> Frame:
        frame = super().frame(0)
        frame[: self.size.width * self.size.height] = 16
        return frame


def scene(scene_id: str, frames: int, transition: Transition = "fade", narration: str = "") -> Scene:
    return Scene(id=scene_id, kind="statement", narration=narration, headline="", frames=frames, transition=transition)


def plan(*scenes: Scene) -> Plan:
    return Plan(title="Test", lang="en", aspect="16:9", resolution="480p", scenes=scenes)


def spoken(text: str, each: float = 0.25, pause: float = 0.05) -> Narration:
    """A narration whose words all take equally long."""
    words, at = [], 0.0
    for word in text.split():
        words.append(Word(text=word, start=at, end=at + each))
        at += each + pause
    return Narration(seconds=at, words=tuple(words), engine="test", version="1", lang="en")


class Shelf:
    """A segment store in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)

    def has(self, key: str) -> bool:
        return (self.folder / key).exists()

    def put(self, key: str, path: Path) -> None:
        (self.folder / key).write_bytes(path.read_bytes())

    def fetch(self, key: str) -> Path:
        return self.folder / key
