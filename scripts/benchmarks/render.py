"""`scripts/bench render`: one minute of film by the encoder alone, by the renderer, and by moviepy, in turns."""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from common.domain.frame import Resolution
from common.domain.pacing import LEAD_IN
from common.engine import production
from common.media.caption_look import caption_look
from common.media.composition import Photo
from common.media.fonts import face
from scripts.benchmarks.film import makers
from scripts.benchmarks.film.makers import Frames, MakerFailed, Run
from scripts.benchmarks.film.specification import SECONDS, Given, NotPrepared, compositions, prepare

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, so that no disk slows any of them down
NAMES = {"floor": "encoder alone", "ours": "renderer", "moviepy": "moviepy 2"}


@dataclass
class Figures:
    """Every run of every maker, and how near the two videos are to the frames that were painted."""

    runs: dict[str, list[Run]] = field(default_factory=dict)
    vmaf: dict[str, float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)  # CPU seconds of one more render, by what took them

    def median(self, name: str, of: str) -> float:
        """The median over a maker's runs."""
        return float(statistics.median(getattr(run, of) for run in self.runs[name]))

    def ratio(self, name: str, to: str) -> float:
        """The median of the ratios of processor time of runs that stood beside each other."""
        pairs = zip(self.runs[name], self.runs[to], strict=True)
        return float(statistics.median(one.cpu / other.cpu for one, other in pairs))


def measure(resolution: str, rounds: int, names: Sequence[str], folder: Path, say: Callable[[str], None]) -> Figures:
    """Let every maker make the film once a round, one after the other."""
    say("planning, drawing, speaking and composing the film ...")
    given = prepare(folder, resolution)
    ready = makers.frames(given, folder)
    asked = _for_moviepy(given, ready, folder)
    videos = {name: folder / f"{name}.mp4" for name in names}
    figures = Figures({name: [] for name in names})
    for number in range(rounds):
        for name in names:
            run = _make(name, given, ready, asked, folder, videos[name])
            figures.runs[name].append(run)
            say(f"round {number + 1}: {NAMES[name]:<14} {run.wall:7.1f} s, {run.cpu:7.1f} CPU s, {run.peak:6.0f} MB")
    figures.parts = makers.parts(given, folder)
    for name in names:
        figures.megabytes[name] = videos[name].stat().st_size / 1e6
        if name != "moviepy":  # it paints its own pictures, so there is nothing to compare them with
            figures.vmaf[name] = makers.vmaf(ready, videos[name])
    return figures


def _make(name: str, given: Given, ready: Frames, asked: Path, folder: Path, target: Path) -> Run:
    if name == "floor":
        return makers.by_floor(ready, target)
    if name == "ours":
        return makers.by_renderer(given, folder, target)
    return makers.by_moviepy(asked, target)


def _for_moviepy(given: Given, ready: Frames, folder: Path) -> Path:
    """The same film in words that moviepy's maker reads: files, times in seconds, places in pixels."""
    task, line = given.task(), ready.line
    plan, shown = compositions(task)
    look = caption_look(plan.size, plan.lang)
    objects = task.context.objects
    starts = dict(zip((scene.id for scene in plan.scenes), plan.starts(), strict=True))
    scenes = []
    for scene in plan.scenes:
        photo = next(layer for layer in shown[scene.id].layers if isinstance(layer, Photo))
        assert photo.area is None, "the film shows whole pictures"
        start = max(0.0, starts[scene.id] / plan.fps - 8 / plan.fps)
        end = (starts[scene.id] + scene.frames) / plan.fps
        path = str(objects.fetch(photo.object, folder / f"given-{scene.id}.jpg"))
        moved = {"zoom": photo.zoom, "focus": photo.focus, "start": start, "seconds": end - start}
        scenes.append({"picture": path, "headline": scene.headline, **moved})
    voices = production.work_of(task, "generate_narration")
    spoken = [
        {
            "path": str(objects.fetch(work["files"]["narration.wav"], folder / f"voice-{scene}.wav")),
            "start": starts[scene] / plan.fps + LEAD_IN,
        }
        for scene, work in voices.items()
    ]
    music = production.work_of(task, "generate_music")[""]["files"]["music.wav"]
    captions = [
        {
            "start": (segment.start + event.first) / plan.fps,
            "seconds": (event.end - event.first) / plan.fps,
            "lines": event.lines,
            "lit": event.lit,
        }
        for segment in line.segments
        for event in segment.events
    ]
    film: Mapping[str, Any] = {
        "width": plan.size.width,
        "height": plan.size.height,
        "fps": plan.fps,
        "seconds": plan.seconds,
        "scenes": scenes,
        "captions": captions,
        "em": look.em,
        "bottom": look.bottom,
        "font": str(face(look.family, look.weight).path),
        "voices": spoken,
        "music": str(objects.fetch(music, folder / "music.wav")),
    }
    target = folder / "moviepy.json"
    target.write_text(json.dumps(film), encoding="utf-8")
    return target


def shown(figures: Figures, resolution: str, rounds: int) -> str:
    """The table that a person reads."""
    lines = [
        f"{SECONDS} s of {resolution} at 30 frames a second, medians of {rounds} rounds",
        f"{'':<14} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'MB':>6} {'VMAF':>6}",
    ]
    for name in figures.runs:
        wall, cpu, peak = (figures.median(name, of) for of in ("wall", "cpu", "peak"))
        near = f"{figures.vmaf[name]:6.2f}" if name in figures.vmaf else f"{'-':>6}"
        lines.append(f"{NAMES[name]:<14} {wall:8.1f} {cpu:8.1f} {peak:8.0f} {figures.megabytes[name]:6.1f} {near}")
    if {"ours", "floor"} <= figures.runs.keys():
        lines.append(f"renderer / encoder alone: {figures.ratio('ours', 'floor'):.2f} of the CPU seconds")
        lines.append("its parts, CPU s: " + ", ".join(f"{part} {took:.1f}" for part, took in figures.parts.items()))
    if {"ours", "moviepy"} <= figures.runs.keys():
        lines.append(f"moviepy / renderer: {figures.ratio('moviepy', 'ours'):.1f} times the CPU seconds")
    return "\n".join(lines)


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench render", description="One minute of film by three makers.")
    parser.add_argument("--resolution", default="1080p", choices=get_args(Resolution), help="default: 1080p")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--without-moviepy", action="store_true", help="leave out what takes longest")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if asked.rounds < 1:
        parser.error("--rounds must be at least 1")
    names = [name for name in NAMES if name != "moviepy" or not asked.without_moviepy]
    try:
        with tempfile.TemporaryDirectory(prefix="bench-render-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
            figures = measure(
                asked.resolution,
                asked.rounds,
                names,
                Path(folder),
                lambda said: print(said, file=sys.stderr, flush=True),
            )
    except (NotPrepared, MakerFailed) as failed:
        print(f"bench render: {failed}", file=sys.stderr)
        return 1
    if asked.json:
        medians = {
            f"{name}_{of}{unit}": round(figures.median(name, of), 2)
            for name in figures.runs
            for of, unit in (("cpu", "_s"), ("wall", "_s"), ("peak", "_mb"))
        }
        near = {f"{name}_vmaf": round(value, 2) for name, value in figures.vmaf.items()}
        print(
            json.dumps({"seconds": SECONDS, "rounds": asked.rounds, **medians, **near, "ours_parts_s": figures.parts})
        )
    else:
        print(shown(figures, asked.resolution, asked.rounds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
