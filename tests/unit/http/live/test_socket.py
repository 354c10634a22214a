"""Who may open a socket and how, what it says, and with which code it closes."""

import dataclasses
import json
import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from common.http.headers import SECURITY
from common.http.live import feed, recheck, stream
from common.http.live import socket as sockets
from common.identity import access, families, sessions
from common.platform.identity import IdentityUnavailable
from tests.http_world import NamedTokens
from tests.live_world import born, dial, hear, hear_out, hosted, live_app, tell

ANN = "user:ann"


def snapshot(said: dict[str, Any]) -> bool:
    return bool(said["type"] == "snapshot")


def last(said: dict[str, Any]) -> bool:
    return bool(said["type"] == "pipeline.completed")


def seated(caller: str, connections: int) -> None:
    """Wait until a caller has so many connections."""
    until = time.monotonic() + 20
    while feed._open[caller] != connections and time.monotonic() < until:
        time.sleep(0.01)
    assert feed._open[caller] == connections


def token(context: Any, user: str = "ann") -> str:
    """An access token of ours: what fits into a subprotocol, and expires."""
    family, _ = families.begin(context, user, "user", "tokens")
    return access.issue(context, user, "user", family.id, now=context.clock.now())


def test_a_snapshot_then_events_in_order_then_the_end(where, context):
    born(context)
    tell(context, step="render", key="render", progress=0.4)
    with dial(where, token=ANN) as connection:
        [first] = hear(connection, snapshot)
        assert (first["seq"], first["data"]["seq"], first["data"]["status"]) == (1, 1, "queued")
        assert {"progress", "stage", "cost", "links", "error"} <= first["data"].keys()
        tell(context, step="render", key="render", progress=0.5)
        tell(context, "pipeline.completed", cost_micros=0)
        heard, code, reason = hear_out(connection)
    assert [(said["seq"], said["type"]) for said in heard] == [(2, "pipeline.progress"), (3, "pipeline.completed")]
    assert heard[0]["data"] == {"status": "queued", "step": "render", "key": "render", "progress": 0.5}
    assert (code, reason) == (1000, "done")


@pytest.mark.parametrize(("after", "seqs"), [("0", [1, 2, 3]), ("2", [3]), ("3", [])])
def test_a_client_that_comes_back_gets_what_it_missed_even_after_the_end(where, context, after, seqs):
    born(context)
    tell(context)
    tell(context)
    tell(context, "pipeline.completed", cost_micros=0)
    with dial(where, f"/ws/pipeline/p1?after={after}", token=ANN) as connection:
        heard, code, _ = hear_out(connection)
    assert heard[0]["seq"] == int(after)
    assert [said["seq"] for said in heard[1:]] == seqs
    assert code == 1000


def test_every_way_to_say_who_one_is(where, context):
    born(context)
    tell(context, "pipeline.completed", cost_micros=0)
    mine = token(context)
    with dial(where, subprotocols=["aiprod.v1", f"bearer.{mine}"]) as connection:
        assert connection.subprotocol == "aiprod.v1"
        assert hear_out(connection)[1] == 1000
    with dial(where, subprotocols=["aiprod.v1"]) as connection:
        connection.send(json.dumps({"type": "auth", "token": mine, "after": 0}))
        heard, code, _ = hear_out(connection)
        assert ([said["seq"] for said in heard], code) == ([0, 1], 1000)
    with dial(where) as connection:
        connection.send(json.dumps({"type": "auth", "token": ANN}))
        assert hear_out(connection)[1] == 1000


def test_a_sessions_cookie_opens_a_socket_for_pages_of_ours_only(where, context):
    born(context)
    tell(context, "pipeline.completed", cost_micros=0)
    _, cookie = sessions.begin(context, "ann", "user")
    headers = {"Cookie": f"{sessions.cookie_name(context.settings)}={cookie}"}
    for origin, wanted in (("http://api.test", 1000), ("https://evil.test", 4403), ("null", 4403), ("", 4403)):
        with dial(where, headers={**headers, **({"Origin": origin} if origin else {})}) as connection:
            heard, code, reason = hear_out(connection)
        assert code == wanted, (origin, reason)
        if wanted == 4403:
            assert (reason, heard[-1]["data"]["code"]) == ("origin_not_allowed", "origin_not_allowed")


def test_a_token_opens_a_socket_for_any_page(where, context):
    born(context)
    with dial(where, token=ANN, headers={"Origin": "https://elsewhere.test"}) as connection:
        hear(connection, snapshot)


