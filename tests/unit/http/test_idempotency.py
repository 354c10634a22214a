"""One effect for one Idempotency-Key."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from common.domain.model import Model
from common.http import idempotency
from common.http.call import Answer, Call
from common.http.problem import Problem
from common.platform.documents import Unavailable
from common.platform.embedded.clock import VirtualClock


class Thing(Model):
    name: str
    size: int = 1


class Shop:
    """A handler that makes things and remembers them."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fails: list[Exception] = []

    def __call__(self, call: Call[Thing]) -> Answer:
        if self.fails:
            raise self.fails.pop()
        self.made.append(call.new_id)
        return Answer(202, {"id": call.new_id}, {"Location": f"/things/{call.new_id}"})


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def post(serve: Any, shop: Shop) -> Any:
    client = serve("make", shop, Thing)

    def send(key: str | None = "key-1", body: Any = None, user: str = "ann") -> Any:
        headers = {"Authorization": f"Bearer user:{user}"} | ({"Idempotency-Key": key} if key is not None else {})
        return client.post("/things", json={"name": "x"} if body is None else body, headers=headers)

    return send


def test_a_repeat_gets_the_first_answer_and_changes_nothing(post, shop):
    first, again = post(), post()
    assert first.status_code == again.status_code == 202
    assert first.json == again.json
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(shop.made) == 1


def test_an_equal_body_written_otherwise_is_the_same_request(post, shop):
    assert post(body={"name": "x"}).json == post(body={"size": 1, "name": "x"}).json
    assert len(shop.made) == 1


def test_another_body_under_the_same_key_is_422(post, shop):
    post()
    response = post(body={"name": "y"})
    assert (response.status_code, response.json["code"]) == (422, "idempotency_key_reused")
    assert len(shop.made) == 1


def test_another_caller_or_another_key_is_another_request(post, shop):
    post(), post(user="bob"), post(key="key-2"), post(key=None), post(key=None)
    assert len(set(shop.made)) == 5


@pytest.mark.parametrize("key", ["key-1", ""])
def test_what_answers_a_secret_takes_no_key_and_says_so(serve, shop, context, key):
    client = serve("mint", shop, Thing)
    headers = {"Authorization": "Bearer user:ann"}
    kept = client.post("/secrets", json={"name": "x"}, headers={**headers, "Idempotency-Key": key})
    assert (kept.status_code, kept.json["code"]) == (400, "idempotency_key_refused")
    assert "without Idempotency-Key" in kept.json["detail"]
    assert shop.made == []
    assert client.post("/secrets", json={"name": "x"}, headers=headers).status_code == 202
    assert context.documents.query("idempotency") == []


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "tab\there", "ü"])
def test_a_key_that_is_none_is_400(post, shop, key):
    assert post(key=key).status_code == 400
    assert shop.made == []


def test_an_invalid_body_is_not_remembered(post, shop):
    assert post(body={"name": 1}).status_code == 422
    assert post().status_code == 202


def test_a_refusal_of_the_handler_is_not_remembered(post, shop):
    shop.fails = [Problem(409, "busy", "Busy.")]
    assert post().status_code == 409
    assert post(body={"name": "another"}).status_code == 202


@pytest.mark.parametrize("failure", [Unavailable("away"), RuntimeError("bug")])
def test_after_an_unknown_outcome_the_repeat_goes_on_at_once_with_the_same_id(post, shop, failure, context):
    shop.fails = [failure]
    assert post().status_code in (500, 503)
    [record] = context.documents.query("idempotency")
    assert post().json == {"id": record.data["new_id"]}


def test_a_host_whose_clock_is_fast_keeps_no_repeat_waiting(context, clock):
    fast = replace(context, clock=VirtualClock(clock.now() + timedelta(minutes=5)))

    def send(perform: Any) -> Answer:
        return idempotency.once(fast, "ann", "POST", "/things", "key-1", Thing(name="x"), perform)

    def lose(_: str) -> Answer:
        raise Unavailable("nobody knows")

    with pytest.raises(Unavailable):
        send(lose)
    assert send(lambda new_id: Answer(202, {"id": new_id})).status == 202


def test_while_the_first_request_runs_a_repeat_is_409(post, shop, serve):
    inside, go = threading.Event(), threading.Event()

    def slow(call: Call[Thing]) -> Answer:
        inside.set()
        assert go.wait(10)
        return shop(call)

    client = serve("make", slow, Thing)
    send = {"json": {"name": "x"}, "headers": {"Authorization": "Bearer user:ann", "Idempotency-Key": "key-1"}}
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(client.post("/things", **send)))
    first.start()
    assert inside.wait(10)
    second = post()
    go.set()
    first.join(10)
    assert (second.status_code, second.json["code"]) == (409, "idempotency_in_progress")
    assert int(second.headers["Retry-After"]) >= 1
    assert answers[0].status_code == 202
    assert post().json == answers[0].json
    assert len(shop.made) == 1


def test_a_crash_in_the_middle_is_taken_over_after_the_lease_with_the_same_id(serve, shop, post, clock, context):
    class Crash(BaseException):
        pass

    def crash(call: Call[Thing]) -> Answer:
        shop(call)
        raise Crash

    client = serve("make", crash, Thing)
    headers = {"Authorization": "Bearer user:ann", "Idempotency-Key": "key-1"}
    with pytest.raises(Crash):
        client.post("/things", json={"name": "x"}, headers=headers)
    assert post().status_code == 409
    clock.advance(61)
    assert post().json == {"id": shop.made[0]}


def test_a_key_is_forgotten_after_a_day(post, shop, clock):
    first = post()
    clock.advance(24 * 3600 + 1)
    second = post(body={"name": "other"})
    assert second.status_code == 202
    assert second.json != first.json


def test_many_at_once_make_one(post, shop):
    barrier = threading.Barrier(8)
    answers: list[int] = []

    def send() -> None:
        barrier.wait()
        answers.append(post().status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.made) == 1
    assert set(answers) <= {202, 409}
