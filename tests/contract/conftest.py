"""Adapters under contract: every test of this folder runs once per adapter of its port, as `adapters/` makes them."""

import pytest

from common.platform.embedded.clock import VirtualClock
from tests.contract.adapters.cache import cache
from tests.contract.adapters.documents import documents
from tests.contract.adapters.identity import identity
from tests.contract.adapters.inbox import Inbox
from tests.contract.adapters.jobs import jobs
from tests.contract.adapters.messages import messages
from tests.contract.adapters.objects import objects
from tests.contract.adapters.schedules import schedules
from tests.contract.adapters.secrets import secrets
from tests.contract.adapters.tasks import tasks

__all__ = ["cache", "documents", "identity", "jobs", "messages", "objects", "schedules", "secrets", "tasks"]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()
