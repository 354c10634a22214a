"""`aiprod run`: make one video here, showing what happens, and hand it over only when it passed its checks."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.domain import outputs
from common.domain.pipeline import Pipeline
from common.domain.settings import Settings
from common.engine import control
from common.engine.decisions import INTERNAL
from common.observability import logs
from common.platform.objects import StorageFull
from functions.catalogue import CATALOGUE
from scripts.local import emulators, intake
from scripts.local.progress import Progress
from scripts.local.refusal import Refusal
from scripts.local.world import World

USER = "local"
SPACE = 50_000_000  # bytes that a short video and its artefacts take
LAST_SPACE = 1_000_000
STUCK_SECONDS = 5.0
USUAL = frozenset({*outputs.ALWAYS, "manifest.json"})  # files that stay in the state folder, but for the video


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make the video; 0 only when it passed its checks and lies at the output path."""
    begun = time.monotonic()
    if options.output:
        intake.check_output(Path(options.output))
    settings.home.mkdir(parents=True, exist_ok=True)
    _check_space(settings, SPACE)
    logs.configure((settings.home / "aiprod.log").open("a", encoding="utf-8"))
    with emulators.beside(settings) as settings, World(settings) as world:
        request = intake.body(options, world.context.objects)
        with _interruptible():
            accepted = _call(world, "POST", "/pipeline/run", request)
            pipeline = _follow(world, accepted["id"])
        if pipeline.status != "completed":
            return _fail(options, pipeline, _reason(pipeline, settings))
        result = pipeline.result or {}
        target = intake.output_of(options, result["title"])
        if not options.output:
            intake.check_output(target)
        _place(world, result["files"]["video.mp4"], target)
        asked = [name for name in result["files"] if name not in USUAL and not name.startswith("evidence-")]
        beside = {name: target.parent / f"{target.stem}.{name}" for name in asked}
        for name, path in beside.items():
            path.parent.mkdir(exist_ok=True)
            _place(world, result["files"][name], path)
    report = {
        "ok": True,
        "id": pipeline.id,
        "path": str(target.resolve()),
        "title": result["title"],
        "duration": result["seconds"],
        "width": result["width"],
        "height": result["height"],
        "size": target.stat().st_size,
        "sha256": result["sha256"],
        "cost": result["cost"]["dollars"],
        "quality": result["quality"],
        "degraded": result["degraded"],
        "notes": result["notes"],
        "segments": result["segments"],
        "rendered": result["rendered"],
        "files": _paths(settings, result["files"]),
        "beside": [str(path.resolve()) for path in beside.values()],
        "seconds": round(time.monotonic() - begun, 2),
    }
    _show(report, options)
    return 0


def _call(world: World, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One request through the same boundary as any client's; a problem becomes one sentence."""
    answer = world.request(method, path, body, user=USER)
    if answer.status_code < 400:
        return answer.json
    problem = answer.json or {}
    details = [error["detail"] for error in problem.get("errors", [])] or [problem.get("detail", "the request failed.")]
    raise Refusal(" ".join(details), code=2 if answer.status_code < 500 else 1)


def _follow(world: World, pipeline_id: str) -> Pipeline:
    progress = Progress()
    seen, moved = None, time.monotonic()
    try:
        while True:
            pipeline = control.load(world.context, pipeline_id)
            progress.show(pipeline)
            if pipeline != seen:
                seen, moved = pipeline, time.monotonic()
            elif time.monotonic() - moved > STUCK_SECONDS:
                _check_space(world.settings, LAST_SPACE)  # a full store cannot even record that it is full
            if pipeline.settled:
                return pipeline
            if pipeline.status == "awaiting_approval":
                progress.close()
                _ask(world, pipeline)
            time.sleep(0.1)
    except KeyboardInterrupt:
        progress.close()
        try:
            control.cancel(world.context, pipeline_id, by=USER)
        except control.AlreadyEnded:
            return control.load(world.context, pipeline_id)  # it was a moment faster
        raise Refusal(f"stopped; pipeline {pipeline_id} is cancelled.", code=130) from None
    finally:
        progress.close()


def _check_space(settings: Settings, least: int) -> None:
    free = shutil.disk_usage(settings.home).free
    if free < least:
        raise Refusal(
            f"the disk is full: {free / 1e6:.1f} MB are free where AIPROD keeps its state "
            f"({settings.home.resolve()}), and {least / 1e6:.0f} MB are needed; make room, or set AIPROD_HOME "
            "to another place.",
            code=1,
        )


def _ask(world: World, pipeline: Pipeline) -> None:
    """Show the plan and let the person decide."""
    shown = _call(world, "GET", f"/pipeline/{pipeline.id}")
    print(f"\nPlan: {shown['plan']['title']}", file=sys.stderr)
    for scene in shown["plan"]["scenes"]:
        seconds = scene["frames"] / shown["plan"]["fps"]
        print(f"  {scene['id']:>4} {seconds:5.1f} s  {scene['kind']:<10} {scene['headline']}", file=sys.stderr)
        print(f"                {scene['narration']}", file=sys.stderr)
    print("Make this video? [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().casefold()
    if answer in ("y", "yes"):
        _call(world, "POST", f"/pipeline/{pipeline.id}/approve", {})
    else:
        _call(world, "POST", f"/pipeline/{pipeline.id}/cancel")


def _place(world: World, key: str, target: Path) -> None:
    """Put the file at its path whole or not at all."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with world.context.objects.open(key) as source, partial.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        partial.replace(target)
    except OSError as error:
        raise Refusal(f"the video is made, but {target} could not be written ({error.strerror}).", code=1) from error
    except StorageFull as full:
        raise Refusal(str(full), code=1) from full
    finally:
        partial.unlink(missing_ok=True)


def _paths(settings: Settings, files: dict[str, str]) -> dict[str, str]:
    """Where the delivered files are kept."""
    if settings.profile != "embedded":
        return {name: f"gs://{settings.bucket}/{key}" for name, key in files.items()}
    root = (settings.home / "objects" / "data").resolve()
    return {name: str(root / key) for name, key in files.items()}


def _reason(pipeline: Pipeline, settings: Settings) -> str:
    error = pipeline.error
    if error is None:
        return f"the pipeline was {pipeline.status}."
    if error.code in INTERNAL:
        job = CATALOGUE.rules(error.step.partition(".")[0]).job
        log = (settings.home / ("jobs" if job else "aiprod.log")).resolve()
        return f"{error.step} failed inside ({error.detail}); {log} says more."
    return error.detail


def _fail(options: argparse.Namespace, pipeline: Pipeline, reason: str) -> int:
    print(f"aiprod: {reason}", file=sys.stderr)
    if options.json:
        report = {"ok": False, "id": pipeline.id, "status": pipeline.status, "error": reason}
        print(json.dumps(report, ensure_ascii=False))
    return 1


def _show(report: dict[str, Any], options: argparse.Namespace) -> None:
    reused = f", {report['segments'] - report['rendered']} of {report['segments']} segments reused"
    lines = [
        f"{report['path']}",
        f"{report['duration']:.2f} s, {report['width']}x{report['height']}, {report['size'] / 1e6:.1f} MB, "
        f"quality {report['quality']:.2f}, cost ${report['cost']:.2f}",
        *report["beside"],
        f"made in {report['seconds']:.1f} s{reused}; why: aiprod explain {report['id']}",
    ]
    print("\n".join(lines))
    for note in report["notes"]:
        print(f"note: {note}")
    if options.json:
        print(json.dumps(report, ensure_ascii=False))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM cancel the pipeline, also where a shell started us with Ctrl-C ignored."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
