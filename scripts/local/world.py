"""The whole product in one process: every function, what calls them, and what wakes them up."""

import dataclasses
import json
import logging
import os
import tempfile
import threading
from datetime import timedelta
from types import TracebackType
from typing import Any

from werkzeug.test import Client, TestResponse

from common import runtime
from common.domain.settings import Settings
from common.engine import outbox
from common.platform.documents import Unavailable
from common.platform.embedded.jobs import SubprocessJobs
from common.platform.embedded.messages import InProcessMessages
from common.platform.embedded.schedules import InProcessSchedules
from common.platform.embedded.tasks import InProcessTasks
from functions.catalogue import CATALOGUE
from scripts.local import temp
from scripts.local.gateway import Gateway
from scripts.local.pushes import Pushes
from scripts.local.token import issue

RELAY_SECONDS = 0.3

log = logging.getLogger(__name__)


class World:
    """A profile of this machine, alive between `start` and `stop`."""

    def __init__(self, settings: Settings):
        self._pushes = None
        if settings.profile == "emulators":
            self._pushes = Pushes(self._deliver, settings.workers)
            settings = dataclasses.replace(settings, functions_url=self._pushes.url)
        self.settings = settings
        self._temp = temp.claim(settings.home / "temp", runtime.own_name(), runtime.is_alive)
        self._temp_before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = str(self._temp)  # FFmpeg, libraries and jobs keep their temporary files here, too
        tempfile.tempdir = None
        self.context = runtime.build(CATALOGUE, settings, self._deliver)
        runtime.install(self.context)
        self.gateway = Gateway(self.context)
        self._schedules = InProcessSchedules(CATALOGUE.schedules(), self._deliver, self.context.clock)
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="sweep", daemon=True)

    def __enter__(self) -> "World":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin delivering, and take up what an earlier process left behind."""
        for bus in self._buses():
            bus.start()
        if self._pushes:
            self._pushes.start()
            runtime.prepare(CATALOGUE, self.settings)
        self._schedules.start()
        self._ticker.start()
        threading.Thread(target=self._relay, name="relay", daemon=True).start()

    def stop(self) -> None:
        """Stop delivering and end every child process. What was in progress goes on at the next start."""
        self._over.set()
        self._schedules.stop()
        if self._pushes:
            self._pushes.stop()
        for bus in self._buses():
            bus.stop(0.5)
        assert isinstance(self.context.jobs, SubprocessJobs)
        self.context.jobs.close()
        temp.drop(self._temp)
        tempfile.tempdir = None
        if self._temp_before is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = self._temp_before

    def request(self, method: str, path: str, body: dict[str, Any] | None = None, *, user: str) -> TestResponse:
        """Call an endpoint as a user of this machine."""
        token = issue(user, "user", self.settings)
        headers = {"Authorization": f"Bearer {token}"}
        return Client(self.gateway).open(path, method=method, json=body, headers=headers)

    def _buses(self) -> list[InProcessMessages | InProcessTasks]:
        """What delivers within this process; messages of an emulator come from outside."""
        ports = (self.context.messages, self.context.tasks)
        return [port for port in ports if isinstance(port, InProcessMessages | InProcessTasks)]

    def _deliver(self, function: str, body: bytes, headers: Any) -> int:
        return self.gateway.deliver(function, body, headers)

    def _relay(self) -> None:
        """Publish what other processes of this machine, such as render jobs, committed."""
        while not self._over.wait(RELAY_SECONDS):
            try:
                outbox.relay_old(self.context, timedelta(seconds=RELAY_SECONDS))
            except Unavailable:
                continue
            except Exception:
                log.exception("the outbox could not be relayed")

    def _tick(self) -> None:
        """A machine sweeps more often than once a minute: a person is waiting."""
        data = {"at_start": True}
        while True:
            try:
                if self._deliver("sweep", json.dumps(data).encode(), {"Content-Type": "application/json"}) < 300:
                    data = {}
            except Exception:
                log.exception("a sweep failed")
            if self._over.wait(self.settings.sweep_seconds):
                return
            try:
                runtime.prepare(CATALOGUE, self.settings, again=True)
            except Unavailable:
                log.warning("whether messages reach this process is not known")
