"""What every endpoint gets from the boundary, shown on tiny endpoints."""

import json
import logging
import re
from typing import Any

import pytest
from pydantic import Field

from common.domain.model import Model
from common.http.call import Answer, Call
from common.http.headers import SECURITY
from common.http.problem import Problem
from common.platform.documents import Unavailable
from common.platform.identity import IdentityUnavailable
from tests.http_world import NamedTokens

USER = {"Authorization": "Bearer user:ann"}


class Thing(Model):
    name: str = Field(min_length=2)
    count: int = 1


def echo(call: Call[Any]) -> Answer:
    return Answer(body={"caller": call.caller.id, "params": dict(call.params), "query": dict(call.query)})


def named(call: Call[Thing]) -> Answer:
    return Answer(201, {"name": call.body.name, "id": call.new_id})


def secure(response: Any) -> bool:
    return {name: response.headers.get(name) for name in SECURITY} == dict(SECURITY)


def test_there_are_eight_security_headers():
    assert len(SECURITY) == 8


def test_an_answer_carries_security_headers_a_tag_and_the_request_id(serve):
    response = serve("open", echo).get("/open", headers={"X-Request-Id": "my-request-1"})
    assert response.status_code == 200
    assert secure(response)
    assert response.headers["X-Request-Id"] == "my-request-1"
    assert response.headers["ETag"].startswith('"')
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("given", ["", "short", "a" * 129, "with space here", "<script>alert(1)</script>"])
def test_a_request_id_that_is_not_plain_is_replaced(serve, given):
    answered = serve("open", echo).get("/open", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert answered != given
    assert len(answered) == 32


def test_the_trace_of_a_request_is_in_its_answer_whoever_began_it(serve):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    google = f"{trace[3:35]}/{int(trace[36:52], 16)};o=1"
    client = serve("open", echo)
    for sent in ({"Traceparent": trace}, {"X-Cloud-Trace-Context": google}):
        assert client.get("/open", headers=sent).headers["Traceparent"] == trace
    for none in ({}, {"Traceparent": "00-" + "0" * 32 + "-1-01"}, {"X-Cloud-Trace-Context": "x/1"}):
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", client.get("/open", headers=none).headers["Traceparent"])


def test_what_a_user_sees_is_never_stored_by_a_cache(serve):
    response = serve("thing", echo).get("/things/7?q=1", headers=USER)
    assert response.json == {"caller": "ann", "params": {"id": "7"}, "query": {"q": "1"}}
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/nothing", 404, None),
        ("GET", "/things/1/2", 404, None),
        ("POST", "/things/1", 405, "DELETE, GET, HEAD"),
        ("OPTIONS", "/things/1", 405, "DELETE, GET, HEAD"),
        ("PUT", "/things", 405, "POST"),
        ("BREW", "/open", 405, "GET, HEAD"),
    ],
)
def test_a_wrong_path_is_404_and_a_wrong_method_405(serve, method, path, status, allow):
    response = serve("thing", echo).open(path, method=method, headers=USER)
    assert response.status_code == status
    assert response.headers.get("Allow") == allow
    assert response.content_type == "application/problem+json"
    assert secure(response)


def test_head_answers_like_get_without_a_body(serve):
    response = serve("open", echo).head("/open")
    assert response.status_code == 200
    assert response.data == b""
    assert "ETag" in response.headers


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, None),
        ("Basic dXNlcg==", "invalid_request"),
        ("Bearer", "invalid_request"),
        ("Bearer " + "x" * 9000, "invalid_request"),
        ("Bearer forged", "invalid_token"),
        ("Bearer boss:ann", "invalid_token"),
    ],
)
def test_without_a_verified_token_the_answer_is_401(serve, header, error):
    headers = {"Authorization": header} if header else {}
    response = serve("thing", echo).get("/things/1", headers={**headers, "X-Role": "admin", "X-User": "ann"})
    assert response.status_code == 401
    challenge = response.headers["WWW-Authenticate"]
    assert challenge.startswith("Bearer")
    assert (f'error="{error}"' in challenge) is (error is not None)
    assert response.json["code"] == "unauthenticated"
    assert secure(response)


