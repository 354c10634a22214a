"""Live progress on a terminal, or one line per step where there is none."""

import shutil
import sys
import time
from typing import TextIO

from common.domain.pipeline import Pipeline

WORDS = {
    "analyze": "reading the request",
    "direct": "writing the plan",
    "budget": "choosing engines",
    "approve": "accepting the plan",
    "generate_visual": "drawing scenes",
    "generate_narration": "speaking",
    "generate_music": "composing music",
    "generate_effects": "designing effects",
    "render": "rendering",
    "inspect": "measuring the film",
    "review": "reviewing",
    "deliver": "delivering",
}


class Progress:
    """Shows each step once it is done, with its time, and what is in progress meanwhile."""

    def __init__(self, out: TextIO = sys.stderr):
        self._out = out
        self._live = out.isatty()
        self._begun = time.monotonic()
        self._shown: set[str] = set()

    def show(self, pipeline: Pipeline) -> None:
        """Bring the display up to date."""
        steps: dict[str, list[bool]] = {}
        for part in pipeline.parts.values():
            steps.setdefault(part.step, []).append(part.state in ("done", "failed"))
        for step, done in steps.items():
            if all(done) and step not in self._shown:
                self._shown.add(step)
                count = f" ({len(done)})" if len(done) > 1 else ""
                self._line(f"{self._clock()}  {WORDS.get(step, step)}{count}")
        current = next((step for step, done in steps.items() if not all(done)), "")
        if self._live and current and not pipeline.settled:
            done = steps[current]
            count = f" {sum(done)}/{len(done)}" if len(done) > 1 else ""
            self._status(f"{self._clock()}  {pipeline.progress:4.0%}  {WORDS.get(current, current)}{count} ...")

    def close(self) -> None:
        """Leave a clean line."""
        if self._live:
            self._status("")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._begun:6.1f} s"

    def _line(self, text: str) -> None:
        if self._live:
            self._status("")
        print(text, file=self._out, flush=True)

    def _status(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._out.write(f"\r\033[K{text[:width]}")
        self._out.flush()
