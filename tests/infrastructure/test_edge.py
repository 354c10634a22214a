"""The load balancer and the code: the same headers, limits and routes."""

import re
from pathlib import Path

import pytest

from common.domain.catalogue import Entry
from common.http import limits, pages
from common.http.headers import SECURITY
from functions.catalogue import CATALOGUE

EDGE = Path(__file__).parents[2] / "terraform" / "modules" / "edge"
ENDPOINTS = CATALOGUE.endpoints()
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def test_the_load_balancer_sets_the_headers_of_the_code() -> None:
    text = (EDGE / "routes.tf").read_text()
    inside = text[text.index("  headers = {") : text.index("  }\n")]
    found = dict(re.findall(r'^    ([\w-]+)\s+= "(.*)"$', inside, re.MULTILINE))
    # A page's own policy says more than a common one, which would replace it.
    assert found == {name: value for name, value in SECURITY.items() if name != "Content-Security-Policy"}


def test_the_limit_of_an_address_is_that_of_the_code() -> None:
    text = (EDGE / "armor.tf").read_text()
    assert re.findall(r"count\s+= (\d+)", text) == [str(limits.PER_ADDRESS)]
    assert re.findall(r"interval_sec\s+= (\d+)", text) == [str(limits.SECONDS)]


def test_what_is_exempt_can_stand_in_an_expression() -> None:
    exempt = sorted(entry.http.path for entry in ENDPOINTS if entry.http and entry.exempt)
    assert exempt == ["/health", "/metrics"]  # as the requirements say


def test_files_are_kept_as_long_as_the_code_says() -> None:
    static = [entry.name for entry in ENDPOINTS if entry.http and entry.http.path.endswith("/{file}")]
    assert static == ["docs_asset"], "only what never changes under its name may have the parameter {file}"
    [years] = re.findall(r"year = (\d+) \* local.day", (EDGE / "cdn.tf").read_text())
    assert f"max-age={int(years) * 86_400}, immutable" in pages.FOREVER


def test_a_path_matcher_takes_all_routes() -> None:
    templates = [entry for entry in ENDPOINTS if entry.http and entry.http.variable]
    assert len(templates) <= 100


def test_names_of_backend_services_fit() -> None:
    longest = max((entry.name for entry in ENDPOINTS), key=len)
    assert len(f"{longest}-northamerica-northeast2") <= 63


PATHS = sorted(
    {
        re.sub(r"\{\w+\}", value, entry.http.path)
        for entry in ENDPOINTS
        if entry.http
        for value in ("0a1b2c", "batch", "run", "result", "cancel")  # an id, and words of other paths
    }
)


@pytest.mark.parametrize("method", METHODS)
def test_a_request_goes_where_the_code_would_send_it(method: str) -> None:
    for path in PATHS:
        meant = CATALOGUE.match("GET" if method == "HEAD" else method, path)
        reached = route(method, path)
        if meant:
            assert reached is meant[0], f"{method} {path} reaches {reached.name} instead of {meant[0].name}"
        # Whatever else it reaches says 404, 405 or answers a preflight, for it knows that the request is not its own.


def route(method: str, path: str) -> Entry:
    """The function that the rules of routes.tf lead to."""
    for asked, entry in RULES:
        if asked in (method, "") and entry.http and re.fullmatch(pattern(entry.http.path), path):
            return entry
    return CATALOGUE["health"]


def pattern(path: str) -> str:
    return "[^/]+".join(re.escape(part) for part in re.split(r"\{\w+\}", path))


def in_order() -> list[Entry]:
    """Endpoints as the module `catalogue` lists them: those without a parameter first."""
    return sorted(ENDPOINTS, key=lambda entry: bool(entry.http and entry.http.variable))


RULES = [(entry.http.method, entry) for entry in in_order() if entry.http and entry.http.method != "GET"] + [
    ("", entry) for entry in in_order() if entry.http and entry.http.method == "GET"
]
