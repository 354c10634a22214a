"""The finished file plays in a browser from its first to its last second, picture and sound."""

import http.server
import json
import shutil
import subprocess
import threading
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium, which .ci/run installs"),
]

PAGE = """<!doctype html><video id=v muted src=/video.mp4></video><script>
const v = document.getElementById('v');
const tell = (what) => fetch('/report?' + new URLSearchParams({what, time: v.currentTime, duration: v.duration,
  width: v.videoWidth, height: v.videoHeight, frames: v.getVideoPlaybackQuality().totalVideoFrames,
  dropped: v.getVideoPlaybackQuality().corruptedVideoFrames, audio: v.webkitAudioDecodedByteCount || 0,
  error: v.error ? v.error.message : ''}));
v.onended = () => tell('ended'); v.onerror = () => tell('error');
v.play().catch(e => tell('refused ' + e));
</script>"""

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
)


def play(video: Path, profile: Path) -> dict[str, str]:
    """Play a file to its end in Chromium; what the page saw."""
    heard = threading.Event()
    report: dict[str, str] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            if url.path == "/report":
                report.update(urllib.parse.parse_qsl(url.query))
                heard.set()
            body, kind = (video.read_bytes(), "video/mp4") if url.path == "/video.mp4" else (PAGE.encode(), "text/html")
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            ["chromium", *FLAGS, f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert heard.wait(90), "the browser never reported"
        finally:
            browser.kill()
            browser.wait()
            server.shutdown()
    return report


def test_the_video_plays_in_chromium(machine: Machine) -> None:
    made = machine.make("Why cats purr when they are happy", "--duration", "5", "--output", "cats.mp4")
    seen = play(machine.folder / "cats.mp4", machine.folder / "profile")
    assert seen["what"] == "ended", json.dumps(seen)
    assert abs(float(seen["duration"]) - 5) < 0.1
    assert (int(seen["width"]), int(seen["height"])) == (made["width"], made["height"])
    assert int(seen["frames"]) >= 140
    assert int(seen["dropped"]) == 0
    assert int(seen["audio"]) > 10_000
