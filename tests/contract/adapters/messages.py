"""Messages adapters under contract."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.delivery import Retries
from common.platform.embedded.messages import DeadMessage, InProcessMessages
from common.platform.messages import Messages
from tests.contract.adapters.inbox import Inbox, drain


@dataclass
class MessagesUnderTest:
    """A Messages adapter with five attempts; `drain` returns when everything is delivered or dead."""

    port: Messages
    drain: Callable[[], None]
    dead: list[tuple[str, str, dict[str, Any], str]] = field(default_factory=list)


@pytest.fixture(params=["embedded"])
def messages(request: pytest.FixtureRequest, inbox: Inbox, clock: VirtualClock) -> MessagesUnderTest:
    dead: list[tuple[str, str, dict[str, Any], str]] = []

    def bury(letter: DeadMessage) -> None:
        dead.append((letter.topic, letter.message_id, letter.data, letter.reason))

    port = InProcessMessages(inbox, clock, dead_letter=bury, retries=Retries(attempts=5))
    return MessagesUnderTest(port, lambda: drain(port.dispatcher, clock), dead)
