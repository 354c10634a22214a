"""`scripts/bench export`: what an export of a large result takes, next to a plain copy of the file.

The function `export_pipeline` runs as on Cloud Run, alone in a process of functions-framework; a client fetches the
archive over HTTP into a file. The growth is of the serving process's memory: its peak while it sends, less what it held
before, after a first and small export.
"""

import argparse
import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from common import runtime
from common.domain.pipeline import Outcome
from common.domain.request import PipelineRequest
from common.domain.settings import Settings
from common.engine import control, worker
from common.engine.context import Context
from functions.catalogue import CATALOGUE
from scripts.local.token import issue

ROOT = Path(__file__).resolve().parents[2]
BLOCK = 1 << 20  # bytes
MEGABYTE = 1_000_000
START_SECONDS = 60.0
SAMPLE_SECONDS = 0.02


@dataclass(frozen=True)
class Figures:
    """What was measured, in megabytes and seconds."""

    megabytes: float
    seconds: float
    megabytes_per_second: float
    copy_seconds: float
    copy_megabytes_per_second: float
    ratio: float
    before_megabytes: float
    peak_megabytes: float
    growth_megabytes: float


def measure(size: int, folder: Path, *, sparse: bool = False) -> Figures:
    """Export a result of that many bytes and look at the process that sends it. A sparse one takes no disk space."""
    port = _free_port()
    settings = Settings(home=folder / "home", public_url=f"http://127.0.0.1:{port}")
    context = runtime.build(CATALOGUE, settings)
    small, large = (_finished(context, made, sparse=sparse) for made in (100_000, size))
    token = issue("bench", "user", settings)
    video = settings.home / "objects" / "data" / f"delivery/{large}/video.mp4"
    target = folder / "export.zip"
    _copy(video, target)  # so that neither of the two that count is the first to touch the machine's memory
    target.unlink()
    with _serving(settings, port) as process:
        for _ in range(3):
            _fetch(port, small, token, target)
        before = _resident(process)
        with _watched(process) as peak:
            began = time.perf_counter()
            _fetch(port, large, token, target)
            seconds = time.perf_counter() - began
    _verify(target, size)
    target.unlink()
    copied = _copy(video, target)
    return Figures(
        megabytes=round(size / MEGABYTE, 1),
        seconds=round(seconds, 3),
        megabytes_per_second=round(size / MEGABYTE / seconds, 1),
        copy_seconds=round(copied, 3),
        copy_megabytes_per_second=round(size / MEGABYTE / copied, 1),
        ratio=round(seconds / copied, 2),
        before_megabytes=round(before / MEGABYTE, 1),
        peak_megabytes=round(max(peak) / MEGABYTE, 1),
        growth_megabytes=round((max(peak) - before) / MEGABYTE, 1),
    )


def _copy(video: Path, target: Path) -> float:
    """Seconds that a plain copy takes."""
    began = time.perf_counter()
    with video.open("rb") as source, target.open("wb", buffering=0) as sink:
        shutil.copyfileobj(source, sink, BLOCK)
    return time.perf_counter() - began


def _finished(context: Context, size: int, *, sparse: bool) -> str:
    """A completed pipeline whose video has that many bytes."""
    pipeline_id = control.submit(context, PipelineRequest(content="What an export takes"), "bench").id
    key = f"delivery/{pipeline_id}/video.mp4"
    source = context.settings.home / "source"
    with source.open("wb") as sink:
        if sparse:
            sink.truncate(size)
        else:
            block = os.urandom(BLOCK)  # which nothing on the way can make smaller
            for _ in range(size // BLOCK):
                sink.write(block)
            sink.write(block[: size % BLOCK])
    path = context.settings.home / "objects" / "data" / key
    path.parent.mkdir(parents=True)
    source.replace(path)
    done = Outcome(complete={"files": {"video.mp4": key}, "bytes": size})
    said = worker.deliver(context, lambda _: done, pipeline_id, control.FIRST_STEP)
    if said != "done":
        raise RuntimeError(f"the pipeline to export could not be made: {said}")
    context.objects.stat(key)  # its checksum is taken once, and not by the request
    return pipeline_id


@contextlib.contextmanager
def _serving(settings: Settings, port: int) -> Iterator[int]:
    """The function in processes of functions-framework; the id of the one that answers."""
    words = ["-m", "functions_framework", "--target", "export_pipeline", "--source", "functions/main.py"]
    environment = {**os.environ, **settings.environment(), "PYTHONPATH": str(ROOT), "WORKERS": "1"}
    with (settings.home / "server.log").open("wb") as log:
        parent = subprocess.Popen(
            [sys.executable, *words, "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _wait(port, parent, settings.home / "server.log")
            yield _children(parent.pid)[-1]
        finally:
            parent.terminate()
            parent.wait(30)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
            with contextlib.closing(connection):
                connection.request("GET", "/pipeline/none/export")
                connection.getresponse().read()
                return
        time.sleep(0.1)
    raise RuntimeError(f"the function did not start: {log.read_text()[-2000:]}")


def _fetch(port: int, pipeline_id: str, token: str, target: Path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    with contextlib.closing(connection), target.open("wb", buffering=0) as sink:
        path = f"/pipeline/{pipeline_id}/export?format=zip"
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"the export was answered {answer.status}: {answer.read()[:2000]!r}")
        block = memoryview(bytearray(BLOCK))
        while size := answer.readinto(block):
            sink.write(block[:size])


def _verify(target: Path, size: int) -> None:
    with zipfile.ZipFile(target) as archive:
        if archive.getinfo("video.mp4").file_size != size or (broken := archive.testzip()):
            raise RuntimeError(f"the archive is not whole: {broken or 'the video has another size'}")


@contextlib.contextmanager
def _watched(process: int) -> Iterator[list[int]]:
    """Memory of a process, looked at all the time; its own peak counts too, where that is a new one."""
    seen, over = [_resident(process)], threading.Event()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            seen.append(_resident(process))

    highest = _resident(process, "VmHWM")
    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
        if _resident(process, "VmHWM") > highest:
            seen.append(_resident(process, "VmHWM"))
    finally:
        over.set()
        watcher.join()


def _resident(process: int, field: str = "VmRSS") -> int:
    """Bytes of memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(f"{field}:"))


def _children(parent: int) -> list[int]:
    """Processes that another one started, or it itself where it started none."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(one) for one in listed] or [parent]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shown(figures: Figures) -> str:
    return "\n".join(
        [
            f"export of a result of {figures.megabytes:.0f} MB as a ZIP file, over HTTP into a file",
            f"  export     {figures.megabytes_per_second:8.0f} MB/s   {figures.seconds:.2f} s",
            f"  plain copy {figures.copy_megabytes_per_second:8.0f} MB/s   {figures.copy_seconds:.2f} s",
            f"  ratio      {figures.ratio:8.2f}",
            f"  memory     {figures.growth_megabytes:8.1f} MB grown, from {figures.before_megabytes:.0f} MB"
            f" to {figures.peak_megabytes:.0f} MB at the peak",
        ]
    )


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench export", description="What an export of a large result takes.")
    parser.add_argument("--megabytes", type=int, default=2000, help="of the video (millions of bytes)")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    if asked.megabytes < 1:
        parser.error("--megabytes must be at least 1")
    with tempfile.TemporaryDirectory(prefix="bench-export-") as folder:
        figures = measure(asked.megabytes * MEGABYTE, Path(folder))
    print(json.dumps(asdict(figures)) if asked.json else _shown(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
