"""Drill: the provider of identities falls silent."""

import time
from typing import Any

from common.domain import settings as settings_module
from scripts.drills.rehearsal import Drill
from scripts.drills.service import Answer
from scripts.local.token import issue

PAUSE = 1.0  # seconds between two tries
AWAY = 10.0  # seconds of the outage, once it was noticed
PATIENCE = 60.0
CALLS = ("POST /auth/login", "POST /auth/refresh")


class Identity(Drill):
    """Who is logged in works on; nobody new gets in, and is told to come again; logins are whole afterwards.

    The provider is stopped and not killed, for the emulator would forget its users, which Google's does not.
    """

    name = "identity"
    failure = "Firebase Auth stopped, silent"
    emulators = ("auth",)

    def prepare(self) -> None:
        """Have somebody who is about to log in, and a login that is about to be renewed."""
        self._id_token = issue("eve", "user", settings_module.read())
        self._grant = self.stack.login("fay")

    def strike(self) -> None:
        """Have it answer nobody."""
        self.stack.emulator("auth").pause()

    def recover(self) -> None:
        """Try to get in while it is away, and until that works."""
        first = self._log_in()
        renewed = self._renew()
        end = time.monotonic() + AWAY
        while time.monotonic() < end:
            time.sleep(PAUSE)
            self._log_in()
        self.stack.emulator("auth").resume()
        end = time.monotonic() + PATIENCE
        while (after := self._log_in()).status != 200 and time.monotonic() < end:
            time.sleep(PAUSE)
        if first.status != 503:
            self.complaints.append(f"a login without its provider: {first}")
        if after.status != 200:
            self.complaints.append(f"a login after the outage: {after}")
        again = renewed if renewed.status == 200 else self._renew()
        if again.status != 200:
            self.complaints.append(f"a login from before could not be renewed after the outage: {again}")

    def judge(self) -> None:
        """Say how many were turned away, and how many were served without the provider."""
        answers = self.traffic.service.answers(self.struck)
        turned = sum(answer.failed for answer in answers if answer.call in CALLS)
        served = sum(not answer.failed for answer in answers if answer.call not in CALLS)
        self.note = f"{turned} logins and renewals were put off; {served} requests with access tokens were served."

    def excused(self, answer: Answer) -> bool:
        """Logins and renewals alone may be refused, and only for a while."""
        return answer.put_off and answer.call in CALLS

    def _log_in(self) -> Answer:
        return self._ask("login", {"id_token": self._id_token})

    def _renew(self) -> Answer:
        return self._ask("refresh", {"refresh_token": self._grant["refresh_token"]})

    def _ask(self, what: str, body: dict[str, Any]) -> Answer:
        return self.traffic.service.ask("POST", f"/auth/{what}", body)
