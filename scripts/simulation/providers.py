"""Engines that answer at once or not at all, and the planner that bills."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.domain.findings import Finding, Review
from common.domain.money import micros
from common.domain.plan import Plan, Scene
from common.domain.speech import Narration, Word
from common.media.composition import Backdrop, Composition
from common.providers.errors import ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.planner.port import Brief
from common.providers.registry import Listing
from common.providers.reviewer.port import Evidence
from scripts.simulation.books import real_price
from scripts.simulation.scheduler import process_here

if TYPE_CHECKING:
    from scripts.simulation.world import World

NONSENSE = "simulated nonsense"

LISTINGS = (
    Listing("planner", "paid-planner", "scripts.simulation.providers:PaidPlanner", secret="planner-key"),  # noqa: S106
    Listing("planner", "local-planner", "scripts.simulation.providers:FreePlanner"),
    Listing("visuals", "paid-visuals", "scripts.simulation.operations:PaidVisuals", secret="visuals-key"),  # noqa: S106
    Listing("visuals", "local-visuals", "scripts.simulation.providers:Visuals"),
    Listing("voice", "local-voice", "scripts.simulation.providers:Voice"),
    Listing("music", "local-music", "scripts.simulation.providers:Music"),
    Listing("effects", "local-effects", "scripts.simulation.providers:Effects"),
    Listing("reviewer", "local-reviewer", "scripts.simulation.providers:Reviewer"),
)


class Engine:
    """What all engines share: they take time, and they may say no."""

    version = "1"
    quality = 0.7
    paid = False
    patience = math.inf  # seconds after which our client breaks off a request

    def __init__(self, world: "World", key: str = ""):
        self._world = world

    @classmethod
    def price(cls, size: float) -> int:
        """Free engines cost nothing."""
        return 0

    def _work(self, what: str) -> None:
        """Take a while, unless something goes wrong."""
        late = self._world.chance.happens(0.5)  # whether trouble shows at once or after a while
        if not late:
            self._trouble(what)
        self._world.scheduler.pause(self._world.chance.spread(*self._world.pace))
        stalled = self._world.stall(what)
        if late or stalled:
            self._trouble(what, sure=stalled and self._world.chance.happens(0.5))

    def _trouble(self, what: str, *, sure: bool = False, meanwhile: Callable[[], object] | None = None) -> None:
        """Something goes wrong, perhaps; when `sure`, one of what a provider may answer.

        `meanwhile` is what a request does that hangs and is heard all the same.
        """
        world, process = self._world, process_here()
        chance, now = world.chance, world.scheduler.now
        chosen = chance.one(("throttle", "away", "decline")) if sure else ""

        def strike(kind: str) -> bool:
            return kind == chosen or world.faults.strike(kind)

        if strike("throttle"):
            seconds = chance.spread(0.5, 900.0)
            world.trace.note(now, process.label, "%s is too busy for %.1f s", what, seconds)
            raise Throttled(f"{what} is too busy", retry_after=seconds)
        if strike("away"):
            world.trace.note(now, process.label, "%s is away", what)
            raise ProviderUnavailable(f"{what} is away")
        if strike("decline"):
            world.trace.note(now, process.label, "%s refuses", what)
            raise Refused(f"{what} does not make this")
        if strike("nonsense"):
            world.trace.note(now, process.label, "%s breaks", what)
            raise RuntimeError(f"{NONSENSE} of {what}")
        if strike("hang"):
            seconds = chance.spread(60.0, 7200.0)
            world.trace.note(now, process.label, "%s hangs for %.0f s", what, seconds)
            self._hang(what, seconds, meanwhile)

    def _hang(self, what: str, seconds: float, meanwhile: Callable[[], object] | None) -> None:
        """No answer for so long, or until our client breaks off."""
        world, limit = self._world, min(seconds, self.patience)
        if meanwhile is not None and world.chance.happens(0.5):
            heard = world.chance.between(0.0, limit)
            world.scheduler.pause(heard)
            meanwhile()
            limit -= heard
        world.scheduler.pause(limit)
        if seconds >= self.patience:
            raise Unanswered(f"{what} did not answer in time")


class FreePlanner(Engine):
    """Plans of one to three scenes."""

    name = "local-planner"
    quality = 0.6

    def direct(self, brief: Brief) -> Plan:
        """A plan."""
        self._work(self.name)
        return _plan(self._world, brief, self.name)


@dataclass(frozen=True)
class Written:
    """A plan with its price, as the paid planner answers."""

    plan: Plan
    micros: int
    tokens_in: int = 100
    tokens_out: int = 200


class PaidPlanner(Engine):
    """A planner that bills every call it takes and can be asked for nothing afterwards."""

    name = "paid-planner"
    quality = 0.9
    paid = True

    @classmethod
    def price(cls, size: float) -> int:
        """The estimate of a call."""
        return micros(0.004)

    def metered(self, brief: Brief) -> Written:
        """A plan and what it cost."""
        amount = real_price(self._world, self.price(1.0))
        self._trouble(self.name)
        bill = self._world.book.submit(self._world, self.name, amount)
        self._world.scheduler.pause(self._world.chance.spread(*self._world.pace))
        if self._world.faults.strike("away"):
            bill.heard = process_here()
            raise ProviderUnavailable(f"{self.name} broke off, and bills what it did", amount)
        bill.heard = process_here()
        return Written(_plan(self._world, brief, self.name), amount)


class Visuals(Engine):
    """Empty pictures."""

    name = "local-visuals"
    quality = 0.5

    def stage(self, plan: Plan, index: int, _drawing: str | None = None) -> Composition:
        """The picture of a scene."""
        self._work(self.name)
        return self.compose(plan, index)

    @staticmethod
    def compose(plan: Plan, index: int) -> Composition:
        """A bare ground."""
        size, frames = plan.size, plan.scenes[index].frames
        ground = Backdrop(kind="mesh", colours=("#000000", "#111111"), mark="#222222")
        return Composition(width=size.width, height=size.height, fps=plan.fps, frames=frames, backdrop=ground)


class Voice(Engine):
    """A voice of one word."""

    name = "local-voice"

    def speak(self, text: str, lang: str, voice: str, seed: int, fit: float | None = None) -> tuple[bytes, Narration]:
        """Sound and words."""
        self._work(self.name)
        word = Word(text=text, start=0.0, end=1.0)
        return text.encode(), Narration(seconds=1.0, words=(word,), engine=self.name, version="1", lang=lang)


class Music(Engine):
    """A short tune."""

    name = "local-music"

    def compose(self, mood: str, style: str, seconds: float, seed: int, cuts: Sequence[float] = ()) -> bytes:
        """Sound."""
        self._work(self.name)
        return f"{mood} {seed}".encode()


class Effects(Engine):
    """A few clicks."""

    name = "local-effects"

    def design(self, cues: Sequence[Any], seconds: float, seed: int) -> bytes:
        """Sound."""
        self._work(self.name)
        return f"{len(cues)} {seed}".encode()


class Reviewer(Engine):
    """A judge who is rarely displeased."""

    name = "local-reviewer"

    def review(self, plan: Plan, evidence: Evidence, strictness: float = 1.0) -> Review:
        """A verdict."""
        self._work(self.name)
        if not self._world.faults.strike("flaw"):
            return Review(quality=0.97, engine=self.name, version="1")
        scene = self._world.chance.one(plan.scenes)
        finding = Finding(code="missing_scene", detail="It is not what was asked.", scene=scene.id)
        return Review(quality=self._world.chance.between(0.3, 0.8), findings=(finding,), engine=self.name, version="1")


def _plan(world: "World", brief: Brief, planner: str) -> Plan:
    count = world.chance.one((1, 1, 2, 2, 3))
    frames = 150
    scenes = tuple(
        Scene(id=f"s{number}", kind="statement", narration=f"{brief.content[:40]} {number}", headline="", frames=frames)
        for number in range(1, count + 1)
    )
    return Plan(
        title=brief.title or brief.content[:20],
        lang=brief.lang,
        aspect=brief.aspect,
        resolution=brief.resolution,
        planner=planner,
        seed=brief.seed,
        scenes=scenes,
    )
