"""Who makes the film, each as a process that is watched: what it took, and the video it left."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from common.engine import production
from common.media.encoder import Profile, raw_input
from common.media.ffmpeg import command, run
from common.media.segments import Studio, render_segment
from common.media.timeline import Timeline
from functions.render import film
from scripts.benchmarks.film.specification import LAST_STEP, ROOT, Given, compositions, environment
from scripts.chaos_monkey.servers import family

SAMPLE_SECONDS = 0.1
RAW = Profile(name="raw", options={"vcodec": "rawvideo", "f": "rawvideo"})
FLOOR = {"vcodec": "libx264", "preset": "veryfast", "crf": 20, "pix_fmt": "yuv420p"}
_PAGE = os.sysconf("SC_PAGE_SIZE")


class MakerFailed(Exception):
    """A maker ended without a video; the text says which and how."""


@dataclass(frozen=True)
class Run:
    """What one making took: seconds of the clock and of processors, and the most memory of all its processes, in MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Frames:
    """The finished picture of the film, as an encoder reads it: every frame raw in one file."""

    path: Path
    line: Timeline

    def source(self) -> Any:
        """The graph's input."""
        return raw_input(self.line.size, self.line.fps, str(self.path))


def frames(given: Given, folder: Path) -> Frames:
    """Paint the film's every frame once, captions included, for the floor to encode and for VMAF to compare with."""
    task = given.task()
    plan, shown = compositions(task)
    line, captioner, _ = film.lay_out(task, plan, shown)
    target = folder / "frames.yuv"
    with tempfile.TemporaryDirectory(dir=folder) as name, target.open("wb") as sink:
        sources = film.sources(task, plan, shown, Path(name))
        studio = Studio(plan.size, plan.rate, sources, RAW, captioner)
        for segment in line.segments:
            part = render_segment(segment, studio, Path(name) / f"{segment.start}.yuv")
            with part.open("rb") as source:
                shutil.copyfileobj(source, sink, 1 << 20)
            part.unlink()
    return Frames(target, line)


def by_floor(ready: Frames, target: Path) -> Run:
    """The encoder alone: ready frames in, one process, as many threads as it likes."""
    return watched("the encoder alone", command(ready.source().output(str(target), **FLOOR)), os.environ)


def by_renderer(given: Given, folder: Path, target: Path) -> Run:
    """The product's own job in a fresh copy of the home: picture, captions, sound, poster, the finished file."""
    home = folder / "copy"
    shutil.copytree(given.home, home)
    try:
        words = [sys.executable, "-P", "-m", "functions.render.job", given.pipeline, LAST_STEP, "1"]
        taken = watched("the renderer", words, environment(home))
        task = given.task(home)
        if task.step.state != "done":
            raise MakerFailed(f"the renderer left its step {task.step.state}: {task.step.failure}")
        with task.context.objects.open(production.film_of(task)["video.mp4"]) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    finally:
        shutil.rmtree(home)
    return taken


def by_moviepy(specification: Path, target: Path) -> Run:
    """By moviepy 2, after the same specification."""
    words = [sys.executable, "-P", "-m", "scripts.benchmarks.film.moviepy_film", str(specification), str(target)]
    return watched("moviepy", words, {**os.environ, "PYTHONPATH": str(ROOT)})


def vmaf(ready: Frames, video: Path) -> float:
    """How near a video is to the frames it was made of: 100 where nobody sees a difference."""
    seen, meant = (
        one.filter("settb", "AVTB").filter("setpts", "PTS-STARTPTS")
        for one in (ffmpeg.input(str(video))["v"], ready.source())
    )
    graph = ffmpeg.filter([seen, meant], "libvmaf", n_subsample=5, n_threads=2).output("-", format="null")
    said = run(graph, f"compare {video.name} with its frames", loglevel="info")
    return float(said.rsplit("VMAF score: ", 1)[1].split()[0])


def watched(name: str, words: Sequence[str], env: Mapping[str, str]) -> Run:
    """Run a maker to its end. MakerFailed when it fails."""
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        peak, over = [0], threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peak, over))
        watcher.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            over.set()
            watcher.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        if process.returncode:
            log.seek(0)
            raise MakerFailed(f"{name} ended with {process.returncode}: {log.read()[-2000:].decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, peak[0] * _PAGE / 1e6)


def _watch(root: int, peak: list[int], over: threading.Event) -> None:
    """Keep the most pages that a process and its children have held at one moment."""
    while not over.wait(SAMPLE_SECONDS):
        peak[0] = max(peak[0], sum(_pages(process) for process in family(root)))


def _pages(process: int) -> int:
    """Pages of memory that are a process's own: what it shares, such as libraries, is there once."""
    try:
        words = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(words[1]) - int(words[2]) if len(words) > 2 else 0
