"""GET /pipelines: whose pipelines, which of them, and page by page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from common.engine import control
from common.engine.context import Context
from common.platform.embedded.clock import VirtualClock


@pytest.fixture
def make(call: Any, clock: VirtualClock) -> Callable[..., str]:
    def send(token: str = "user:ann", content: str = "How lighthouses guided ships", **body: Any) -> str:
        answer = call("POST", "/pipeline/run", token, json={"content": content, **body})
        assert answer.status_code == 202, answer.text
        clock.sleep(1)
        return str(answer.json["id"])

    return send


@pytest.fixture
def ids(call: Any) -> Callable[..., list[str]]:
    def send(token: str = "user:ann", **query: Any) -> list[str]:
        answer = call("GET", "/pipelines", token, query_string=query)
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json["pipelines"]]

    return send


def test_api_3_5_filter_search_dates_and_costs(make: Any, ids: Any, context: Context):
    first = make(title="Summer sale")
    second = make(title="Winter sale", preset="premium_spot")
    control.cancel(context, first, by="ann")
    assert ids() == [second, first]
    assert ids(filter="status:cancelled,date:>2025-12-31,cost:<100") == [first]
    assert ids(filter="cost:>0") == []
    assert ids(filter="date:2026-01-01,preset:premium_spot") == [second]
    assert ids(filter="date:<2026-01-01") == []
    assert ids(filter="title:sale,search:lighthouse") == [second, first]
    assert ids(search="wint") == [second]
    assert ids(search="ships", filter="status:queued") == [second]
    assert ids(order_by="created_at") == [first, second]


def test_the_listing_says_of_each_what_its_own_page_does(make: Any, call: Any):
    made = make(title="Summer sale")
    [listed] = call("GET", "/pipelines").json["pipelines"]
    alone = call("GET", f"/pipeline/{made}").json
    assert {name: alone[name] for name in listed if name != "owner"} == {
        name: value for name, value in listed.items() if name != "owner"
    }
    assert listed["owner"] == "ann"


@pytest.mark.parametrize("role", ["user", "viewer", "service"])
def test_everybody_sees_their_own_and_an_admin_all(make: Any, ids: Any, role: str):
    mine, other = make("user:ann"), make("user:bob")
    assert ids(f"{role}:ann") == [mine]
    assert ids(f"{role}:ann", filter="user_id:bob") == []
    assert ids(f"{role}:ann", filter="user_id:ann") == [mine]
    assert ids(f"{role}:eve") == []
    assert ids("admin:root") == [other, mine]
    assert ids("admin:root", filter="user_id:bob") == [other]


def test_nobody_is_asked_who_does_not_say_who_calls(client: Any):
    assert client.get("/pipelines").status_code == 401


def test_pages_join_to_the_whole_while_pipelines_come(make: Any, call: Any):
    made = [make() for _ in range(7)]
    seen: list[str] = []
    token, size = "", 3
    while True:
        answer = call("GET", "/pipelines", query_string={"page_size": size, "page_token": token}).json
        assert len(answer["pipelines"]) <= size
        seen += [one["id"] for one in answer["pipelines"]]
        token = answer["next_page_token"]
        if not token:
            break
        make()
    assert seen == made[::-1]


def test_a_page_token_is_of_one_caller_and_one_list(make: Any, call: Any):
    for _ in range(3):
        make()
    token = call("GET", "/pipelines", query_string={"page_size": 1}).json["next_page_token"]
    again = call("GET", "/pipelines", query_string={"page_size": 2, "page_token": token})
    assert (again.status_code, len(again.json["pipelines"])) == (200, 2)
    for who, query in (
        ("user:bob", {}),
        ("user:ann", {"filter": "status:queued"}),
        ("user:ann", {"search": "ships"}),
        ("user:ann", {"order_by": "cost"}),
    ):
        answer = call("GET", "/pipelines", who, query_string={"page_token": token, **query})
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_page_token")


@pytest.mark.parametrize(
    ("query", "status", "code", "said"),
    [
        ({"filter": "statuss:completed"}, 400, "invalid_filter", "Did you mean status?"),
        ({"filter": "weight:1"}, 400, "invalid_filter", "Known ones: status, date, cost"),
        ({"filter": "cost:cheap"}, 400, "invalid_filter", "US dollars"),
        ({"search": "!!!"}, 400, "invalid_filter", "no word"),
        ({"order_by": "title"}, 400, "invalid_order_by", "created_at or cost"),
        ({"order_by": "cost", "search": "ships"}, 400, "invalid_order_by", "newest first"),
        ({"page_token": "x"}, 400, "invalid_page_token", "first page"),
        ({"page_size": "-1"}, 422, "invalid_request", "page_size must be 0 or more"),
        ({"page_size": "many"}, 422, "invalid_request", "whole number"),
        ({"filters": "status:failed"}, 422, "invalid_request", "Did you mean filter?"),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(call: Any, query: dict[str, str], status: int, code: str, said: str):
    answer = call("GET", "/pipelines", query_string=query)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert said in answer.json["detail"]


def test_a_clock_of_another_zone_filters_by_the_same_moment(make: Any, ids: Any, clock: VirtualClock):
    made = make()
    at = (clock.now() - timedelta(seconds=1)).isoformat().replace("00:00:00", "02:00:00").replace("+00:00", "+02:00")
    assert ids(filter=f"date:>={at}") == [made]
    assert ids(filter=f"date:>{at}") == []
