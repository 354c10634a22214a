"""Temporary files of one process, in a folder that the next process removes if this one was killed."""

import shutil
from collections.abc import Callable
from pathlib import Path


def claim(root: Path, name: str, alive: Callable[[str], bool | None]) -> Path:
    """Our folder under `root`, made new; folders of processes that are gone are removed."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in root.iterdir():
        if folder.name != name and alive(folder.name) is False:
            drop(folder)
    ours = (root / name).resolve()
    ours.mkdir(exist_ok=True)
    return ours


def drop(folder: Path) -> None:
    """Remove a folder, whatever is left in it."""
    shutil.rmtree(folder, ignore_errors=True)
