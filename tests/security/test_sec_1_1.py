"""SEC-1.1: 1000 requests a minute per address, 500 per caller, /health and /metrics free, shared on Redis."""

import pytest

from common.http import limits
from functions.catalogue import CATALOGUE

HERE = {"REMOTE_ADDR": "203.0.113.1"}


def test_sec_1_1_an_address_may_send_1000_requests_a_minute(client, clock):
    answers = [client.get("/presets", environ_base=HERE).status_code for _ in range(1001)]
    assert answers == [200] * 1000 + [429]
    clock.advance(120)
    assert client.get("/presets", environ_base=HERE).status_code == 200


def test_sec_1_1_a_caller_may_send_500_requests_a_minute_from_anywhere(call, clock):
    def ask(turn: int) -> int:
        status: int = call("GET", "/pipeline/none", environ_base={"REMOTE_ADDR": f"203.0.113.{turn % 7}"}).status_code
        return status

    assert [ask(turn) for turn in range(501)] == [404] * 500 + [429]
    assert call("GET", "/pipeline/none", "user:ben", environ_base=HERE).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/metrics"])
def test_sec_1_1_what_watches_the_service_is_never_refused(client, path, monkeypatch):
    monkeypatch.setattr(limits, "PER_ADDRESS", 1)
    answers = {client.get(path, environ_base=HERE).status_code for _ in range(5)}
    assert answers == {200}
    assert CATALOGUE[path[1:]].exempt


@pytest.mark.parametrize(("name", "most"), [("run_pipeline", 30)])
def test_sec_1_1_what_costs_most_has_a_limit_of_its_own(name, most):
    assert CATALOGUE[name].limit == most


def test_sec_1_1_a_pipeline_is_started_30_times_a_minute_at_most(call):
    body = {"content": "How lighthouses guided ships at night"}
    answers = [call("POST", "/pipeline/run", json=body, environ_base=HERE).status_code for _ in range(31)]
    assert answers == [202] * 30 + [429]
