"""The published specification: a minute of 1080p30 in six scenes, and everything its makers are given.

Six drawn pictures of 2560x1440 under a slow camera, a headline on a soft shade over each, crossfades, captions that
light up word by word, a narration, and music that gives way to it.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from common import runtime
from common.domain.plan import Plan
from common.domain.settings import Settings
from common.engine import production, store
from common.engine.task import Task
from common.media.composition import Composition
from functions.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
WIDTH, HEIGHT = 2560, 1440
LAST_STEP = "render"  # before it, everything that a renderer is given has been made
# One sentence a section: more would be written beside the picture, and it would fill half of the frame.
SCRIPT = """\
# Five places by the water

## The harbour before sunrise

Boats lie still in the harbour before sunrise, and the first gulls cross a sky of slate and rose while nobody hurries.

## Where the river bends

The river bends around an old stone mill, from whose wall children still jump on the long evenings of July before they
walk home barefoot.

## A bridge of seven arches

Seven arches carry the road across the valley, each built by another village, and every village claims that its own arch
is the finest.

## Light on the breakwater

At night a single lamp burns at the end of the breakwater, which was lit by hand for ninety years.

## The sea has the last word

Beyond the lamp there is only water, and it never leaves the same shore twice.
"""


class NotPrepared(Exception):
    """The film could not be brought up to its render; the text says what happened."""


@dataclass(frozen=True)
class Given:
    """A home in which the film waits for its render."""

    home: Path
    pipeline: str

    def task(self, home: Path | None = None) -> Task:
        """The step of the render, in this home or a copy of it."""
        context = runtime.build(CATALOGUE, Settings(home=home or self.home))
        found = store.read(context.documents, self.pipeline, LAST_STEP)
        assert found.step is not None
        return Task(context, found.pipeline, found.step)


def prepare(folder: Path, resolution: str, seconds: int = SECONDS) -> Given:
    """Have the product plan, draw, speak and compose the film in a home of its own, up to its render."""
    home, words = folder / "home", asked(folder, resolution, seconds)
    made = subprocess.run(
        [sys.executable, "-P", "-m", "scripts.local.cli", *words, "--output", str(folder / "unused.mp4")],
        cwd=ROOT,
        env={**environment(home), "AIPROD_FAIL_AT": f"after_claim:{LAST_STEP}"},
        capture_output=True,
        text=True,
    )
    if made.returncode != -signal.SIGKILL:  # which is how a process ends that reaches the point
        raise NotPrepared(f"the film did not get as far as its render: {(made.stderr or made.stdout)[-2000:]}")
    documents = runtime.build(CATALOGUE, Settings(home=home)).documents
    return Given(home, documents.query("pipelines")[0].path.rsplit("/", 1)[-1])


def asked(folder: Path, resolution: str, seconds: int, *more: str) -> list[str]:
    """The words that ask `aiprod` for the film, or for its first part; its files are written into the folder."""
    script, sections = folder / "script.md", SCRIPT.split("\n## ")
    sections = sections[: 1 + (len(sections) - 1) * seconds // SECONDS]
    pictures = [folder / f"picture{number}.jpg" for number in range(len(sections))]
    for number, path in enumerate(pictures):
        cv2.imwrite(str(path), picture(number)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    script.write_text("\n## ".join(sections), encoding="utf-8")
    words = ["run", "--script", str(script), "--preset", "brand_campaign", "--duration", str(seconds)]
    words += ["--budget", "0", "--resolution", resolution, *more]
    return words + [word for path in pictures for word in ("--media", str(path))]


def environment(home: Path) -> dict[str, str]:
    """What the product's processes need to work in a home."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("AIPROD_")}
    return {**rest, "PYTHONPATH": str(ROOT), "AIPROD_HOME": str(home)}


def compositions(task: Task) -> tuple[Plan, dict[str, Composition]]:
    """The plan, and the display list of every scene."""
    return production.plan_of(task), {
        scene: Composition.model_validate_json(task.context.objects.read(work["files"]["composition.json"]))
        for scene, work in production.work_of(task, "generate_visual").items()
    }


def picture(number: int) -> NDArray[np.uint8]:
    """A drawn landscape (1440, 2560, 3) of RGB: soft light, hard edges and fine grain, as photographs have them."""
    rng = np.random.default_rng(number)
    low, high = (np.array(rng.uniform(bottom, top, 3), np.float32) for bottom, top in ((0.05, 0.45), (0.5, 0.95)))
    down = np.linspace(0, 1, HEIGHT, dtype=np.float32)[:, None, None]
    scene = np.broadcast_to(high * (1 - down) + low * down, (HEIGHT, WIDTH, 3)).copy()
    for layer in range(5):  # ridges, each nearer, darker and rougher
        ridge = np.full(WIDTH, HEIGHT * (0.35 + 0.12 * layer))
        for octave in (1, 2, 5, 11, 23, 47):
            ridge += HEIGHT * 0.09 / octave * np.sin(np.linspace(0, 3.1 * octave, WIDTH) + rng.uniform(0, 6.3))
        shade = low * (0.95 - 0.14 * layer) + high * 0.12 * rng.random(3, dtype=np.float32)
        scene[np.arange(HEIGHT)[:, None] > ridge[None, :]] = shade
    detail = sum(
        cv2.resize(rng.normal(0, 0.5, (HEIGHT // size, WIDTH // size)).astype(np.float32), (WIDTH, HEIGHT)) * strength
        for size, strength in ((64, 0.05), (16, 0.04), (5, 0.035), (2, 0.02))
    )
    return np.asarray(np.clip((scene + np.asarray(detail)[..., None]) * 255, 0, 255), dtype=np.uint8)
