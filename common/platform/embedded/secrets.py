"""Secrets in a folder only its owner can enter: `<name>/<version>`, and `<version>.disabled` beside a disabled one."""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from common.platform.secrets import SecretMissing

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


class FolderSecrets:
    """Secrets of one folder (mode 0700, files 0600), made when absent. Version ids count from 1 and never return."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.chmod(0o700)

    def read(self, name: str, version: str = "latest") -> str:
        """The value of a version, `latest` being the newest enabled one; SecretMissing."""
        enabled = self.versions(name)
        if version == "latest" and enabled:
            version = enabled[0]
        if version not in enabled:
            raise SecretMissing(f"the secret {name} has no enabled version {version}: add one")
        return (self._folder(name) / version).read_text(encoding="utf-8")

    def add(self, name: str, value: str) -> str:
        """Add an enabled version and return its id."""
        folder = self._folder(name)
        with _written(folder, value) as temp:
            while True:
                version = str(max(self._numbers(folder), default=0) + 1)
                with contextlib.suppress(FileExistsError):  # another writer took the number: try the next
                    os.link(temp, folder / version)
                    return version

    def begin(self, name: str, value: str) -> None:
        """Add the first version, unless there ever was one: of processes that begin at once, one makes it for all."""
        folder = self._folder(name)
        if not self._numbers(folder):
            with _written(folder, value) as temp, contextlib.suppress(FileExistsError):
                os.link(temp, folder / "1")

    def disable(self, name: str, version: str) -> None:
        """Make a version unreadable; SecretMissing when there is no such version."""
        folder = self._folder(name)
        if not version.isdecimal() or int(version) not in self._numbers(folder):
            raise SecretMissing(f"the secret {name} has no version {version}")
        (folder / f"{version}.disabled").touch(mode=0o600)

    def versions(self, name: str) -> list[str]:
        """Ids of the enabled versions, newest first."""
        folder = self._folder(name)
        numbers = sorted(self._numbers(folder), reverse=True)
        return [str(number) for number in numbers if not (folder / f"{number}.disabled").exists()]

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"the secret name {name!r} is not allowed: use letters, digits, - and _")
        return self._root / name

    def _numbers(self, folder: Path) -> list[int]:
        try:
            return [int(entry) for entry in os.listdir(folder) if entry.isdecimal()]  # noqa: PTH208
        except FileNotFoundError:
            return []


@contextlib.contextmanager
def _written(folder: Path, value: str) -> Iterator[str]:
    """The value in a file of another name (mode 0600), whole: a reader never sees half of it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    handle, temp = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        yield temp
    finally:
        os.unlink(temp)  # noqa: PTH108
