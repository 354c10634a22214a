"""Quotas per address, per caller and per function; nothing expensive happens once one is used up."""

import dataclasses
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from common.domain.catalogue import parse
from common.http import boundary, limits
from common.http.call import Answer, Call
from tests.http_world import NamedTokens

ROUTES = """
defaults: {memory: 512Mi, cpu: 1, timeout: 60s, concurrency: 16, min: 0, max: 20}
functions:
  open: {summary: Anyone., http: GET /open, roles: public}
  free: {summary: Anyone., http: GET /free, roles: public, exempt: true}
  enter: {summary: Anyone., http: POST /enter, roles: public, limit: 2}
  thing: {summary: Read., http: "GET /things/{id}", roles: [admin, user]}
  make: {summary: Write., http: POST /things, roles: [admin, user], limit: 2}
"""
USER, OTHER = ({"Authorization": f"Bearer user:{name}"} for name in ("ann", "ben"))
HERE, THERE = {"REMOTE_ADDR": "203.0.113.1"}, {"REMOTE_ADDR": "203.0.113.2"}


@pytest.fixture
def routes():
    return parse(ROUTES)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS", 5)
    monkeypatch.setattr(limits, "PER_USER", 3)


def ok(_call: Call[Any]) -> Answer:
    return Answer(body={})


def statuses(ask, times):
    return [ask().status_code for _ in range(times)]


def test_an_address_is_limited_and_another_is_not(serve):
    client = serve("open", ok)
    assert statuses(lambda: client.get("/open", environ_base=HERE), 7) == [200] * 5 + [429] * 2
    assert client.get("/open", environ_base=THERE).status_code == 200


def test_a_caller_is_limited_wherever_it_calls_from_and_another_is_not(serve):
    client = serve("thing", ok)
    for turn in range(3):
        here = {"REMOTE_ADDR": f"203.0.113.{turn}"}
        assert client.get("/things/1", headers=USER, environ_base=here).status_code == 200
    assert client.get("/things/1", headers=USER, environ_base=HERE).status_code == 429
    assert client.get("/things/1", headers=OTHER, environ_base=HERE).status_code == 200


def test_a_function_has_a_limit_of_its_own_beside_the_general_one(serve, monkeypatch):
    client, read = serve("make", ok), serve("thing", ok)
    assert statuses(lambda: client.post("/things", headers=USER, environ_base=HERE), 3) == [200, 200, 429]
    assert read.get("/things/1", headers=OTHER, environ_base=HERE).status_code == 200


def test_of_a_public_function_its_own_limit_counts_per_address(serve):
    client = serve("enter", ok)
    assert statuses(lambda: client.post("/enter", environ_base=HERE), 3) == [200, 200, 429]
    assert client.post("/enter", environ_base=THERE).status_code == 200


def test_what_is_exempt_is_never_refused_and_says_nothing_of_quotas(serve):
    client = serve("free", ok)
    assert statuses(lambda: client.get("/free", environ_base=HERE), 20) == [200] * 20
    assert "RateLimit" not in client.get("/free", environ_base=HERE).headers


@pytest.mark.parametrize(("method", "path"), [("GET", "/elsewhere"), ("DELETE", "/open"), ("OPTIONS", "/open")])
def test_what_no_endpoint_takes_counts_for_its_address(serve, method, path):
    client = serve("open", ok)
    headers = {"Origin": "https://shop.test", "Access-Control-Request-Method": "GET"}
    answers = [client.open(path, method=method, headers=headers, environ_base=HERE) for _ in range(6)]
    assert 429 not in {answer.status_code for answer in answers[:5]}
    assert (answers[5].status_code, answers[5].json["code"]) == (429, "quota_exceeded")
    assert answers[0].headers["RateLimit"].startswith('"address";r=4;')
    assert client.get("/open", environ_base=HERE).status_code == 429
    assert client.get("/open", environ_base=THERE).status_code == 200


def test_what_no_process_serves_counts_for_its_address(context, routes):
    ours = dataclasses.replace(context, catalogue=routes)

    def ask():
        request = Request(EnvironBuilder("/elsewhere", environ_base=HERE).get_environ())
        return boundary.unrouted(request, lambda: ours)

    assert statuses(ask, 6) == [404] * 5 + [429]


