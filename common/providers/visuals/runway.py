"""The visuals engines that have Runway make a clip for each scene, which fills the picture under its words.

Runway bills by the second of clip. The price table says what for; it must agree with Runway's own list before a key
is used, for Runway's answers do not tell what a task cost.
"""

import math
import tempfile
from pathlib import Path
from typing import ClassVar

import cv2

from common.domain.frame import Size
from common.domain.model import digest
from common.domain.prices import VIDEO_PER_SECOND
from common.media.painter import Painter
from common.media.probe import Unreadable, probe
from common.providers.errors import ProviderUnavailable, Refused
from common.providers.operation import Done, Failed, Running
from common.providers.visuals.local import compose
from common.providers.visuals.port import Brief
from common.providers.visuals.runway_rest import BASE, RunwayRest, RunwayTask

LOOK_AGAIN = 6.0  # seconds, as Runway's own clients do
QUEUED = 20.0  # while other tasks of the account run
MOST_TEXT = 1000  # UTF-16 units of a prompt
_RATIOS = {"1280:720": 1280 / 720, "720:1280": 720 / 1280, "960:960": 1.0, "832:1104": 832 / 1104}


class RunwayVisuals:
    """Clips by one of Runway's models. What its API lacks is said here: a task whose id did not arrive is lost."""

    name: ClassVar[str]
    model: ClassVar[str]
    version: ClassVar[str]
    quality: ClassVar[float]
    listed: ClassVar[str]  # its line in the price table
    paid = True
    finds = False
    honours_keys = False

    def __init__(self, key: str, base: str = BASE, timeout: float = 60.0) -> None:
        self._rest = RunwayRest(key, base, timeout)

    @classmethod
    def price(cls, size: float) -> int:
        """What so many seconds of clip cost, in micro-dollars, rounded up."""
        return math.ceil(VIDEO_PER_SECOND[cls.listed] * 1_000_000 * math.ceil(size))

    def start(self, brief: Brief, seconds: int, _key: str) -> str:
        """Start a clip for a scene; Runway's id of the task."""
        ratio = ratio_of(brief.size)
        return self._rest.animate(self.model, opening(brief, ratio), prompt_of(brief), ratio, seconds, _seed(brief))

    def look_up(self, key: str) -> str | None:
        """None: Runway cannot be asked by key."""
        return None

    def poll(self, operation: str) -> Running | Done | Failed:
        """Where a task stands; a finished one comes with its clip as bytes, checked to be a video."""
        task = self._rest.task(operation)
        if task is None:
            return Failed(ProviderUnavailable(f"Runway does not know the task {operation} any more."), billed=True)
        if task.state in ("PENDING", "THROTTLED", "RUNNING"):
            return Running(QUEUED if task.state == "THROTTLED" else LOOK_AGAIN)
        if task.state != "SUCCEEDED":
            return _failed(operation, task)
        if not task.output:
            return Failed(ProviderUnavailable(f"Runway finished the task {operation} without a clip."), billed=True)
        clip = self._rest.download(task.output)
        seconds = _seconds(clip)
        if seconds is None:
            return Failed(ProviderUnavailable(f"Runway's clip of the task {operation} is no video."), billed=True)
        return Done(clip, self.price(seconds), quantity=seconds, unit="seconds")

    def cancel(self, operation: str) -> None:
        """Stop a task that runs."""
        self._rest.delete(operation)


class RunwayFast(RunwayVisuals):
    """The model for the fast track."""

    name = "runway-fast"
    model = "gen4_turbo"
    version = "1+gen4_turbo"
    quality = 0.85
    listed = "runway_gen4_turbo"


class RunwayFull(RunwayVisuals):
    """The model for the full track: the successor of what the price table calls runway_gen3."""

    name = "runway-full"
    model = "gen4.5"
    version = "1+gen4.5"
    quality = 0.92
    listed = "runway_gen3"


def prompt_of(brief: Brief) -> str:
    """What the clip shall show, in Runway's measure; words in the picture are ours to set."""
    scene = brief.scene
    about = scene.idea or scene.headline
    text = (
        f"Cinematic footage, {scene.mood} mood: {about}. It accompanies these words: {scene.narration} "
        "No text, no letters, no logos, no split screen."
    )
    return text.encode("utf-16-le")[: 2 * MOST_TEXT].decode("utf-16-le", "ignore")


def opening(brief: Brief, ratio: str) -> bytes:
    """The picture that the clip begins with, as JPEG: the ground of the scene in its look, without its words."""
    width, height = (int(side) for side in ratio.split(":"))
    ground = compose(brief).model_copy(update={"layers": ()})
    painter = Painter(ground, {}, Size(width=width, height=height), brief.fps)
    try:
        planes = painter.frame(0).reshape(height * 3 // 2, width)
        done, data = cv2.imencode(".jpg", cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), [cv2.IMWRITE_JPEG_QUALITY, 90])
    finally:
        painter.close()
    assert done, "a painted frame is always a picture"
    return data.tobytes()


def ratio_of(size: Size) -> str:
    """The one of Runway's picture sizes that is nearest in shape; the rest is cropped."""
    shape = size.width / size.height
    return min(_RATIOS, key=lambda ratio: abs(math.log(_RATIOS[ratio] / shape)))


def _seed(brief: Brief) -> int:
    """The same for an equal brief; another take is another clip."""
    return int(digest(brief)[:8], 16) & 0x7FFFFFFF


def _seconds(clip: bytes) -> int | None:
    """Length of a clip to the nearest second, which is how it was ordered; None for what is no video."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        file.write(clip)
        file.flush()
        try:
            video = probe(Path(file.name)).video
        except Unreadable:
            return None
    return max(1, round(video.seconds)) if video else None


def _failed(operation: str, task: RunwayTask) -> Failed:
    """Why a task ended without a clip. What safety held back in the input is billed all the same."""
    why = task.failure or task.code or task.state.lower()
    if task.code.startswith(("SAFETY", "INPUT_PREPROCESSING", "ASSET")):
        return Failed(Refused(f"Runway declined this scene ({why})."), billed=task.code.startswith("SAFETY.INPUT"))
    return Failed(ProviderUnavailable(f"Runway's task {operation} came to nothing ({why})."))
