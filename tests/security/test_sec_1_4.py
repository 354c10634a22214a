"""SEC-1.4: browsers let the app's own pages call the service, with credentials, and no other page."""

import dataclasses

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from functions.catalogue import CATALOGUE
from tests.http_world import routed

OURS, ALSO = "https://app.example.com", "http://localhost:3000"
OTHERS = (
    "https://evil.example",
    "https://app.example.com.evil.example",
    "https://evil-app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "HTTPS://APP.EXAMPLE.COM",
    "null",
    "*",
    "",
)
PATHS = sorted({entry.http.path.replace("{id}", "0123abcd") for entry in CATALOGUE.endpoints() if entry.http})


@pytest.fixture
def client(context):
    settings = dataclasses.replace(context.settings, allowed_origins=f"{OURS}, {ALSO}")
    return Client(routed(dataclasses.replace(context, settings=settings)), Response)


def cors(response):
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


def preflight(client, path, origin, method="GET"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x"}
    return client.options(path, headers=asked)


@pytest.mark.parametrize("path", PATHS)
def test_sec_1_4_every_path_answers_a_preflight_with_its_methods(client, path):
    response = preflight(client, path, OURS)
    assert (response.status_code, response.data) == (204, b"")
    found = cors(response)
    assert found["Access-Control-Allow-Origin"] == OURS
    assert found["Access-Control-Allow-Credentials"] == "true"
    assert found["Access-Control-Max-Age"] == "3600"
    methods = set(found["Access-Control-Allow-Methods"].split(", "))
    assert methods == set(CATALOGUE.methods(path))
    assert methods <= {"GET", "POST", "PUT", "PATCH", "DELETE"}
    allowed = found["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key", "x-csrf-token", "x-api-key", "if-match"} <= {*allowed}
    assert "*" not in found.values()


@pytest.mark.parametrize("origin", OTHERS)
@pytest.mark.parametrize("path", ["/pipeline/run", "/presets"])
def test_sec_1_4_a_preflight_of_another_origin_is_refused(client, path, origin):
    response = preflight(client, path, origin)
    assert (response.status_code, response.json["code"]) == (403, "origin_not_allowed")
    assert cors(response) == {}


@pytest.mark.parametrize("origin", OTHERS)
def test_sec_1_4_another_origin_is_let_read_nothing(client, origin):
    response = client.get("/presets", headers={"Origin": origin})
    assert response.status_code == 200
    assert cors(response) == {}
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("origin", [OURS, ALSO])
def test_sec_1_4_our_pages_read_answers_and_refusals(client, origin):
    for path, status in (("/presets", 200), ("/pipeline/none", 401), ("/nothing", 404)):
        response = client.get(path, headers={"Origin": origin})
        assert response.status_code == status
        found = cors(response)
        assert found["Access-Control-Allow-Origin"] == origin
        assert found["Access-Control-Allow-Credentials"] == "true"
        exposed = found["Access-Control-Expose-Headers"].split(", ")
        assert {"ETag", "Location", "RateLimit", "Retry-After", "X-Request-Id", "Idempotent-Replayed"} <= {*exposed}
        assert "Origin" in response.headers["Vary"]


def test_sec_1_4_without_a_setting_no_page_of_another_origin_may_call(context):
    client = Client(routed(context), Response)
    assert preflight(client, "/presets", OURS).status_code == 403
    assert cors(client.get("/presets", headers={"Origin": OURS})) == {}


def test_sec_1_4_a_preflight_of_a_path_that_is_not_served_is_404(client):
    assert preflight(client, "/nothing", OURS).status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Origin": OURS}, {"Access-Control-Request-Method": "GET"}])
def test_sec_1_4_what_is_no_preflight_is_405(client, headers):
    response = client.options("/presets", headers=headers)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