def test_what_a_shared_cache_may_keep_says_nothing_of_quotas(serve):
    kept = serve("open", lambda _: Answer(body={}, headers={"Cache-Control": "public, max-age=60"}))
    answers = [kept.get("/open", environ_base=HERE) for _ in range(6)]
    assert [{"RateLimit", "RateLimit-Policy"} & {*answer.headers.keys()} for answer in answers[:5]] == [set()] * 5
    tag = {"If-None-Match": answers[0].headers["ETag"]}
    unchanged = kept.get("/open", headers=tag, environ_base=THERE)
    assert (unchanged.status_code, "RateLimit" in unchanged.headers) == (304, False)
    assert (answers[5].status_code, answers[5].headers["Cache-Control"]) == (429, "no-store")
    assert "RateLimit" in answers[5].headers


def test_the_answer_says_what_is_left(serve):
    found = serve("make", ok).post("/things", headers=USER, environ_base=HERE).headers
    assert found["RateLimit-Policy"] == '"address";q=5;w=60, "user";q=3;w=60, "make";q=2;w=60'
    assert [part.split(";t=")[0] for part in found["RateLimit"].split(", ")] == [
        '"address";r=4',
        '"user";r=2',
        '"make";r=1',
    ]


def test_a_refusal_says_which_quota_when_to_come_again_and_keeps_its_word(serve, clock):
    client = serve("make", ok)
    statuses(lambda: client.post("/things", headers=USER, environ_base=HERE), 2)
    refused = client.post("/things", headers=USER, environ_base=HERE)
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.json["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert refused.json["code"] == "quota_exceeded"
    assert refused.json["violated-policies"] == ["make"]
    assert '"make";r=0' in refused.headers["RateLimit"]
    wait = int(refused.headers["Retry-After"])
    assert refused.json["retry_after"] == wait
    clock.advance(wait)
    assert client.post("/things", headers=USER, environ_base=HERE).status_code == 200


def test_wrong_tokens_are_limited_and_soon_not_even_looked_at(serve, monkeypatch):
    looked = []
    verify = NamedTokens.verify
    monkeypatch.setattr(NamedTokens, "verify", lambda self, token, **_: looked.append(token) or verify(self, token))
    client = serve("thing", ok)
    wrong = {"Authorization": "Bearer guess"}
    assert statuses(lambda: client.get("/things/1", headers=wrong, environ_base=HERE), 8) == [401] * 5 + [429] * 3
    assert len(looked) == 5


def test_a_body_is_not_read_and_the_handler_not_run_beyond_a_quota(serve):
    ran = []

    def note(call: Call[Any]) -> Answer:
        ran.append(call)
        return Answer(body={})

    client = serve("make", note)
    answers = [client.post("/things", data=b"{broken", headers=USER, environ_base=HERE).status_code for _ in range(3)]
    assert answers == [400, 400, 429]
    assert not ran


def test_a_client_cannot_choose_its_address(serve, context, routes):
    client = serve("open", ok)
    for turn in range(7):
        asked = client.get("/open", environ_base=HERE, headers={"X-Forwarded-For": f"198.51.100.{turn}"})
    assert asked.status_code == 429


def test_behind_the_load_balancer_each_client_has_its_own_quota(context, routes):
    import flask
    from werkzeug.test import Client
    from werkzeug.wrappers import Response

    settings = dataclasses.replace(context.settings, trusted_proxies=2)
    ours = dataclasses.replace(context, catalogue=routes, settings=settings)
    module = type("module", (), {"handle": staticmethod(ok)})
    function = boundary.endpoint(routes["open"], module, lambda: ours)  # type: ignore[arg-type]
    client = Client(lambda e, s: function(flask.Request(e))(e, s), Response)

    def ask(real: str, claimed: str) -> int:
        forwarded = {"X-Forwarded-For": f"{claimed}, {real}, 35.1.1.1"}
        return client.get("/open", headers=forwarded, environ_base={"REMOTE_ADDR": "169.254.1.1"}).status_code

    assert [ask("203.0.113.1", f"198.51.100.{turn}") for turn in range(6)] == [200] * 5 + [429]
    assert ask("203.0.113.2", "203.0.113.1") == 200
