"""A local server that speaks Runway's API: tasks that take a few looks, real clips, and what can go wrong with both."""

import base64
import functools
import io
import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
import numpy as np

KEY = "the-runway-key"
VERSION = "2024-11-06"
RATIOS = ("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672")
MODELS = ("gen4_turbo", "gen4.5")


@dataclass
class Task:
    """A task as the account has it; `looks` counts down to its end."""

    id: str
    asked: dict[str, Any]
    looks: int
    end: dict[str, Any]
    status: str = "PENDING"


@dataclass
class Answer:
    """What the next call gets instead of service; `made` has the task made all the same."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    made: bool = False
    silent: bool = False  # the connection is closed without an answer


class Runway:
    """The server. `looks` says after how many looks a task is over, `ends` how the next ones end if not well."""

    def __init__(self, looks: int = 2) -> None:
        self.looks = looks
        self.tasks: dict[str, Task] = {}
        self.deleted: list[str] = []
        self.calls: list[tuple[str, str]] = []
        self.answers: list[Answer] = []
        self.ends: list[dict[str, Any]] = []
        self.clip: Callable[[int], bytes] = clip
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer._serve(self, "POST", body)

            def do_GET(self) -> None:
                outer._serve(self, "GET", None)

            def do_DELETE(self) -> None:
                outer._serve(self, "DELETE", None)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, method: str, body: Any) -> None:
        path = handler.path
        if path.startswith("/clips/"):  # another host in truth: it gets no key
            assert handler.headers["authorization"] is None
            task = self.tasks[path.removeprefix("/clips/").removesuffix(".mp4")]
            return _reply(handler, 200, self.clip(task.asked["duration"]))
        self.calls.append((method, path))
        if handler.headers["authorization"] != f"Bearer {KEY}":
            return _reply(handler, 401, {"error": "Invalid API key"})
        if handler.headers["x-runway-version"] != VERSION:
            return _reply(handler, 400, {"error": "Unknown API version"})
        answer = self.answers.pop(0) if self.answers else None
        if answer is None or answer.made:
            status, told = self._do(method, path, body)
            answer = answer or Answer(status, body=told)
        if answer.silent:
            handler.connection.close()
            return None
        return _reply(handler, answer.status, answer.body, answer.headers)

    def _do(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if (method, path) == ("POST", "/v1/image_to_video"):
            if problem := _problem(body):
                return 400, {"error": problem}
            task = Task(str(uuid.uuid4()), body, self.looks, self.ends.pop(0) if self.ends else {})
            self.tasks[task.id] = task
            return 200, {"id": task.id}
        name = path.removeprefix("/v1/tasks/")
        if path == name or name not in self.tasks:
            return 404, {"error": "Not found"}
        if method == "DELETE":
            self.deleted.append(name)
            if self.tasks[name].status in ("PENDING", "RUNNING", "THROTTLED"):
                self.tasks[name].status = "CANCELLED"
            return 204, None
        return 200, self._told(self.tasks[name])

    def _told(self, task: Task) -> dict[str, Any]:
        told: dict[str, Any] = {"id": task.id, "createdAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        if task.status == "CANCELLED":
            return {**told, "status": "CANCELLED"}
        task.looks -= 1
        if task.looks >= 0:
            task.status = task.end.get("meanwhile", "RUNNING")
            return {**told, "status": task.status, "progress": 0.5}
        task.status = task.end.get("status", "SUCCEEDED")
        if task.status == "SUCCEEDED":
            return {
                **told,
                "status": task.status,
                "output": task.end.get("output", [f"{self.base}/clips/{task.id}.mp4"]),
            }
        return {
            **told,
            "status": task.status,
            "failure": "It went wrong.",
            "failureCode": task.end.get("code", "INTERNAL"),
        }


@functools.cache
def clip(seconds: int) -> bytes:
    """A small MP4 with a bar that moves all the time, so that it is neither black nor frozen."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 24)
        for number in range(24 * seconds):
            picture = np.full((144, 160), 128, dtype=np.uint8)
            picture[:96] = 70 + np.arange(160, dtype=np.uint8) // 2
            picture[20:80, 3 * number % 140 : 3 * number % 140 + 20] = 220
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def _problem(body: dict[str, Any]) -> str:
    """What Runway would not accept in a request; empty for a good one."""
    text = body.get("promptText", "")
    kind, _, data = body.get("promptImage", "").partition(",")
    if body.get("model") not in MODELS:
        return "unknown model"
    if body.get("ratio") not in RATIOS:
        return "unknown ratio"
    if not isinstance(body.get("duration"), int) or not 2 <= body["duration"] <= 10:
        return "duration must be from 2 to 10"
    if not text or len(text.encode("utf-16-le")) > 2000:
        return "promptText must have 1 to 1000 characters"
    if not 0 <= body.get("seed", 0) < 2**32:
        return "seed out of range"
    if kind != "data:image/jpeg;base64" or len(data) > 5 << 20 or base64.b64decode(data)[:2] != b"\xff\xd8":
        return "promptImage must be a picture"
    return ""


def _reply(
    handler: BaseHTTPRequestHandler, status: int, body: Any = None, headers: dict[str, str] | None = None
) -> None:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    handler.send_response(status)
    for name, value in {**(headers or {}), "content-length": str(len(data))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
