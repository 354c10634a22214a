"""Drill: the database is lost with everything in it, and restored from a backup."""

import time

import httpx

from common.domain import settings as settings_module
from scripts.chaos_monkey import servers
from scripts.drills.rehearsal import Drill
from scripts.drills.stack import until

AGE = 8.0  # seconds of the backup at the failure; on Google Cloud every minute can be read again
SECONDS = 30.0  # that a backup or a restore may take
NAME = "backup"


class Database(Drill):
    """What the backup holds is there again and goes on to its end; only what is younger than it is lost."""

    name = "database"
    failure = "Firestore killed, its data gone"

    def prepare(self) -> None:
        """Take a backup, work on for a while, and have an order accepted that the backup does not know."""
        self._folder = self.stack.home / "backups"
        self._folder.mkdir()
        self._taken = time.monotonic()
        self._ask("export", {"export_directory": str(self._folder), "export_name": NAME})
        time.sleep(AGE)
        job = self.traffic.order("dan")
        until(lambda: bool(job.accepted), SECONDS)

    def strike(self) -> None:
        """End the process, which kept everything in memory."""
        self.stack.emulator("firestore").stop()

    def recover(self) -> None:
        """Restore the backup into an empty database that nobody reaches, then begin anew with every process.

        Who reads what is half there is told that the rest is not, and orders it a second time. And what the backup
        says to be in a server's hands may have left them since: a new process frees it at once, where the old one
        would leave it alone to the end of its lease.
        """
        self.await_notice()
        for wire in self.stack.wires:
            wire.cut()
        self.stack.emulator("firestore").restart()
        began = time.monotonic()
        self._ask("import", {"export_directory": str(self._folder / NAME / f"{NAME}.overall_export_metadata")})
        took = time.monotonic() - began
        for wire in self.stack.wires:
            wire.mend()
        for number, server in enumerate(self.stack.servers):
            with self.traffic.service.without(number):
                server.stop()
                servers.start([server])
        self.note = f"the import of the backup took {took:.1f} s;"

    def judge(self) -> None:
        """Nothing may be gone that was accepted before the backup."""
        self.lost = self.struck - self._taken
        gone = [(pipeline, at) for job in self.traffic.jobs for pipeline, at in job.gone]
        self.note += f" orders younger than it, which were made when their clients asked again: {len(gone)}."
        early = [pipeline for pipeline, at in gone if at < self._taken]
        self.complaints += [f"pipeline {one} was accepted before the backup, and is gone" for one in early]

    def _ask(self, action: str, words: dict[str, str]) -> None:
        project = settings_module.read().project
        url = f"http://{self.stack.emulator('firestore').address}/emulator/v1/projects/{project}:{action}"
        body = {"database": f"projects/{project}/databases/(default)", **words}
        httpx.post(url, json=body, timeout=SECONDS, trust_env=False).raise_for_status()
