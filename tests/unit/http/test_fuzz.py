"""No user input causes a 500, and every answer has the same shape."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from common.domain.pipeline import Outcome, Spec
from common.domain.plan import Plan, Scene
from common.domain.request import PipelineRequest
from common.engine import control, worker
from common.engine.context import Context
from common.http.headers import SECURITY
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.documents import SqliteDocuments
from tests.http_world import Posted, make_context, routed

PLAN = Plan(
    title="T",
    lang="en",
    aspect="16:9",
    resolution="720p",
    scenes=(Scene(id="s1", kind="title", narration="Say it.", headline="It", frames=90),),
).model_dump(mode="json")

WORDS = [
    "content",
    "input",
    "preset",
    "duration_sec",
    "plan",
    "note",
    "scenes",
    "budget",
    "media",
    "seed",
    "lang",
    "id",
]
TEXT = st.text(st.characters(exclude_categories=[]), max_size=40) | st.sampled_from(
    [
        *WORDS,
        "1' OR '1'='1",
        "admin' --",
        "1; DROP TABLE users; --",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "\x00",
    ]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def altered(valid: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A valid body with some fields of any value."""
    names = st.sampled_from([*valid, *WORDS])
    return st.dictionaries(names, VALUE, max_size=3).map(lambda change: {**valid, **change})


BODY = (
    st.binary(max_size=60)
    | VALUE.map(lambda value: json.dumps(value).encode())
    | altered({"content": "How lighthouses guided ships"}).map(lambda value: json.dumps(value).encode())
    | altered(PLAN).map(lambda plan: json.dumps({"plan": plan}).encode())
    | altered(PLAN["scenes"][0]).map(lambda scene: json.dumps({"plan": {**PLAN, "scenes": [scene]}}).encode())
)
# What a server lets through: one line of Latin-1.
LINE = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Authorization": LINE
        | st.sampled_from(["Bearer user:ann", "Bearer admin:x", "Bearer service:s", "Bearer viewer:"]),
        "Content-Type": LINE | st.just("application/json"),
        "Idempotency-Key": LINE | st.sampled_from(["a", "b"]),
        "If-None-Match": LINE | st.sampled_from(["*", "W/", '"', ","]),
        "X-Request-Id": LINE,
        "Traceparent": LINE,
        "Accept": LINE,
        "Cookie": LINE,
        "Content-Encoding": LINE,
        "X-Cloud-Trace-Context": LINE,
    },
)
PATH = st.sampled_from(
    [
        "health",
        "presets",
        "pipeline/run",
        "pipeline/{id}",
        "pipeline/{id}/result",
        "pipeline/{id}/cancel",
        "pipeline/{id}/approve",
    ]
)
METHOD = st.sampled_from(["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    folder = tmp_path_factory.mktemp("fuzz")
    clock = VirtualClock()
    documents = SqliteDocuments(folder / "documents.sqlite", clock)
    yield make_context(folder, clock, Posted(), documents)
    documents.close()


def waiting(context: Context) -> str:
    """A new pipeline whose plan waits for approval."""
    made = control.submit(context, PipelineRequest(content="How lighthouses guided ships"), "ann").id
    then = (Spec(step="approve", key="approve"),)
    worker.deliver(context, lambda _task: Outcome(then=then), made, "analyze")
    worker.deliver(context, lambda _task: Outcome(park=True, result={"plan": PLAN}), made, "approve")
    return made


def check(response: Any) -> None:
    assert response.status_code < 500, response.text
    assert {name: response.headers.get(name) for name in SECURITY} == dict(SECURITY)
    assert response.headers["X-Request-Id"].isascii()
    if response.status_code >= 400:
        assert response.content_type == "application/problem+json"
        if response.data:
            assert response.json["status"] == response.status_code


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(method=METHOD, template=PATH, name=st.just("WAITING") | TEXT, query=LINE, headers=HEADERS, body=BODY)
def test_any_request_gets_a_proper_answer(context, method, template, name, query, headers, body):
    name = waiting(context) if name == "WAITING" else quote(name.encode("utf-8", "replace"), safe="")
    path = "/" + template.replace("{id}", name)
    check(Client(routed(context)).open(path, method=method, query_string=query, headers=headers, data=body))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(target=st.sampled_from(["run", "approve"]), body=BODY)
def test_any_body_from_a_known_caller_gets_a_proper_answer(context, target, body):
    path = "/pipeline/run" if target == "run" else f"/pipeline/{waiting(context)}/approve"
    headers = {"Authorization": "Bearer user:ann", "Content-Type": "application/json"}
    check(Client(routed(context)).post(path, data=body, headers=headers))
