"""Where what is simulated is put in the place of what is real, for one run."""

import logging
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from common.engine import deliveries, heartbeat, store, worker
from common.platform.embedded import delivery
from common.platform.jobs import JobsUnavailable
from functions.render import job
from functions.steps import direct, generate_visual
from functions.steps import inspect as inspect_step
from scripts.simulation.hosts import context_here
from scripts.simulation.media import Studio
from scripts.simulation.providers import NONSENSE
from scripts.simulation.scheduler import Threads

if TYPE_CHECKING:
    from scripts.simulation.world import World


@contextmanager
def installed(world: "World", folder: Path) -> Iterator[None]:
    """Put what is simulated where the functions look for it, and take it away again."""
    studio = Studio(world)
    # One of its own: threads that other code of this process left behind would draw from the common one, too.
    chance = random.Random(world.seed)
    seams: list[tuple[Any, str, Any]] = [
        (
            heartbeat,
            "threading",
            Threads(world.scheduler, lambda: world.faults.strike("deaf"), lambda: world.stall("its end", "linger")),
        ),
        (job, "film", studio),
        (job, "runtime", SimpleNamespace(build=lambda _: context_here())),
        (job, "logs", SimpleNamespace(configure=lambda: None)),
        (inspect_step, "inspect", studio.inspect),
        (direct, "choose_look", studio.look),
        (generate_visual, "stage_clip", studio.stage),
        (tempfile, "tempdir", str(folder)),
        *((module, "random", chance) for module in (delivery, deliveries, store, worker)),
    ]
    with ExitStack() as stack:
        for module, name, value in seams:
            stack.enter_context(patch.object(module, name, value))
        for logger in ("common", "functions"):
            stack.enter_context(_heard(logging.getLogger(logger), Complaints(world)))
        yield


class Complaints(logging.Handler):
    """Hears of every exception that the engine did not foresee."""

    def __init__(self, world: "World"):
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        """Blame the world for it."""
        error = record.exc_info[1] if record.exc_info else None
        # The bus notes what it tries again, and engines may break.
        foreseen = isinstance(error, JobsUnavailable) or record.name.startswith("common.platform.embedded")
        if error is None or foreseen or NONSENSE in str(error):
            return
        where = f"{record.name}: {record.getMessage()}: {type(error).__name__}: {error}"
        self._world.blame("no unexpected error", str(getattr(record, "pipeline", "")), where)


@contextmanager
def _heard(logger: logging.Logger, handler: logging.Handler) -> Iterator[None]:
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
