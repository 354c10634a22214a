"""Who makes the film, each as a process that is watched: what it took, and the video it left."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ffmpeg

from common.engine import production
from common.media.encoder import COLOUR
from common.media.ffmpeg import command, run
from common.media.pool import Pool
from common.media.segments import Studio, frames_of
from common.media.timeline import Timeline
from functions.render import film
from scripts.benchmarks.film.specification import LAST_STEP, ROOT, Given, compositions, environment
from scripts.chaos_monkey.servers import family

SAMPLE_SECONDS = 0.1
JOB = b"functions.render.job"
_TICKS = os.sysconf("SC_CLK_TCK")
FLOOR = {"vcodec": "libx264", "preset": "veryfast", "crf": 20, "pix_fmt": "yuv420p"}


class MakerFailed(Exception):
    """A maker ended without a video; the text says which and how."""


@dataclass(frozen=True)
class Run:
    """What one making took: seconds of the clock and of processors; the most memory and temporary disk, in MB.

    `render` is the render job's part of the processors' seconds, where the maker starts one.
    """

    wall: float
    cpu: float
    peak: float
    disk: float = 0.0
    render: float = 0.0


@dataclass(frozen=True)
class Frames:
    """The finished picture of the film, as an encoder reads it: every frame raw in one file."""

    path: Path
    line: Timeline

    def source(self) -> Any:
        """The graph's input."""
        shape = f"{self.line.size.width}x{self.line.size.height}"
        return ffmpeg.input(str(self.path), f="rawvideo", pix_fmt="yuv420p", s=shape, r=self.line.fps, **COLOUR)


def frames(given: Given, folder: Path) -> Frames:
    """Paint the film's every frame once, captions included, for the floor to encode and for VMAF to compare with."""
    task = given.task()
    plan, shown = compositions(task)
    line, captioner, profile = film.lay_out(task, plan, shown)
    target = folder / "frames.yuv"
    with tempfile.TemporaryDirectory(dir=folder) as name, target.open("wb") as sink:
        sources = film.sources(task, plan, shown, Path(name))
        studio, pool = Studio(plan.size, plan.rate, sources, profile, captioner), Pool(sources, most=2)
        for segment in line.segments:
            for frame in frames_of(segment, studio, pool):
                sink.write(frame.data)
        pool.close()
    return Frames(target, line)


def by_floor(ready: Frames, target: Path) -> Run:
    """The encoder alone: ready frames in, one process, as many threads as it likes."""
    return watched("the encoder alone", command(ready.source().output(str(target), **FLOOR)), os.environ)


def by_renderer(given: Given, folder: Path, target: Path) -> Run:
    """The product's own job in a fresh copy of the home: picture, captions, sound, poster, the finished file."""
    home = folder / "copy"
    shutil.copytree(given.home, home)
    try:
        taken = render(given, home)
        task = given.task(home)
        with task.context.objects.open(production.film_of(task)["video.mp4"]) as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    finally:
        shutil.rmtree(home)
    return taken


def parts(given: Given, folder: Path) -> dict[str, float]:
    """Processor seconds of the renderer by what it spends them on, from a run of its own."""
    home = folder / "copy"
    shutil.copytree(given.home, home)
    try:
        words = [sys.executable, "-P", "-m", "scripts.benchmarks.film.parts", given.pipeline, LAST_STEP]
        made = subprocess.run(words, cwd=ROOT, env=environment(home), capture_output=True, text=True)
    finally:
        shutil.rmtree(home)
    if made.returncode:
        raise MakerFailed(f"the renderer ended with {made.returncode}: {made.stderr[-2000:]}")
    return {str(part): float(seconds) for part, seconds in json.loads(made.stdout.splitlines()[-1]).items()}


def render(given: Given, home: Path) -> Run:
    """The product's own job in a home, whose step is done then."""
    words = [sys.executable, "-P", "-m", "functions.render.job", given.pipeline, LAST_STEP, "1"]
    temp = home / "temp" / "render"
    temp.mkdir(parents=True)
    taken = watched("the renderer", words, {**environment(home), "TMPDIR": str(temp)}, temp)
    step = given.task(home).step
    if step.state != "done":
        raise MakerFailed(f"the renderer left its step {step.state}: {step.failure}")
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


def watched(name: str, words: Sequence[str], env: Mapping[str, str], temp: Path | None = None) -> Run:
    """Run a maker to its end, with an eye on its memory and on what lies in `temp`. MakerFailed when it fails."""
    with tempfile.TemporaryFile() as log:
        began = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        most, over = _Most(), threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, temp, most, over))
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
    jobs = sum(most.jobs.values())
    return Run(wall, usage.ru_utime + usage.ru_stime, most.memory / 1e6, most.disk / 1e6, jobs)


@dataclass
class _Most:
    """The most bytes seen at one moment, and the last seen of each render job's seconds."""

    memory: int = 0
    disk: int = 0
    jobs: dict[int, float] = field(default_factory=dict)


def _watch(root: int, temp: Path | None, most: _Most, over: threading.Event) -> None:
    while not over.wait(SAMPLE_SECONDS):
        processes = family(root)
        most.memory = max(most.memory, sum(_memory(process) for process in processes))
        most.jobs |= {process: seconds for process in processes if (seconds := _rendering(process)) is not None}
        if temp is not None:
            most.disk = max(most.disk, _disk(temp))


def _memory(process: int) -> int:
    """A process's proportional set size: its own pages, and its share of those that it has in common with others."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:")), 0)


def _rendering(process: int) -> float | None:
    """Processor seconds of a render job and the children that it waited for; None for any other process."""
    try:
        if JOB not in Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0"):
            return None
        numbers = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return sum(int(ticks) for ticks in numbers[11:15]) / _TICKS


def _disk(folder: Path) -> int:
    """Bytes of the files in a folder and below, but for links to files of the store, which take no room."""
    taken = 0
    for inside, _, names in os.walk(folder):  # which passes over what goes while it looks
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found = Path(inside, name).lstat()
                taken += found.st_blocks * 512 if found.st_nlink == 1 else 0
    return taken