def test_while_the_identity_provider_is_away_nobody_is_let_in(serve, monkeypatch, caplog):
    def away(_self, _token, **_):
        raise IdentityUnavailable("no certificate came, said a host of ours")

    monkeypatch.setattr(NamedTokens, "verify", away)
    response = serve("drop", echo).delete("/things/1", headers={"Authorization": "Bearer admin:eve"})
    assert (response.status_code, response.json["code"], response.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "host of ours" not in response.text
    [record] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "host of ours" in record.reason
    assert secure(response)
    assert serve("open", echo).get("/open").status_code == 200


def test_a_role_that_the_function_does_not_allow_is_403(serve):
    response = serve("drop", echo).delete("/things/1", headers=USER)
    assert response.status_code == 403
    assert response.json["allowed_roles"] == ["admin"]
    assert serve("drop", echo).delete("/things/1", headers={"Authorization": "bearer admin:eve"}).status_code == 200


def test_a_problem_has_every_field_of_the_standard(serve):
    response = serve("make", named, Thing).post("/things", json={"name": "x"}, headers=USER)
    found = response.json
    assert response.status_code == found["status"] == 422
    assert found["type"] == "http://api.test/problems/invalid_request"
    assert found["title"] == "Invalid request"
    assert found["instance"] == "/things"
    assert found["request_id"] == response.headers["X-Request-Id"]
    assert found["errors"] == [{"pointer": "#/name", "detail": "name must have at least 2 characters; it has 1."}]
    assert found["detail"] == found["errors"][0]["detail"]


def test_a_handler_refuses_with_a_problem(serve):
    def refuse(_call: Call[Any]) -> Answer:
        raise Problem(409, "busy", "It is busy; try later.", headers={"Retry-After": "9"}, facts={"free": 0})

    response = serve("open", refuse).get("/open")
    assert (response.status_code, response.json["code"], response.json["free"]) == (409, "busy", 0)
    assert response.headers["Retry-After"] == "9"


def test_an_unexpected_failure_is_500_without_details_and_logged_with_them(serve, caplog):
    def fail(_call: Call[Any]) -> Answer:
        raise RuntimeError("password is hunter2")

    response = serve("open", fail).get("/open")
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert secure(response)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.request_id == response.json["request_id"]
    assert "hunter2" in str(record.exc_info)


def test_a_silent_store_is_503_with_a_time_to_come_back(serve):
    def fail(_call: Call[Any]) -> Answer:
        raise Unavailable("disk on fire")

    response = serve("open", fail).get("/open")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "fire" not in response.text


def test_a_client_that_has_the_answer_gets_304(serve):
    client = serve("thing", echo)
    tag = client.get("/things/1", headers=USER).headers["ETag"]
    for header in (tag, f'"other", W/{tag}', "*"):
        response = client.get("/things/1", headers={**USER, "If-None-Match": header})
        assert (response.status_code, response.data, response.headers["ETag"]) == (304, b"", tag)
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "Content-Type" not in response.headers
        assert secure(response)
    assert client.get("/things/2", headers={**USER, "If-None-Match": tag}).status_code == 200


def test_the_log_has_one_line_per_request_and_no_secret(serve, caplog):
    caplog.set_level(logging.INFO)
    serve("thing", echo).get("/things/1?token=sesame", headers=USER)
    [record] = [record for record in caplog.records if record.name == "common.http.boundary"]
    assert record.getMessage() == "GET /things/1 200"
    assert record.httpRequest["status"] == 200
    everything = json.dumps(vars(record), default=str)
    assert "sesame" not in everything
    assert "user:ann" not in everything
