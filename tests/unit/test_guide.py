"""DOC-4.2: the guide quotes its examples as they are, its links lead somewhere, and it names what there is."""

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from common.domain.signing import signed
from functions.catalogue import CATALOGUE

DOCS = Path(__file__).parents[2] / ".github" / "docs"
GUIDE = (DOCS / "guide.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"\[`([\w.]+)`\]\(examples/\1\)\n\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
SECTIONS = [
    "Getting started in 5 minutes",
    "Authentication",
    "Your first job",
    "Progress",
    "What is checked",
    "Errors",
    "Limits and quotas",
    "Webhooks and events",
    "Best practices",
    "FAQ",
]


def test_doc_4_2_the_guide_has_every_section():
    assert re.findall(r"^## (.+)$", GUIDE, re.MULTILINE) == SECTIONS


def test_doc_4_2_every_example_is_quoted_as_it_is():
    assert {name for name, _ in QUOTED} == {path.name for path in (DOCS / "examples").iterdir() if path.is_file()} - {
        "live.py"  # the page of the live protocol tells of it
    }
    for name, text in QUOTED:
        assert (DOCS / "examples" / name).read_text(encoding="utf-8") == text, name


def test_every_link_leads_somewhere():
    anchors = {"#" + re.sub(r"[^\w -]", "", name).lower().replace(" ", "-") for name in SECTIONS}
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        assert target.startswith("https://") or target in anchors or (DOCS / target).exists(), target


def test_every_operation_that_the_guide_names_exists():
    for method, path in re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`?\s]*)", GUIDE):
        assert any(e.http and (e.http.method, e.http.path) == (method, path) for e in CATALOGUE.endpoints()), path


def message() -> tuple[str, dict[str, str], str]:
    body = '{"type": "pipeline.completed", "data": {"title": "Füße"}}'
    return "whsec_" + "QUFB" * 8, dict(signed("msg_1", datetime.now(UTC), body, [b"AAA" * 8])), body


@pytest.fixture(params=["python", "node"])
def verified(request) -> Callable[[str, dict[str, str], str], bool]:
    if request.param == "python":
        spec = spec_from_file_location("webhook", DOCS / "examples" / "webhook.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return lambda secret, headers, body: module.verified(secret, headers, body.encode())
    if shutil.which("node") is None:
        pytest.skip("needs Node")
    return by_node


def by_node(secret: str, headers: dict[str, str], body: str) -> bool:
    import json

    code = (
        f"import {{ verified }} from {json.dumps(str(DOCS / 'examples' / 'webhook.mjs'))};"
        f"console.log(verified({json.dumps(secret)}, {json.dumps(headers)}, {json.dumps(body)}))"
    )
    done = subprocess.run(
        ["node", "--input-type=module", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip() == "true"


def test_doc_4_2_a_receiver_believes_what_we_sign_and_nothing_else(verified):
    secret, headers, body = message()
    assert verified(secret, headers, body)
    assert verified(secret, {**headers, "webhook-signature": "v1,b3RoZXI= " + headers["webhook-signature"]}, body)
    assert not verified(secret, headers, body + " ")
    assert not verified(secret, {**headers, "webhook-id": "msg_2"}, body)
    assert not verified("whsec_" + "QkJC" * 8, headers, body)
    assert not verified(secret, {**headers, "webhook-timestamp": "1000000000"}, body)
