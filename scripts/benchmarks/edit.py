"""`scripts/bench edit`: what another version of a finished film costs, beside the whole film.

The film is that of `scripts/bench render`. Each version is made by the whole product in a process of its own, from the
request or the edit to the delivered files: planning, voices, music, pictures, render, inspection and review. Encoded
frames are counted in the segments that were not there before.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

from common import runtime
from common.domain.frame import Resolution
from common.domain.settings import Settings
from common.engine import editing, store
from common.media.probe import probe
from common.platform.documents import Documents
from scripts.benchmarks.film import makers
from scripts.benchmarks.film.makers import MakerFailed, Run
from scripts.benchmarks.film.specification import SECONDS, asked, environment
from scripts.benchmarks.render import MEMORY

WORD = "indeed"  # that a scene of the mean length says or shows more
MUSIC = "marimba"
OTHER = ("--aspect", "9:16")


@dataclass(frozen=True)
class Version:
    """One version of the film: what was done, what it took, what of it was made and what was there already."""

    name: str
    cpu: float
    render: float
    wall: float
    segments: int
    encoded: int
    frames: int
    made: int
    shared: int


def measure(resolution: str, folder: Path, say: Callable[[str], None]) -> list[Version]:
    """Make the film, then other versions of it, all in one home, so that each finds what the ones before it left."""
    home, versions = folder / "home", list[Version]()

    def make(name: str, *words: str) -> str:
        before = segments(home)
        run = makers.watched(name, [sys.executable, "-P", "-m", *words], environment(home))
        documents = runtime.documents(Settings(home=home))
        pipeline = str(max(documents.query("pipelines"), key=lambda row: str(row.data["created_at"])).data["id"])
        versions.append(_version(name, run, [_frames(path) for path in segments(home) - before], documents, pipeline))
        say(shown(versions[-1:]))
        return pipeline

    first = make(
        "whole film", "scripts.local.cli", *asked(folder, resolution, SECONDS, "--output", str(folder / "film.mp4"))
    )
    plan = editing.held(runtime.documents(Settings(home=home)), first).plan
    scene = min(plan.scenes, key=lambda scene: abs(scene.frames - plan.frames / len(plan.scenes)))
    written = {"headline": f"{scene.headline} {WORD}"}
    spoken = {"narration": f"{scene.narration.rstrip('.')} {WORD}.", "headline": scene.headline}
    edits: dict[str, dict[str, Any]] = {
        "a word written": {"scenes": {scene.id: written}},
        "a word spoken": {"scenes": {scene.id: spoken}},
        "another music": {"music_style": MUSIC},
    }
    for name, edit in edits.items():
        make(name, "scripts.benchmarks.film.revised", first, json.dumps(edit))
    other = asked(folder, resolution, SECONDS, *OTHER, "--output", str(folder / "other.mp4"))
    make(" ".join(("the film", *OTHER)), "scripts.local.cli", *other)
    return versions


def segments(home: Path) -> frozenset[Path]:
    """Every encoded segment that a home holds."""
    return frozenset((home / "objects" / "data" / "segments").rglob("*.mp4"))


def _frames(segment: Path) -> int:
    video = probe(segment).video
    return video.frames if video else 0


def _version(name: str, run: Run, encoded: Sequence[int], documents: Documents, pipeline: str) -> Version:
    """What a pipeline's records say of the artefacts, beside what was measured."""
    facts = store.read(documents, pipeline).pipeline.facts
    works = [work for step in store.steps(documents, pipeline) for work in step.result.get("work", ())]
    made = sum(work["decision"] == "ran" for work in works)
    return Version(
        name, run.cpu, run.render, run.wall, facts["segments"], len(encoded), sum(encoded), made, len(works) - made
    )


def shown(versions: Sequence[Version]) -> str:
    """A line for each version."""
    return "\n".join(
        f"{one.name:<23} {one.cpu:7.1f} {one.render:7.1f} {one.wall:7.1f} {one.encoded:4} of {one.segments:3} "
        f"{one.frames:7} {one.made:5} {one.shared:7}"
        for one in versions
    )


def table(versions: Sequence[Version], resolution: str) -> str:
    """What a person reads."""
    whole = versions[0]
    return "\n".join(
        [
            f"{SECONDS} s of {resolution}, six scenes; render is the job's part of the processor's seconds,",
            "frames are those encoded, made and shared count artefacts",
            f"{'':<23} {'CPU s':>7} {'render':>7} {'wall s':>7} {'segments':>11} "
            f"{'frames':>7} {'made':>5} {'shared':>7}",
            shown(versions),
            *(
                f"{one.name}: {one.render / whole.render:.3f} of the whole film's render, "
                f"{one.cpu / whole.cpu:.3f} of all that was done for it"
                for one in versions[1:]
            ),
        ]
    )


def main(words: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench edit", description="Another version of a finished minute of film.")
    parser.add_argument("--resolution", default="1080p", choices=get_args(Resolution), help="default: 1080p")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-edit-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
            versions = measure(options.resolution, Path(folder), lambda said: print(said, file=sys.stderr, flush=True))
    except MakerFailed as failed:
        print(f"bench edit: {failed}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"seconds": SECONDS, "versions": [asdict(one) for one in versions]}))
    else:
        print(table(versions, options.resolution))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
