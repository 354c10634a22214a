"""A local server that speaks Gemini's protocol and keeps a book of its calls, to be compared with the ledger."""

import contextlib
import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

KEY = "a-key-of-nobody"
SLOWEST = 0.6  # seconds an answer may take, so that kills fall into calls as well


class CallBook:
    """Answers every question with a plan of two scenes; `calls` counts, by content, what a provider would bill."""

    def __init__(self, seed: int) -> None:
        self.calls: Counter[str] = Counter()
        self._chance = random.Random(f"gemini {seed}")
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, name="gemini", daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> "CallBook":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = json.loads(request.rfile.read(int(request.headers["content-length"])))
        content = str(json.loads(body["contents"][0]["parts"][0]["text"])["content"])
        with self._lock:
            self.calls[content] += 1  # from here on it would be billed, whether or not the answer is heard
            pause = self._chance.uniform(0.05, SLOWEST)
        time.sleep(pause)
        data = json.dumps(answer(content)).encode()
        with contextlib.suppress(OSError):  # whoever asked is dead
            request.send_response(200)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(data)))
            request.end_headers()
            request.wfile.write(data)


def answer(content: str) -> dict[str, Any]:
    """A plan as Gemini writes it down."""
    scenes = [
        {"kind": "title", "narration": f"{content}.", "headline": content, "mood": "warm", "idea": content},
        {"kind": "closing", "narration": "Look closely.", "headline": "Look closely", "mood": "warm", "idea": "eye"},
    ]
    plan = json.dumps({"title": content, "mood": "warm", "scenes": scenes})
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": plan}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 600, "totalTokenCount": 1500},
    }