@pytest.mark.parametrize(
    ("path", "options", "code", "reason"),
    [
        ("/ws/pipeline/p1", {"token": "nobody"}, 4401, "unauthenticated"),
        ("/ws/pipeline/p1", {"subprotocols": ["aiprod.v1", "bearer.x.y.z"]}, 4401, "unauthenticated"),
        ("/ws/pipeline/p1", {"token": "user:bob"}, 4404, "not_found"),
        ("/ws/pipeline/none", {"token": ANN}, 4404, "not_found"),
        ("/ws/pipeline/p1?after=7", {"token": ANN}, 4400, "no_such_event"),
        ("/ws/pipeline/p1?after=-1", {"token": ANN}, 4400, "invalid_request"),
        ("/ws/pipeline/p1?after=x", {"token": ANN}, 4400, "invalid_request"),
        ("/ws/pipeline/p1?token=x", {"token": ANN}, 4400, "invalid_request"),
    ],
)
def test_a_refusal_says_why_and_closes_with_its_code(where, context, path, options, code, reason):
    born(context)
    with dial(where, path, **options) as connection:
        [said], closed, why = hear_out(connection)
    assert (closed, why) == (code, reason)
    assert (said["type"], said["seq"], said["data"]["code"]) == ("error", None, reason)
    assert said["data"]["request_id"]


@pytest.mark.parametrize("role", ["admin", "viewer", "service"])
def test_roles_see_what_they_may(where, context, role):
    born(context, owner="someone")
    with dial(where, token=f"{role}:x") as connection:
        if role == "admin":
            hear(connection, snapshot)
        else:
            assert hear_out(connection)[1] == 4404


@pytest.mark.parametrize(
    "first",
    [
        "hello",
        "[]",
        "{}",
        '{"type":"auth"}',
        '{"type":"auth","token":5}',
        '{"type":"auth","token":"x\\n"}',
        '{"type":"auth","token":"user:ann","after":-1}',
        '{"type":"auth","token":"user:ann","after":true}',
        '{"type":"auth","token":"user:ann","role":"admin"}',
        "[" * 10_000,
        b"\x00",
        "x" * 20_000,
    ],
)
def test_a_first_message_that_is_none_is_4400(where, context, first):
    born(context)
    with dial(where) as connection:
        connection.send(first)
        assert hear_out(connection)[1:] == (4400, 'the first message must be {"type": "auth", "token": TOKEN}')


