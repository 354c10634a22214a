"""A prompt or script becomes a video that keeps its promises, and equal or edited requests redo only what they must."""

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from common.media.encoder import available
from common.media.probe import probe
from common.media.track import measure
from tests.e2e.conftest import Machine

pytestmark = pytest.mark.slow

SCRIPT = """# Tea

Boil fresh water.

Warm the pot first.

Wait four minutes, then pour.
"""


def explained(machine: Machine, report: dict[str, Any]) -> list[str]:
    lines = machine.call("explain", report["id"]).stdout.splitlines()
    return [line.strip() for line in lines]


def test_a_prompt_becomes_a_checked_video(machine: Machine) -> None:
    report = machine.make("Why cats purr when they are happy", "--duration", "6", "--output", "cats.mp4")
    path = machine.folder / "cats.mp4"
    facts = probe(path)
    assert facts.video is not None
    assert (facts.video.frames, facts.video.width, facts.video.height) == (180, 854, 480)
    assert facts.audio is not None
    assert abs(facts.video.seconds - 6) < 1 / 30
    loudness = measure(path)
    assert abs(loudness.integrated_lufs + 14) <= 0.5
    assert loudness.true_peak_dbtp <= -1
    assert report["size"] == path.stat().st_size
    assert report["cost"] == 0
    assert all(Path(name).is_file() for name in report["files"].values())
    assert not list((machine.home / "temp").rglob("*.mp4"))


def test_other_forms_come_with_the_video_when_they_are_asked_for(machine: Machine) -> None:
    asked = [word for kind in ("audio", "gif", "thumbnails", "webm", "webp") for word in ("--also", kind)]
    report = machine.make("Why cats purr when they are happy", "--duration", "12", *asked, "--output", "cats.mp4")
    made = sorted(path.name for path in machine.folder.glob("cats.*"))
    stills = [name for name in made if name.startswith("cats.thumbnail-")]
    assert len(stills) >= 2
    others = ["cats.audio.m4a", "cats.mp4", "cats.preview.gif", "cats.preview.webp", "cats.video.webm"]
    assert made == sorted([*stills, *others])
    assert abs(measure(machine.folder / "cats.video.webm").integrated_lufs + 14) <= 1
    assert sorted(Path(path).name for path in report["beside"]) == [name for name in made if name != "cats.mp4"]
    again = machine.make("Why cats purr when they are happy", "--duration", "12", *asked, "--output", "cats.mp4")
    assert again["rendered"] == 0
    assert not any(line.startswith("ran ") for line in explained(machine, again))


def test_a_film_at_another_rate_shows_the_same_at_the_same_time(machine: Machine) -> None:
    words = ("Why cats purr when they are happy", "--duration", "12", "--output")
    machine.make(*words, "30.mp4")
    for fps in (24, 60):
        report = machine.make(*words, f"{fps}.mp4", "--fps", str(fps))
        facts = probe(machine.folder / f"{fps}.mp4")
        assert facts.video is not None
        assert (facts.video.fps, facts.video.frames, facts.video.even) == (fps, 12 * fps, True)
        assert report["quality"] >= 0.9
        drawn = [line for line in explained(machine, report) if "visual of" in line]
        assert drawn
        assert all(line.startswith("reused") for line in drawn)
        for second in (2, 5, 9):
            seen, meant = (_grey(machine.folder / name, second) for name in (f"{fps}.mp4", "30.mp4"))
            assert np.abs(seen - meant).mean() < 4, (fps, second)


def _grey(film: Path, second: float) -> "np.ndarray[Any, Any]":
    with av.open(str(film)) as media:
        for frame in media.decode(video=0):
            assert frame.time is not None
            if frame.time >= second - 1e-3:
                return frame.to_ndarray(format="gray").astype(float)
    raise AssertionError(f"{film} has no second {second}")


