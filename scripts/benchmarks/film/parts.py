"""Where the render job's processor time goes: the job in this process, with a clock on each of its parts.

`python -m scripts.benchmarks.film.parts PIPELINE STEP` prints one JSON object: seconds by part, of the part's own
threads. What is in none of them, such as threads, fades and records, is `rest`.
"""

import json
import resource
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

BEGAN = time.process_time()  # before anything of the product is imported
TAKEN: dict[str, float] = defaultdict(float)
_adding = threading.Lock()


@contextmanager
def clock(part: str) -> Iterator[None]:
    """Count what this thread takes in the block."""
    before = time.thread_time()
    try:
        yield
    finally:
        took = time.thread_time() - before
        with _adding:
            TAKEN[part] += took


def clocked(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with its time counted."""

    def outer(*args: Any, **kwargs: Any) -> Any:
        with clock(part):
            return function(*args, **kwargs)

    return outer


def main(pipeline: str, step: str) -> int:
    """Render, and print what each part took."""
    # Importing is one of the parts.
    from common.media import captioner, encoder, painter, segments
    from functions.render import film, job

    TAKEN["imports"] = time.process_time() - BEGAN
    places: list[tuple[str, Any, str]] = [
        ("paint", painter.Painter, "frame"),
        ("prepare pictures", painter.Painter, "__init__"),
        ("captions", captioner.Captions, "put"),
        ("mix sound", film, "_sound"),
        ("join and poster", film, "_video"),
    ]
    for part, owner, name in places:
        setattr(owner, name, clocked(part, getattr(owner, name)))
    encoding = encoder.encoding

    @contextmanager
    def clocked_encoding(*args: Any, **kwargs: Any) -> Iterator[Callable[..., Any]]:
        with encoding(*args, **kwargs) as write:
            yield clocked("encode", write)
            flushing = time.thread_time()
        with _adding:
            TAKEN["encode"] += time.thread_time() - flushing

    setattr(segments, "encoding", clocked_encoding)  # noqa: B010 - a name that segments imported
    code = job.main(pipeline, step, 1)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    TAKEN["FFmpeg for sound and join"] = used.ru_utime + used.ru_stime
    TAKEN["rest"] = time.process_time() + TAKEN["FFmpeg for sound and join"] - sum(TAKEN.values())
    print(json.dumps({part: round(seconds, 2) for part, seconds in sorted(TAKEN.items(), key=lambda item: -item[1])}))
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
