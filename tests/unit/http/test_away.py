"""Whatever is away, clients and deliveries hear 503 and when to come back, and nothing that looks like success."""

import types
from typing import Any

import flask
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from common.http import push
from common.platform.away import AWAY
from common.platform.documents import Conflict
from functions.catalogue import CATALOGUE


@pytest.mark.parametrize("kind", [*AWAY, Conflict])
def test_a_client_gets_503_with_a_time_to_come_back(serve: Any, kind: type[Exception]) -> None:
    def handle(_call: Any) -> Any:
        raise kind("away")

    response = serve("thing", handle).get("/things/1", headers={"Authorization": "Bearer user:ann"})
    assert (response.status_code, response.content_type) == (503, "application/problem+json")
    assert response.json["code"] == "unavailable"
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("kind", [*AWAY, Conflict])
@pytest.mark.parametrize("early", [True, False])
def test_a_delivery_is_put_off(context: Any, kind: type[Exception], early: bool) -> None:
    def away(*_: Any) -> Any:
        raise kind("away")

    module = types.ModuleType("sweep")
    module.run = away  # type: ignore[attr-defined]
    function = push.upkeep(CATALOGUE["sweep"], module, away if early else lambda: context)

    def app(environ: Any, start_response: Any) -> Any:
        return function(flask.Request(environ))(environ, start_response)

    response = Client(app, Response).post("/", json={})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) >= 1
