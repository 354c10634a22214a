"""Name a process so that a later one of the same number is not mistaken for it."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Process:
    """A process by its number and the moment it started."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has this number now."""
        return cls(pid, _started(pid) or "")

    def alive(self) -> bool:
        """Whether it still runs; a zombie does not."""
        return bool(self.started) and _started(self.pid) == self.started

    def group_alive(self) -> bool:
        """Whether anything of the process group it leads, or led, is left; for waiting, as numbers come again."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def signal_group(self, number: int) -> None:
        """Signal the process group it leads; fine when it is gone."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


def _started(pid: int) -> str | None:
    """A text that no other process ever has, or None when none of that number runs."""
    try:
        # The name in parentheses may hold anything; after it come the state and, as the 20th, the start in clock ticks.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        if fields[0] in {"Z", "X"}:
            return None
        return f"{_BOOT.read_text().strip()}/{fields[19]}"
    except (OSError, IndexError):
        return None if Path("/proc/self/stat").exists() else _exists(pid)


def _exists(pid: int) -> str | None:
    """Without /proc the number is all there is."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return "unknown"