def test_so_many_sockets_of_an_address_wait_for_their_proof_and_no_more(where, context, monkeypatch):
    born(context)
    monkeypatch.setattr(sockets, "MOST_UNPROVED", 2)
    with dial(where) as one, dial(where) as other:
        until = time.monotonic() + 20
        while sum(sockets._unproved.values()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        with dial(where) as third:
            assert hear_out(third)[1:] == (4429, "2 sockets of your address wait for their auth message")
        with dial(where, token=ANN) as known:
            hear(known, snapshot)
        one.send(json.dumps({"type": "auth", "token": ANN}))
        hear(one, snapshot)
        with dial(where) as fourth:
            fourth.send(json.dumps({"type": "auth", "token": ANN}))
            hear(fourth, snapshot)
        other.close()
        while sockets._unproved and time.monotonic() < until:
            time.sleep(0.01)
    assert not sockets._unproved


def test_silence_is_4408_and_chatter_4400(where, context, monkeypatch):
    born(context)
    monkeypatch.setattr(sockets, "AUTH_SECONDS", 0.1)
    with dial(where) as connection:
        assert hear_out(connection)[1] == 4408
    with dial(where, token=ANN) as connection:
        connection.send("and how are you?")
        assert hear_out(connection)[1] == 4400


def test_another_subprotocol_is_4400(where, context):
    born(context)
    with dial(where, subprotocols=["aiprod.v9"], token=ANN) as connection:
        assert connection.subprotocol is None
        assert hear_out(connection)[1] == 4400


def test_the_answer_to_the_handshake_has_the_security_headers_and_no_token(where, context):
    born(context)
    mine = token(context)
    with dial(where, subprotocols=["aiprod.v1", f"bearer.{mine}"]) as connection:
        assert connection.response is not None
        headers = connection.response.headers
        assert {name: headers.get(name) for name in SECURITY} == dict(SECURITY)
        assert headers["X-Request-Id"]
        assert mine not in str(headers)


def test_no_token_is_ever_logged(where, context, caplog):
    born(context)
    caplog.set_level("DEBUG")
    mine = token(context)
    with dial(where, subprotocols=["aiprod.v1", f"bearer.{mine}"]) as connection:
        hear(connection, snapshot)
    ours = [record.getMessage() + str(vars(record)) for record in caplog.records if "client" not in record.name]
    assert not any(mine in line for line in ours if "websockets" not in line)


def test_a_path_that_no_socket_serves_is_refused_like_everything_else(where):
    with pytest.raises(InvalidStatus) as refused:
        dial(where, "/ws/nothing")
    answer = refused.value.response
    assert answer.status_code == 404
    assert json.loads(answer.body)["code"] == "not_found"
    assert {name: answer.headers.get(name) for name in SECURITY} == dict(SECURITY)


def test_a_token_that_expires_meanwhile_closes_4401(where, context, clock, monkeypatch):
    born(context)
    monkeypatch.setattr(recheck, "SECONDS", 0.0)
    with dial(where, token=token(context)) as connection:
        hear(connection, snapshot)
        clock.advance(context.settings.access_token_ttl + 1)
        tell(context)
        assert hear_out(connection)[1:] == (4401, "unauthenticated")


@pytest.mark.parametrize(
    ("owner", "role", "end"), [("bob", "user", 4404), ("bob", "viewer", 4404), ("root", "user", None)]
)
def test_a_role_that_is_taken_away_meanwhile_ends_what_it_let_hear(where, context, monkeypatch, owner, role, end):
    born(context, owner=owner)
    monkeypatch.setattr(recheck, "SECONDS", 0.0)
    with dial(where, token="admin:root") as connection:
        hear(connection, snapshot)
        context.identity.set_role("root", role)
        tell(context)
        if end:
            assert hear_out(connection) == ([], end, "not_found")
        else:
            assert hear(connection, lambda said: said["seq"] == 1)


def test_who_is_connected_stays_so_while_nobody_can_be_verified(where, context, monkeypatch):
    born(context)
    monkeypatch.setattr(recheck, "SECONDS", 0.0)
    with dial(where, token=ANN) as connection:
        hear(connection, snapshot)

        def away(*_: Any, **__: Any) -> Any:
            raise IdentityUnavailable("away")

        monkeypatch.setattr(NamedTokens, "verify", away)
        tell(context)
        assert hear(connection, lambda said: said["seq"] == 1)
    with dial(where, token=ANN) as connection:
        assert hear_out(connection)[1] == 1013


def test_a_caller_has_so_many_connections_and_no_more(where, context, monkeypatch):
    born(context)
    monkeypatch.setattr(feed, "MOST_OF_A_CALLER", 2)
    with dial(where, token=ANN) as one:
        hear(one, snapshot)
        with dial(where, token=ANN) as other:
            hear(other, snapshot)
            with dial(where, token=ANN) as third:
                assert hear_out(third)[1:] == (4429, "too_many_connections")
            with dial(where, token="admin:root") as fourth:
                hear(fourth, snapshot)
        seated("ann", 1)
        with dial(where, token=ANN) as again:
            hear(again, snapshot)


def test_pings_come_where_there_is_nothing_to_say_and_say_where_to_resume(where, context, monkeypatch):
    monkeypatch.setattr(feed, "PING_SECONDS", 0.05)
    born(context)
    tell(context)
    with dial(where, "/ws/pipeline/p1?after=0", token=ANN) as connection:
        said = [json.loads(connection.recv(timeout=20)) for _ in range(4)]
    assert [(one["type"], one["seq"]) for one in said[2:]] == [("ping", 1), ("ping", 1)]


def test_a_server_that_ends_closes_1001(context):
    born(context)
    app = live_app(context)
    with ExitStack() as open_still:
        with hosted(app, app) as where:
            connection = open_still.enter_context(dial(where, token=ANN))
            hear(connection, snapshot)
        assert hear_out(connection)[1:] == (1001, "going away")


def test_a_client_that_takes_nothing_is_let_go_and_holds_nobody_up(where, context, monkeypatch):
    monkeypatch.setattr(stream, "SLOW_SECONDS", 0.3)
    monkeypatch.setattr(sockets, "SLOW_SECONDS", 0.3)
    born(context)
    slow = socket.create_connection(tuple(where.split(":")))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(
        b"GET /ws/pipeline/p1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Authorization: Bearer admin:slow\r\n\r\n"
    )
    with dial(where, token=ANN) as quick:
        hear(quick, snapshot)
        seated("slow", 1)
        until = time.monotonic() + 60
        while feed._open["slow"] and time.monotonic() < until:
            tell(context, step="s", key="k" * 60_000, progress=0.1)
            hear(quick, lambda said: said["type"] == "pipeline.progress")
    assert not feed._open["slow"]
    slow.close()


def test_a_connection_that_breaks_leaves_nothing_behind(where, context):
    born(context)
    for _ in range(5):
        with dial(where, token=ANN) as connection:
            hear(connection, snapshot)
            connection.socket.shutdown(socket.SHUT_RDWR)
    seated("ann", 0)


def test_the_codes_are_exactly_these():
    assert {int(code) for code in sockets.Close} == {
        1000, 1001, 1011, 1013, 4400, 4401, 4403, 4404, 4408, 4429
    }  # fmt: skip


def test_quotas_of_requests_count_connections(where, context, monkeypatch):
    born(context)
    full = dataclasses.replace(context.cache.take("x", most=1, seconds=60), granted=False)
    monkeypatch.setattr(type(context.cache), "take", lambda *_, **__: full)
    with dial(where, token=ANN) as connection:
        assert hear_out(connection)[1:] == (4429, "quota_exceeded")


def test_a_closed_connection_is_closed(where, context):
    born(context)
    with dial(where, token=ANN) as connection:
        hear(connection, snapshot)
        connection.close()
        with pytest.raises(ConnectionClosed):
            connection.recv(timeout=20)
