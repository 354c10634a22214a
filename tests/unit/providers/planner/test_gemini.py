"""The Gemini planner against a local server that speaks its protocol."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from common.domain.prices import GEMINI
from common.domain.request import PipelineRequest
from common.providers.errors import ProviderUnavailable, Refused, Throttled, Unanswered
from common.providers.planner.gemini import GeminiPlanner
from common.providers.planner.port import Brief

SCENES = [
    {"kind": "title", "narration": "Light on the water.", "headline": "Light", "mood": "epic", "idea": "sea"},
    {"kind": "statement", "narration": "It shows the way.", "headline": "The way", "mood": "calm", "idea": "ship"},
    {"kind": "closing", "narration": "Look for it.", "headline": "Look", "mood": "warm", "idea": "dawn"},
]
GOOD = json.dumps({"title": "Lighthouses", "mood": "epic", "scenes": SCENES})


def answer(text: str, **more: Any) -> tuple[int, dict[str, str], Any]:
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}
    usage = {"promptTokenCount": 900, "candidatesTokenCount": 400, "thoughtsTokenCount": 100, "totalTokenCount": 1400}
    return 200, {}, {"candidates": [candidate], "usageMetadata": usage, **more}


class Server:
    """Answers in turn what it was given, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], Any]] = []
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append((self.path, self.headers["x-goog-api-key"], body))
                status, headers, reply = outer.answers.pop(0)
                data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "*")
    found = Server()
    yield found
    found.close()


@pytest.fixture
def planner(server: Server) -> GeminiPlanner:
    return GeminiPlanner("secret-key", base=server.base, timeout=5)


BRIEF = Brief.of(PipelineRequest(content="How lighthouses guided ships", duration_sec=12, seed=7))


def test_a_plan_is_asked_for_as_json_of_a_schema_and_metered(server: Server, planner: GeminiPlanner) -> None:
    server.answers = [answer(GOOD)]
    found = planner.metered(BRIEF)
    assert found.plan.frames == 12 * 30
    assert [scene.kind for scene in found.plan.scenes] == ["title", "statement", "closing"]
    assert (found.calls, found.tokens_in, found.tokens_out) == (1, 900, 500)
    assert found.micros == GEMINI.micros(900, 500) == 190
    [(path, key, body)] = server.asked
    assert path == "/v1beta/models/gemini-3.5-flash:generateContent"
    assert key == "secret-key"
    assert body["generationConfig"]["responseMimeType"] == "application/json"
    assert body["generationConfig"]["responseJsonSchema"]["required"] == ["title", "mood", "scenes"]
    assert "How lighthouses guided ships" in body["contents"][0]["parts"][0]["text"]


def test_an_invalid_answer_is_sent_back_once(server: Server, planner: GeminiPlanner) -> None:
    server.answers = [answer('{"title": "x"'), answer(GOOD)]
    found = planner.metered(BRIEF)
    assert (found.calls, found.micros) == (2, 380)
    repair = server.asked[1][2]["contents"]
    assert [turn["role"] for turn in repair] == ["user", "model", "user"]
    assert "not valid JSON" in repair[2]["parts"][0]["text"]


def test_two_invalid_answers_are_no_plan_but_cost(server: Server, planner: GeminiPlanner) -> None:
    server.answers = [answer("{}"), answer('{"title": "x", "mood": "calm", "scenes": []}')]
    with pytest.raises(ProviderUnavailable, match="two attempts") as caught:
        planner.direct(BRIEF)
    assert caught.value.spent == 380


def test_a_narration_that_does_not_fit_is_sent_back(server: Server, planner: GeminiPlanner) -> None:
    long = [{**SCENES[0], "narration": "Far too many words for this little film. " * 12}]
    server.answers = [answer(json.dumps({"title": "x", "mood": "calm", "scenes": long})), answer(GOOD)]
    planner.direct(BRIEF)
    assert "shorten it" in server.asked[1][2]["contents"][2]["parts"][0]["text"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, {"Retry-After": "7"}, {"error": {"message": "quota"}}, 7.0),
        (503, {}, {"error": {"message": "overloaded"}}, 30.0),
        (429, {}, {"error": {"message": "quota", "details": [{"retryDelay": "12.5s"}]}}, 12.5),
        (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, b"busy", 0.0),
    ],
)
def test_throttling_says_when_to_come_back(
    server: Server, planner: GeminiPlanner, status: int, headers: dict[str, str], body: Any, wait: float
) -> None:
    server.answers = [(status, headers, body)]
    with pytest.raises(Throttled) as caught:
        planner.direct(BRIEF)
    assert caught.value.retry_after == wait


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((400, {}, {"error": {"message": "API key not valid"}}), "API key not valid"),
        ((403, {}, {"error": {"message": "denied"}}), "API key"),
        ((200, {}, {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 10}}), "SAFETY"),
        ((200, {}, {"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}), "PROHIBITED_CONTENT"),
    ],
)
def test_a_refusal_is_final(server: Server, planner: GeminiPlanner, reply: Any, message: str) -> None:
    server.answers = [reply]
    with pytest.raises(Refused, match=message) as caught:
        planner.direct(BRIEF)
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize(
    "reply", [(500, {}, b"oops"), (200, {}, b"<html>"), (200, {}, [1, 2]), (200, {}, {"candidates": ["?"]})]
)
def test_nonsense_is_unavailable(server: Server, planner: GeminiPlanner, reply: Any) -> None:
    server.answers = [reply]
    with pytest.raises(ProviderUnavailable):
        planner.direct(BRIEF)


def test_no_answer_is_told_from_no_connection_for_it_may_be_billed() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unanswered, match="did not answer"):
            GeminiPlanner("k", base=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2).direct(BRIEF)


def test_no_server_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        GeminiPlanner("k", base="http://127.0.0.1:1", timeout=1).direct(BRIEF)


def test_a_model_without_a_price_is_never_called() -> None:
    with pytest.raises(KeyError, match="no price"):
        GeminiPlanner("k", model="mystery-1")


def test_code_keeps_its_indents_and_a_recipe_its_ingredients(server: Server, planner: GeminiPlanner) -> None:
    code = {**SCENES[1], "kind": "code", "lines": ["if lit:", "    <b>shine</b>()"], "syntax": "Python"}
    parts = [{"value": f"{n} g", "label": f"Part {n}"} for n in range(8)]
    recipe = {**SCENES[1], "kind": "recipe", "figures": parts}
    told = json.dumps({"title": "x", "mood": "calm", "scenes": [SCENES[0], code, recipe]})
    server.answers = [answer(told)]
    _, shown, cooked = planner.direct(BRIEF.model_copy(update={"seconds": 30})).scenes
    assert (shown.kind, shown.lines, shown.syntax) == ("code", ("if lit:", "    <b>shine</b>()"), "python")
    assert len(cooked.figures) == 8
    schema = server.asked[0][2]["generationConfig"]["responseJsonSchema"]["properties"]["scenes"]["items"]
    assert {"split", "code", "recipe"} <= set(schema["properties"]["kind"]["enum"])
