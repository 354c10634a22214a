"""The finished film plays in a browser from its first to its last second, picture and sound: as a file and as HLS."""

import http.server
import json
import re
import shutil
import threading
import urllib.parse
from pathlib import Path
from typing import Any

import pytest

from tests.browser import browsing
from tests.e2e.conftest import Machine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium, which .ci/run installs"),
]

PAGE = """<!doctype html><video id=v muted src="/%s"></video><script>
const v = document.getElementById('v');
const tell = (what) => fetch('/report?' + new URLSearchParams({what, time: v.currentTime, duration: v.duration,
  width: v.videoWidth, height: v.videoHeight, frames: v.getVideoPlaybackQuality().totalVideoFrames,
  dropped: v.getVideoPlaybackQuality().corruptedVideoFrames, audio: v.webkitAudioDecodedByteCount || 0,
  error: v.error ? v.error.message : ''}));
v.onended = () => tell('ended'); v.onerror = () => tell('error');
v.play().catch(e => tell('refused ' + e));
</script>"""

TYPES = {".mp4": "video/mp4", ".m3u8": "application/vnd.apple.mpegurl", ".vtt": "text/vtt"}


def play(folder: Path, name: str) -> dict[str, str]:
    """Play a file of a folder to its end in Chromium; what the page saw."""
    heard = threading.Event()
    report: dict[str, str] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            if url.path == "/report":
                report.update(urllib.parse.parse_qsl(url.query))
                heard.set()
            body, kind, status = (PAGE % name).encode(), "text/html", 200
            path = folder / url.path[1:]
            if path.is_file():
                body, kind = path.read_bytes(), TYPES[path.suffix]
                if found := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
                    size, first, last = len(body), int(found[1]), int(found[2] or len(body) - 1)
                    body, status = body[first : last + 1], 206
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Accept-Ranges", "bytes")
            if status == 206:
                self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{size}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with browsing(f"http://127.0.0.1:{server.server_port}/", folder) as complaints:
                assert heard.wait(90), f"the browser never reported: {complaints.read_text(errors='replace')}"
        finally:
            server.shutdown()
    return report


@pytest.mark.parametrize("name", ["cats.mp4", "cats.hls/master.m3u8"])
def test_the_video_plays_in_chromium(machine: Machine, name: str) -> None:
    made = machine.make("Why cats purr when they are happy", "--duration", "5", "--also", "hls", "--output", "cats.mp4")
    seen = play(machine.folder, name)
    assert seen["what"] == "ended", json.dumps(seen)
    assert abs(float(seen["duration"]) - 5) < 0.1
    sizes = {(made["width"], made["height"])} | (
        {(640, 360)} if name.endswith("m3u8") else set()
    )  # the player's choice
    assert (int(seen["width"]), int(seen["height"])) in sizes
    assert int(seen["frames"]) >= 140
    assert int(seen["dropped"]) == 0
    assert int(seen["audio"]) > 10_000
