"""Engines that answer at once or not at all, and the books of those that bill: the truth outside of our store."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent

from common.domain.findings import Finding, Review
from common.domain.money import micros
from common.domain.plan import Plan, Scene
from common.domain.speech import Narration, Word
from common.engine.invariants import Violation
from common.media.composition import Backdrop, Composition
from common.providers.errors import ProviderUnavailable, Refused, Throttled
from common.providers.planner.port import Brief
from common.providers.registry import Listing
from common.providers.reviewer.port import Evidence
from scripts.simulation.scheduler import Actor, Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

NONSENSE = "simulated nonsense"

LISTINGS = (
    Listing("planner", "paid-planner", "scripts.simulation.providers:PaidPlanner", secret="planner-key"),  # noqa: S106
    Listing("planner", "local-planner", "scripts.simulation.providers:FreePlanner"),
    Listing("visuals", "local-visuals", "scripts.simulation.providers:Visuals"),
    Listing("voice", "local-voice", "scripts.simulation.providers:Voice"),
    Listing("music", "local-music", "scripts.simulation.providers:Music"),
    Listing("effects", "local-effects", "scripts.simulation.providers:Effects"),
    Listing("reviewer", "local-reviewer", "scripts.simulation.providers:Reviewer"),
)


@dataclass
class Bill:
    """One call as the provider's books have it."""

    pipeline_id: str
    key: str
    amount: int
    process: Process
    answered: bool = False


class Book:
    """What paid providers were asked for and billed."""

    def __init__(self) -> None:
        self.bills: dict[tuple[str, str], Bill] = {}
        self.found: list[Violation] = []

    def open(self, pipeline_id: str, key: str, amount: int, process: Process) -> Bill:
        """Take a call under its key; a second one under the same key is work done and paid twice."""
        if (pipeline_id, key) in self.bills:
            self.found.append(Violation("one external call per key", pipeline_id, f"{key} was submitted again"))
        return self.bills.setdefault((pipeline_id, key), Bill(pipeline_id, key, amount, process))


class Engine:
    """What all engines share: they take time, and they may say no."""

    version = "1"
    quality = 0.7
    paid = False
    seconds = (0.1, 30.0)

    def __init__(self, world: "World", key: str = ""):
        self._world = world

    @classmethod
    def price(cls, size: float) -> int:
        """Free engines cost nothing."""
        return 0

    def _work(self, what: str) -> None:
        """Take a while, unless something goes wrong."""
        self._trouble(what)
        self._world.scheduler.pause(self._world.chance.spread(*self.seconds))

    def _trouble(self, what: str, spent: int = 0) -> None:
        world, process = self._world, _process()
        strike, chance, now = world.faults.strike, world.chance, world.scheduler.now
        if strike("throttle"):
            seconds = chance.spread(0.5, 900.0)
            world.trace.note(now, process.label, "%s is too busy for %.1f s", what, seconds)
            raise Throttled(f"{what} is too busy", retry_after=seconds)
        if strike("away"):
            world.trace.note(now, process.label, "%s is away", what)
            raise ProviderUnavailable(f"{what} is away", spent)
        if strike("decline"):
            world.trace.note(now, process.label, "%s refuses", what)
            raise Refused(f"{what} does not make this", spent)
        if strike("nonsense"):
            world.trace.note(now, process.label, "%s breaks", what)
            raise RuntimeError(f"{NONSENSE} of {what}")
        if strike("hang"):
            seconds = chance.spread(60.0, 7200.0)
            world.trace.note(now, process.label, "%s hangs for %.0f s", what, seconds)
            world.scheduler.pause(seconds)


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
        return micros(0.02)

    def metered(self, brief: Brief) -> Written:
        """A plan and what it cost."""
        amount = bill_of(self._world, self.price(1.0))
        self._trouble(self.name)
        bill = submit(self._world, self.name, amount)
        self._world.scheduler.pause(self._world.chance.spread(*self.seconds))
        if self._world.faults.strike("away"):
            bill.answered = True
            raise ProviderUnavailable(f"{self.name} broke off, and bills what it did", amount)
        bill.answered = True
        return Written(_plan(self._world, brief, self.name), amount)


class Visuals(Engine):
    """Empty pictures."""

    name = "local-visuals"

    def stage(self, plan: Plan, index: int) -> Composition:
        """The picture of a scene."""
        self._work(self.name)
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

    def compose(self, mood: str, style: str, seconds: float, seed: int) -> bytes:
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


def bill_of(world: "World", estimate: int) -> int:
    """What a paid call really costs: less than estimated, or more."""
    if world.faults.strike("overcharge"):
        return int(estimate * world.chance.between(1.0, 2.5))
    return int(estimate * world.chance.between(0.2, 1.0))


def submit(world: "World", name: str, amount: int) -> Bill:
    """Enter a call into the provider's books, under the intent that must stand in the ledger before it."""
    process = _process()
    pipeline_id, step_key = process.subject
    seen = world.witness.seen[pipeline_id]
    intents = [
        row.key
        for row in seen.ledger.values()
        if row.step_key == step_key
        and row.state == "submitted"
        and row.engine == name
        and (pipeline_id, row.key) not in world.book.bills
    ]
    world.trace.note(world.scheduler.now, process.label, "%s takes %s and bills %s", name, intents, amount)
    if not intents:
        world.book.found.append(
            Violation("intent before call", pipeline_id, f"{step_key} called {name} without a word in the ledger")
        )
    key = intents[-1] if intents else f"{step_key}.{name}.unknown"
    return world.book.open(pipeline_id, key, amount, process)


def _process() -> Process:
    actor = getcurrent()
    assert isinstance(actor, Actor)
    return actor.process


def _plan(world: "World", brief: Brief, planner: str) -> Plan:
    count = 1 + world.chance.below(3)
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
