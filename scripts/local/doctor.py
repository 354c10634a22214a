"""`aiprod doctor`: does each thing that a video needs once, for real, and reports versions."""

import importlib.metadata
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from common import runtime
from common.domain.frame import Size
from common.domain.plan import Plan, Scene
from common.domain.settings import Settings
from common.domain.speech import Narration
from common.media import captions, encoder, ffmpeg
from common.media.caption_look import caption_look
from common.media.captioner import Captioner
from common.media.probe import probe
from common.media.render import render_all
from common.media.segments import Studio
from common.media.source import Frame, frame_bytes
from common.media.timeline import Recipe, Segment, lay_out
from common.providers.voice.local import LocalVoice

PACKAGES = ("hibari-tts", "onnxruntime", "espeakng-loader", "opencv-python-headless", "resvg-py", "av", "numpy")


def doctor(settings: Settings) -> int:
    """Check the voice, the encoder, the captions and the state folder; 0 when all of them work."""
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    print(f"FFmpeg {ffmpeg.version()}")
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
        checks: list[tuple[str, Callable[[], str]]] = [
            ("speak one word", _speak),
            ("encode a frame", lambda: _encode(Path(folder))),
            ("burn a caption", lambda: _caption(Path(folder))),
            ("keep state", lambda: _state(settings)),
        ]
        if settings.profile != "embedded":
            checks.append(("reach the documents", lambda: _documents(settings)))
        return 1 if _failures(checks) else 0


def _failures(checks: Sequence[tuple[str, Callable[[], str]]]) -> int:
    failed = 0
    for name, check in checks:
        began = time.monotonic()
        try:
            said = check()
        except Exception as error:  # a doctor reports every illness instead of catching it
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}")
        else:
            print(f"ok      {name}: {said} ({time.monotonic() - began:.1f} s)")
    return failed


class _Grey:
    """A grey picture."""

    def __init__(self, size: Size):
        self._frame = np.full(frame_bytes(size), 128, np.uint8)

    def frame(self, number: int, /) -> Frame:
        """The same grey at any time."""
        return self._frame

    def close(self) -> None:
        """Hold nothing."""


def _speak() -> str:
    _, narration = LocalVoice().speak("Hello.", "en", "", 0, None)
    word = narration.words[0]
    if narration.note:
        raise RuntimeError(narration.note)
    return f"{narration.engine} {narration.version} said {word.text!r} from {word.start:.2f} to {word.end:.2f} s"


def _plan() -> tuple[Plan, dict[str, Narration]]:
    scene = Scene(id="s1", kind="statement", narration="Hello.", headline="Hello", frames=30)
    _, narration = LocalVoice().speak("Hello.", "en", "", 0, None)
    return Plan(title="Doctor", lang="en", aspect="16:9", resolution="480p", scenes=(scene,)), {"s1": narration}


def _segment(folder: Path, narrated: bool) -> tuple[Plan, Path]:
    plan, narrations = _plan()
    look = caption_look(plan.size, plan.lang)
    cues = captions.cues_of(plan, narrations if narrated else {}, look.columns)
    captioner = Captioner(look)
    profile = encoder.choose("x264")
    line = lay_out(plan, {"s1": "grey"}, cues, Recipe(encoder=profile.key, painter="grey"), captioner.key)
    kept = _Kept(folder)
    render_all(
        line.segments, Studio(plan.size, plan.fps, lambda _: _Grey(plan.size), profile, captioner), kept, workers=1
    )
    return plan, kept.fetch(_only(line.segments).key)


class _Kept:
    """Segments in a folder."""

    def __init__(self, folder: Path):
        self._folder = folder

    def has(self, key: str) -> bool:
        """Whether it is there."""
        return self.fetch(key).exists()

    def put(self, key: str, path: Path) -> None:
        """Keep it."""
        self.fetch(key).write_bytes(path.read_bytes())

    def fetch(self, key: str) -> Path:
        """Where it is."""
        return self._folder / f"{key[:16]}.mp4"


def _only(segments: tuple[Segment, ...]) -> Segment:
    (segment,) = segments
    return segment


def _encode(folder: Path) -> str:
    plan, path = _segment(folder, narrated=False)
    video = probe(path).video
    if video is None or video.frames != plan.frames:
        raise RuntimeError(f"{plan.frames} frames were encoded and {video.frames if video else 0} came back.")
    return f"{video.frames} frames of {video.codec}, {video.width}x{video.height}"


def _caption(folder: Path) -> str:
    _, path = _segment(folder, narrated=True)
    capture = cv2.VideoCapture(str(path))
    brightest = darkest = 128
    while True:
        going, frame = capture.read()
        if not going:
            break
        brightest, darkest = max(brightest, int(frame.max())), min(darkest, int(frame.min()))
    capture.release()
    if brightest < 200 or darkest > 60:
        raise RuntimeError("The captioned frame shows no letters.")
    return "white letters with a dark edge are in the picture"


def _documents(settings: Settings) -> str:
    count = runtime.documents(settings).count("pipelines")
    return f"project {settings.project} has {count} pipelines"


def _state(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.home) as file:
        file.write(b"state")
    return f"{settings.home} can be written"