def test_an_encoder_that_is_asked_for_runs_or_is_said_not_to(machine: Machine) -> None:
    words = ("Why cats purr when they are happy", "--duration", "5", "--output", "cats.mp4", "--encoder")
    made = machine.make(*words, "av1")
    facts = probe(machine.folder / "cats.mp4")
    assert facts.video is not None
    assert (facts.video.codec, facts.video.frames, facts.faststart) == ("av1", 150, True)
    assert not any("encode" in note for note in made["notes"])
    made = machine.make(*words, "nvenc_hevc")
    codec = "hevc" if available("nvenc_hevc") else "h264"
    facts = probe(machine.folder / "cats.mp4")
    assert facts.video is not None
    assert facts.video.codec == codec
    said = "video: nvenc_hevc does not encode on this machine; x264 ran instead." in made["notes"]
    assert said == (codec == "h264")


def test_equal_requests_render_once_and_are_byte_identical_without_artefacts(machine: Machine) -> None:
    words = ("Why cats purr when they are happy", "--duration", "5", "--seed", "3", "--output", "cats.mp4")
    first = machine.make(*words)
    second = machine.make(*words)
    assert first["rendered"] == first["segments"]
    assert second["rendered"] == 0
    assert not any(line.startswith("ran ") for line in explained(machine, second))
    shutil.rmtree(machine.home)
    third = machine.make(*words)
    assert first["sha256"] == second["sha256"] == third["sha256"]
    assert machine.make(*words[:-3], "4", "--output", "cats.mp4")["sha256"] != first["sha256"]


def test_an_edited_scene_reruns_its_descendants_alone(machine: Machine) -> None:
    script = machine.folder / "tea.md"
    script.write_text(SCRIPT)
    machine.make("--script", "tea.md", "--output", "tea.mp4")
    script.write_text(SCRIPT.replace("Warm the pot first.", "Heat the pot first."))
    report = machine.make("--script", "tea.md", "--output", "tea.mp4")
    ran = {
        line.split(":")[0].removeprefix("ran").strip() for line in explained(machine, report) if line.startswith("ran ")
    }
    edited = next(name for name in ran if name.startswith("narration of ")).removeprefix("narration of ")
    assert ran == {
        "plan",
        f"narration of {edited}",
        f"visual of {edited}",
        "sound",
        "captions",
        "picture",
        "video",
        "inspection",
    } | ({"effects", "music"} & ran)
    scenes = {line.rpartition("scene ")[2] for line in explained(machine, report) if line.startswith("frames ")}
    assert scenes
    assert all(edited in scene for scene in scenes)
    assert 0 < report["rendered"] < report["segments"]


def test_pictures_and_clips_of_the_users_are_shown(machine: Machine) -> None:
    import cv2
    import numpy as np

    picture = np.zeros((600, 900, 3), np.uint8)
    picture[:] = (40, 40, 230)
    cv2.imwrite(str(machine.folder / "red.png"), picture)
    script = machine.folder / "tea.md"
    script.write_text(SCRIPT + "\n![A red cup](red.png)\n")
    machine.make("--script", "tea.md", "--output", "tea.mp4")
    capture = cv2.VideoCapture(str(machine.folder / "tea.mp4"))
    reddest = 0.0
    while True:
        going, frame = capture.read()
        if not going:
            break
        blue, green, red = frame.reshape(-1, 3).astype(float).mean(axis=0)
        reddest = max(reddest, red - (blue + green) / 2)
    capture.release()
    assert reddest > 60


@pytest.mark.parametrize(
    "words",
    [
        ["灯台は二千年にわたって船を導いてきました", "--lang", "ja"],
        ["مرحبا بالعالم، هذا فيديو قصير عن البحر", "--aspect", "1:1"],
        ['🚢🔥 Ships and fire <b>bold</b> & "quotes" 👨‍👩‍👧 \\N {x}', "--aspect", "9:16"],
        ["---\n\n***\n\n# \n\n- \n\nOnly rules and one line of text here\n\n---"],
        ["Lighthouse"],
    ],
)
def test_unusual_text_becomes_a_video(machine: Machine, words: list[str]) -> None:
    report = machine.make(*words, "--duration", "5", "--output", "odd.mp4")
    assert not [note for note in report["notes"] if "left out" in note]
