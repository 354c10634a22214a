"""What many users do at once: look at their pipelines, list them, read prices and presets. Run by `scripts/bench load`.

LOAD_CALLERS names a file with one caller per line: token, address, id of a pipeline. Users take them in turn.
"""

import itertools
import os
from pathlib import Path

from locust import FastHttpUser, between, task

CALLERS = [line.split() for line in Path(os.environ["LOAD_CALLERS"]).read_text().splitlines()]
_turn = itertools.count()


class Client(FastHttpUser):  # type: ignore[misc] # untyped
    """One user with a token and an address of their own, who waits a second or so between two looks."""

    wait_time = between(0.5, 1.5)

    def on_start(self) -> None:
        """Be somebody."""
        token, address, self.pipeline = CALLERS[next(_turn) % len(CALLERS)]
        self.headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}

    def ask(self, path: str, name: str) -> None:
        """One request, counted under a name."""
        self.client.get(path, headers=self.headers, name=name)

    @task(8)
    def look(self) -> None:
        """Where does my video stand?"""
        self.ask(f"/pipeline/{self.pipeline}", "/pipeline/{id}")

    @task(3)
    def events(self) -> None:
        """What has happened?"""
        self.ask(f"/pipeline/{self.pipeline}/events", "/pipeline/{id}/events")

    @task(3)
    def search(self) -> None:
        """Which of mine are over?"""
        self.ask("/pipelines?filter=status:cancelled&page_size=20", "/pipelines")

    @task(2)
    def presets(self) -> None:
        """What is there to choose from?"""
        self.ask("/presets", "/presets")

    @task(2)
    def estimate(self) -> None:
        """What would it cost?"""
        body = {"content": "How lighthouses guided ships", "duration_sec": 30, "preset": "quick_social"}
        self.client.post("/cost-estimate", json=body, headers=self.headers, name="/cost-estimate")
