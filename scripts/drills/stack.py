"""The whole product on this machine for one drill: emulators, two servers as two regions, and wires to the store."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from common import runtime
from common.domain import settings as settings_module
from common.platform.documents import Documents
from scripts.chaos_monkey import servers
from scripts.chaos_monkey.servers import Server
from scripts.drills.service import Service
from scripts.drills.wire import Wire
from scripts.local.emulators import EMULATORS, NEEDED, Emulators, Running
from scripts.local.refusal import Refusal
from scripts.local.token import issue

REGIONS = 2
TURN = 0.1  # seconds between two looks at whether something has come


class Stack:
    """What runs between `start` and `stop`. To be started by the main thread: everything ends with that one."""

    def __init__(self, home: Path, extra: Sequence[str] = ()) -> None:
        self.home = home
        self._emulators = Emulators([*NEEDED, *extra])
        self._open = contextlib.ExitStack()
        self.wires: list[Wire] = []
        self.servers: list[Server] = []

    def __enter__(self) -> "Stack":
        with contextlib.ExitStack() as opened:  # what has started ends, should the rest not
            opened.enter_context(self._emulators)
            opened.enter_context(_environment(self._variables()))
            firestore = self.emulator("firestore").address
            self.wires = [opened.enter_context(Wire(firestore)) for _ in range(REGIONS)]
            for number, wire in enumerate(self.wires):
                led = {EMULATORS["firestore"].variable: wire.address}
                server = Server(self.home, led, self.log_of(number))
                opened.callback(server.stop)
                servers.start([server])  # one after the other: messages are pushed to the last one
                self.servers.append(server)
            self.service = Service(self.servers)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def home_region(self) -> int:
        """The number of the server that messages are pushed to."""
        return REGIONS - 1

    def emulator(self, name: str) -> Running:
        """One emulator, to be paused, ended and started again."""
        return self._emulators.running[name]

    def log_of(self, number: int) -> Path:
        """Where a server writes its log."""
        return self.home / f"server-{number}.log"

    def documents(self) -> Documents:
        """The store as nobody can cut it off; to be closed by the caller."""
        return runtime.documents(settings_module.read())

    def login(self, user: str) -> dict[str, Any]:
        """Tokens of a new login; Refusal when the service gives none."""
        id_token = issue(user, "user", settings_module.read())
        answer = self.service.ask("POST", "/auth/login", {"id_token": id_token})
        if answer.status != 200:
            raise Refusal(f"{user} could not log in: {answer}; see {self.log_of(answer.server)}.", 1)
        return answer.body

    def _variables(self) -> dict[str, str]:
        """What makes processes part of this stack and of no other that the environment may name."""
        unused = {emulator.variable: "" for emulator in EMULATORS.values()}
        own = {"AIPROD_PROFILE": "emulators", "AIPROD_HOME": str(self.home), "AIPROD_PROJECT": "demo-drill"}
        return {**unused, **self._emulators.variables, **own}


def until(happened: Callable[[], bool], seconds: float) -> bool:
    """Wait for something, but no longer than that; whether it happened."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(TURN)
    return True


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables of this process, which Google's clients and our children read."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
