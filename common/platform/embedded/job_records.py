"""What is known of job executions, in one folder each, so that it outlives the process that started them."""

import json
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote

from common.platform.embedded.processes import Process
from common.platform.jobs import JobState

MAX_NAME = 200  # characters of a folder's name
LOG_BYTES = 256 * 1024


@dataclass
class Record:
    """One execution: its state, who looks after it, and the processes that run its tasks now."""

    key: str
    job: str
    tasks: int
    owner: Process
    state: JobState = "running"
    reason: str = ""
    children: dict[int, Process] = field(default_factory=dict)


class JobRecords:
    """Records by key. A record is replaced whole; only its owner writes it, anybody may mark it as cancelled."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def create(self, record: Record) -> bool:
        """Write down a new execution; False when its key has one. Of two rivals one wins."""
        temp = self._root / f".{secrets.token_hex(8)}"
        temp.mkdir()
        _write(temp / "record.json", record)
        try:
            temp.rename(self.folder(record.key))  # fails when the target exists, for it is never empty
        except OSError:
            shutil.rmtree(temp, ignore_errors=True)
            if not self.folder(record.key).is_dir():
                raise
            return False
        return True

    def save(self, record: Record) -> None:
        """Replace a record."""
        temp = self.folder(record.key) / f".{secrets.token_hex(8)}"
        _write(temp, record)
        temp.replace(self.folder(record.key) / "record.json")

    def load(self, key: str) -> Record | None:
        """The record of a key, or None."""
        try:
            found = json.loads((self.folder(key) / "record.json").read_bytes())
        except FileNotFoundError:
            return None
        return Record(
            key=found["key"],
            job=found["job"],
            tasks=found["tasks"],
            owner=Process(*found["owner"]),
            state=found["state"],
            reason=found["reason"],
            children={int(index): Process(*child) for index, child in found["children"].items()},
        )

    def keys(self, prefix: str) -> list[str]:
        """Keys that start with the prefix, in order."""
        start = quote(prefix, safe="")
        names = (one.name for one in os.scandir(self._root) if not one.name.startswith("."))
        return sorted(unquote(name) for name in names if name.startswith(start))

    def mark_cancelled(self, key: str) -> None:
        """From now on no task of the execution may start."""
        (self.folder(key) / "cancelled").touch()

    def is_cancelled(self, key: str) -> bool:
        """Whether the execution was marked as cancelled."""
        return (self.folder(key) / "cancelled").exists()

    def folder(self, key: str) -> Path:
        """The folder of an execution; ValueError for a key that cannot name one."""
        name = quote(key, safe="")
        if not name or name.startswith(".") or len(name) > MAX_NAME:
            raise ValueError(f"the job key {key[:80]!r} is empty, too long or starts with a dot")
        return self._root / name

    def log(self, key: str, task: int) -> "JobLog":
        """What a task printed."""
        return JobLog(self.folder(key) / f"task-{task}.log")

    def tail(self, key: str, size: int) -> str:
        """The last characters of the log that was written last."""
        logs = sorted(self.folder(key).glob("task-*.log"), key=lambda path: path.stat().st_mtime_ns)
        return JobLog(logs[-1]).tail(size) if logs else ""


class JobLog:
    """A log that keeps the newest quarter to half megabyte."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._older = path.with_suffix(".old")

    def append(self, data: bytes) -> None:
        """Write at the end; the oldest part goes when there is too much."""
        with self._path.open("ab") as file:
            file.write(data)
            full = file.tell() > LOG_BYTES
        if full:
            self._path.replace(self._older)

    def tail(self, size: int) -> str:
        """The last `size` bytes as text."""
        parts = [path.read_bytes() for path in (self._older, self._path) if path.exists()]
        return b"".join(parts)[-size:].decode(errors="replace")


def _write(path: Path, record: Record) -> None:
    owner, children = record.owner, record.children
    text = json.dumps(
        {
            "key": record.key,
            "job": record.job,
            "tasks": record.tasks,
            "state": record.state,
            "reason": record.reason,
            "owner": [owner.pid, owner.started],
            "children": {str(index): [child.pid, child.started] for index, child in children.items()},
        }
    )
    path.write_text(text)
