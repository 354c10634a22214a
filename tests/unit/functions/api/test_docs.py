"""The documentation as clients get it: the OpenAPI document, the pages that show it, and a page for every problem."""

import inspect
import json
import re
import shutil
import threading
from importlib import import_module

import pytest
from openapi_spec_validator import validate
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from common.http import pages
from common.http.problems import PROBLEMS
from functions.catalogue import CATALOGUE
from tests.browser import browsing


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


def operations(document):
    return {one["operationId"]: one for path in document["paths"].values() for one in path.values()}


def test_doc_4_1_the_document_is_valid_and_complete(document):
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://api.test"}]
    found = {
        one["operationId"]: f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    }
    assert found == {e.name: f"{e.http.method} {e.http.path}" for e in CATALOGUE.endpoints() if e.http}


def test_doc_4_1_every_operation_says_who_how_often_and_what_can_go_wrong(document):
    for name, one in operations(document).items():
        entry = CATALOGUE[name]
        assert one["summary"] == entry.summary
        assert "**Roles:**" in one["description"]
        assert "**Limits:**" in one["description"]
        assert one["x-roles"] == (["public"] if entry.roles == "public" else list(entry.roles))
        answers = set(one["responses"])
        assert {"400", "500", "503"} <= answers
        assert ({"401", "403"} <= answers) or entry.roles == "public"
        assert ("429" in answers) != entry.exempt or entry.live
        if entry.idempotent:
            assert {"409", "422"} <= answers
            assert any(parameter["name"] == "Idempotency-Key" for parameter in one["parameters"])
        if entry.http and entry.http.method in ("POST", "PUT", "PATCH"):
            assert {"413", "415", "422"} <= answers
            assert "example" in one["requestBody"]["content"]["application/json"]


def test_doc_4_1_every_json_answer_has_an_example_of_its_own(document):
    for name, one in operations(document).items():
        for status, response in one["responses"].items():
            about = response.get("content", {}).get("application/json", {})
            if "$ref" in about.get("schema", {}):
                assert about["example"] is not None, (name, status)


def test_every_parameter_tag_and_reference_is_described(document):
    known = {tag["name"] for tag in document["tags"]}
    for name, one in operations(document).items():
        assert set(one["tags"]) <= known
        for parameter in one["parameters"]:
            assert parameter["description"].endswith("."), (name, parameter["name"])
            assert parameter["description"] != "Id of it.", (name, parameter["name"])
    text = json.dumps(document)
    for kind, ref in re.findall(r'"#/components/(\w+)/([^"]+)"', text):
        assert ref in document["components"][kind]
    assert not [name for name in document["components"]["schemas"] if "__" in name], "two models share a name"


def test_the_headers_that_a_handler_sends_are_documented(document):
    """A header that a module's code names is in SENDS, as far as clients should know of it."""
    known = document["components"]["headers"]
    for name in operations(document):
        module = import_module(CATALOGUE[name].module)
        sends = set(getattr(module, "SENDS", ()))
        assert sends <= known.keys(), name
        written = set(re.findall(r'"([A-Z]\w*(?:-\w+)*)":', inspect.getsource(module)))
        # Problems bring their own; what may be kept is said for every answer.
        assert written & known.keys() <= sends | {"Cache-Control", "Retry-After"}, name


def test_the_document_is_cached_and_tagged(client):
    first = client.get("/openapi.json")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/problems/not_found"])
def test_sec_1_6_a_page_runs_and_loads_nothing_but_files_of_our_own(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=|javascript:|https?://", response.text)
    for target in re.findall(r'(?:src|href)="(/docs/[^"]+)"', response.text):
        file = client.get(target)
        assert file.status_code == 200, target
        assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert file.content_type.startswith("text/css" if target.endswith(".css") else "text/javascript")


@pytest.mark.parametrize("name", ["swagger-ui.css", "..%2f..%2fpages.py", "page.0000000000000000.css", "x"])
def test_no_other_file_is_handed_out(client, name):
    assert client.get(f"/docs/{name}").status_code == 404


def test_redoc_asks_nobody_for_a_logo():
    carried = (pages._carried() / "redoc.standalone.js").read_bytes()
    assert pages._AWAY in carried, "the address has changed; look for what Redoc loads now"
    assert pages._AWAY not in pages._content("redoc.standalone.js")


@pytest.mark.parametrize("code", PROBLEMS)
def test_the_type_of_a_problem_leads_to_its_page(client, code):
    page = client.get(f"/problems/{code}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 200
    assert code in page.text
    told = client.get(f"/problems/{code}", headers={"Accept": "application/json"})
    assert told.json["title"] == PROBLEMS[code].title
    assert told.headers["Vary"].endswith("Accept")


@pytest.mark.parametrize("code", ["nothing", "<script>alert(1)</script>", "NOT_FOUND", "%00"])
def test_sec_1_6_an_unknown_code_is_told_as_data(client, code):
    response = client.get(f"/problems/{code}", headers={"Accept": "text/html"})
    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


# Says that the page shows a text, and a while later, so that what it still complains about is in the log.
WATCH = """const look = () => document.body.innerHTML.includes("%s")
  ? setTimeout(() => fetch("/shown"), 1000) : setTimeout(look, 100);
look();"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
@pytest.mark.parametrize(("path", "shown"), [("/docs", "opblock-tag"), ("/redoc", "/auth/login")])
def test_sec_1_6_a_browser_shows_the_pages_without_a_complaint(client, tmp_path, path, shown):
    seen = threading.Event()

    def watched(environ, start):
        if environ["PATH_INFO"] == "/shown":
            seen.set()
        if environ["PATH_INFO"] == "/watch.js":
            return Response(WATCH % shown, mimetype="text/javascript")(environ, start)
        if environ["PATH_INFO"] == path:
            page = client.get(path)
            body = page.text.replace("</body>", '<script src="/watch.js"></script></body>')
            policy = {"Content-Security-Policy": page.headers["Content-Security-Policy"]}
            return Response(body, content_type=page.content_type, headers=policy)(environ, start)
        return client.application(environ, start)

    server = make_server("127.0.0.1", 0, watched, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with browsing(f"http://127.0.0.1:{server.server_port}{path}", tmp_path) as complaints:
            found = seen.wait(90)
            said = complaints.read_text(errors="replace")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert found, said
    assert [line for line in said.splitlines() if "CONSOLE" in line] == []
