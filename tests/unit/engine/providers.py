"""A provider of operations for tests: it bills what it started, and says, or does not say, what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from common.providers.errors import ProviderError
from common.providers.operation import Done, Failed, Running


class Crash(BaseException):
    """The process ends here; nothing after it runs."""


@dataclass
class Operation:
    """One operation at the provider, and how it stands."""

    key: str
    state: Running | Done | Failed = field(default_factory=lambda: Running(5.0))
    cancelled: bool = False


class Studio:
    """An engine and its provider in one. `finds` and `honours_keys` say what the provider offers."""

    name, version, quality, paid = "studio", "3", 0.9, True
    finds = True
    honours_keys = False

    def __init__(self, key: str = "") -> None:
        self.operations: dict[str, Operation] = {}
        self.starts: list[str] = []
        self.polls: list[str] = []
        self.before: Callable[[], None] = lambda: None  # the call is made, nothing is started
        self.after: Callable[[], None] = lambda: None  # it is started, nobody knows
        self.silent: ProviderError | None = None  # to look-ups and polls

    @classmethod
    def price(cls, size: float) -> int:
        return int(1000 * size)

    def start(self, key: str) -> str:
        self.starts.append(key)
        self.before()
        known = next((name for name, operation in self.operations.items() if operation.key == key), None)
        name = known if known and self.honours_keys else f"op-{len(self.operations)}"
        self.operations.setdefault(name, Operation(key))
        self.after()
        return name

    def look_up(self, key: str) -> str | None:
        if self.silent:
            raise self.silent
        return next((name for name, operation in self.operations.items() if operation.key == key), None)

    def poll(self, operation: str) -> Running | Done | Failed:
        self.polls.append(operation)
        if self.silent:
            raise self.silent
        return self.operations[operation].state

    def cancel(self, operation: str) -> None:
        if self.silent:
            raise self.silent
        self.operations[operation].cancelled = True

    def finish(self, amount: int = 700) -> None:
        """Every operation is done."""
        for operation in self.operations.values():
            operation.state = Done(f"made for {operation.key}", amount, quantity=5, unit="seconds")


class Keyed(Studio):
    """A provider that takes one key for one operation, and cannot be asked for it."""

    name, finds, honours_keys = "keyed", False, True


class Forgetful(Studio):
    """A provider that offers neither."""

    name, finds, honours_keys = "forgetful", False, False
