"""Clients: they ask for videos, repeat themselves when nobody answers, approve plans, and change their minds."""

from typing import TYPE_CHECKING, Any

from scripts.simulation.scheduler import Process

if TYPE_CHECKING:
    from scripts.simulation.world import World

PATIENCE = 40  # requests of one kind until a client gives up


class Client:
    """One client with one wish."""

    def __init__(self, world: "World", number: int):
        chance = world.chance
        self.name = f"client{number}"
        self.pipeline_id = ""
        self.answers = 0
        self._world = world
        self._key = chance.id()
        self._wish: dict[str, Any] = {
            "content": f"A short film about the number {number} and what it stands for.",
            "preset": chance.one(("quick_social", "quick_social", "brand_campaign", "premium_spot")),
            "approve": chance.one(("skip", "skip", "force", None)),
            "budget": chance.one((None, None, 0, 0.005, 0.02, 0.05, 1.0)),
            "priority": chance.one((None, "low", "normal", "high")),
            "brand_id": chance.one((None, "acme")),
        }
        self._silent = False

    def start(self, within: float) -> None:
        """Come along some time."""
        chance, faults = self._world.chance, self._world.faults
        self._silent = faults.strike("silence")
        begin = chance.draw() * within
        self._act(self._ask, after=begin)
        if faults.strike("impatience"):
            self._act(self._ask, after=begin + chance.spread(0.001, 100.0))
        if faults.strike("cancel"):
            self._act(self._cancel, after=begin + chance.spread(1.0, 3000.0))
            if chance.happens(0.3):
                self._act(self._cancel, after=begin + chance.between(1.0, 3000.0))

    def waits_for_approval(self) -> None:
        """The plan is there."""
        chance = self._world.chance
        if not self._silent:
            begin = chance.spread(0.5, 1000.0)
            self._act(self._approve, after=begin)
            if chance.happens(0.5):
                self._act(self._approve, after=begin + chance.spread(0.001, 100.0))
            if self._world.faults.strike("regret"):
                self._act(self._cancel, after=begin)

    def _act(self, what: Any, after: float) -> None:
        self._world.scheduler.spawn(Process(self.name), what, after)

    def _ask(self) -> None:
        body = {name: value for name, value in self._wish.items() if value is not None}
        for _ in range(PATIENCE):
            answer = self._world.platform.request("run_pipeline", "/pipeline/run", self.name, body, key=self._key)
            if answer is not None and answer[0] == 202:
                self.answers += 1
                found = str(answer[1]["id"])
                if self.pipeline_id not in ("", found):
                    self._world.blame("one pipeline per request", found, f"{self.pipeline_id} was answered before")
                self.pipeline_id = found
                self._note("has pipeline %s", found)
                return
            self._world.scheduler.pause(self._world.chance.spread(0.5, 70.0))

    def _cancel(self) -> None:
        self._tell("cancel_pipeline", "cancel", (200, 409))

    def _approve(self) -> None:
        self._tell("approve_pipeline", "approve", (200, 409))

    def _tell(self, function: str, word: str, enough: tuple[int, ...]) -> None:
        for _ in range(PATIENCE):
            if self.pipeline_id:
                path = f"/pipeline/{self.pipeline_id}/{word}"
                answer = self._world.platform.request(function, path, self.name, {})
                if answer is not None and answer[0] in enough:
                    self._note(f"{word}: %s", answer[0])
                    if word == "cancel" and answer[0] == 200:
                        self._world.cancelled.add(self.pipeline_id)
                    return
            self._world.scheduler.pause(self._world.chance.spread(0.5, 60.0))

    def _note(self, text: str, *values: object) -> None:
        self._world.trace.note(self._world.scheduler.now, self.name, text, *values)
