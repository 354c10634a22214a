"""The port for schedules: which function runs when."""

from collections.abc import Mapping
from typing import Protocol


class Schedules(Protocol):
    """Cron schedules by function name."""

    def entries(self) -> Mapping[str, str]:
        """Function name to cron expression (UTC)."""

    def run_now(self, function: str) -> None:
        """Call a scheduled function at once; ValueError when it has no schedule."""
