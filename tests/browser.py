"""Chromium that shows one page until the test has heard what it waits for, in real time.

Its virtual time is not used: with it, a browser now and then waits for ever.
"""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--enable-logging=stderr",
)


@contextmanager
def browsing(url: str, folder: Path) -> Iterator[Path]:
    """A browser on `url` with its profile in `folder`; the file of what its console and it itself complain about."""
    complaints = folder / "browser.log"
    with complaints.open("wb") as log:
        browser = subprocess.Popen(
            ["chromium", *FLAGS, f"--user-data-dir={folder / 'profile'}", url],
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield complaints
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
