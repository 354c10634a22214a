"""The product on Google's emulators, whose addresses are in the environment: real processes, a project of their own."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from common import runtime
from common.domain.settings import Settings, read
from common.platform.documents import Documents
from scripts.local.emulators import EMULATORS
from tests.e2e.conftest import Machine, Server

VARIABLES = tuple(emulator.variable for emulator in EMULATORS.values())


@dataclass
class EmulatedMachine(Machine):
    """A machine of the emulators profile; machines of one project share what they made."""

    project: str = ""
    emulators: dict[str, str] = field(default_factory=dict)

    def environment(self, **extra: str) -> dict[str, str]:
        named = {name: os.environ[name] for name in VARIABLES if name in os.environ}
        own = {"AIPROD_PROFILE": "emulators", "AIPROD_PROJECT": self.project, "AIPROD_BUCKET": self.project}
        return super().environment(**{**named, **own, **self.emulators, **extra})

    def settings(self) -> Settings:
        """What its processes read."""
        return read(self.environment())

    def documents(self) -> Documents:
        """Its store, as a process of its own would see it."""
        return runtime.documents(self.settings())


@pytest.fixture(scope="session")
def project() -> str:
    """A project of this worker's tests alone: emulators make projects when they are first named."""
    return f"demo-{secrets.token_hex(4)}"


@pytest.fixture
def machine(tmp_path: Path, project: str) -> EmulatedMachine:
    (tmp_path / "empty").mkdir()
    return EmulatedMachine(tmp_path, project)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    started: list[Server] = []
    yield started
    for server in started:
        server.stop()
