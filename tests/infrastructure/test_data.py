"""The data of Terraform and of the code: what vanishes, what no index holds, and what the bucket deletes."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from common.domain.assets import Asset
from common.domain.queries import SHAPES, UNINDEXED
from common.engine.assets import WAITS

ROOT = Path(__file__).parents[2]
DATA = ROOT / "terraform" / "modules" / "data"

# Whatever says when it is over: where the code says so, and the collection that such a document is kept in.
EXPIRING = {
    "common/domain/assets.py": "assets",
    "common/domain/webhooks.py": "deliveries",
    "common/http/idempotency.py": "idempotency",
    "common/identity/api_keys.py": "api_keys",
    "common/identity/families.py": "families tokens",
    "common/observability/audit.py": "audit",
}
# These say it of what is no document, or say what one of those above is told.
OTHERS = {
    "common/domain/keys.py",  # an API key
    "common/engine/assets.py",  # a file that came
    "common/http/assets.py",
    "common/http/grants.py",  # cookies
    "common/identity/access.py",  # an access token
    "common/platform/google/documents.py",
    "functions/api/create_asset.py",
    "functions/api/csrf_token.py",
    "functions/api/me.py",
}


def test_whatever_expires_has_a_ttl_policy() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in ("common", "functions")
        for path in (ROOT / folder).rglob("*.py")
        if "expires_at" in path.read_text()
    }
    assert files == {*EXPIRING, *OTHERS}, "say of a new one which collection it is kept in, and give that a TTL policy"
    assert strings("fields.tf", "expiring") == {name for names in EXPIRING.values() for name in names.split()}


def test_the_fields_are_those_that_the_adapter_writes() -> None:
    text = (DATA / "fields.tf").read_text()
    assert re.findall(r'field\s+= "`(.+)`"', text) == [constant("documents", "EXPIRES"), constant("documents", "STAMP")]


def test_the_stamp_is_in_no_index_of_any_collection_that_is_known() -> None:
    known = {shape.collection for shape in SHAPES} | {collection for collection, _field in UNINDEXED}
    assert strings("fields.tf", "stamped") >= known | strings("fields.tf", "expiring")


def test_what_passes_through_the_bucket_is_deleted_after_the_code_is_done_with_it() -> None:
    days = {name: int(age) for name, age in re.findall(r'"([a-z]+/+)"\s+= (\d+)', block("bucket.tf", "passing"))}
    asset = Asset(id="a", owner="ann", kind="image", content_type="image/png", size=1, created_at=datetime.now(UTC))
    assert set(days) == {constant("objects", "STAGING"), f"{asset.incoming.split('/')[0]}/", "segments/"}
    assert timedelta(days=days["incoming/"]) > WAITS


@pytest.mark.parametrize("prefix", ["artefacts/", "delivery/", "media/"])
def test_what_lasts_is_where_the_code_keeps_it(prefix: str) -> None:
    assert prefix in strings("bucket.tf", "lasting")
    code = [path.read_text() for folder in ("common", "functions") for path in (ROOT / folder).rglob("*.py")]
    assert any(f'f"{prefix}{{' in text for text in code)


def test_segments_are_where_the_code_keeps_them() -> None:
    assert 'f"segments/{' in (ROOT / "functions" / "render" / "kept.py").read_text()


def constant(module: str, name: str) -> str:
    """A string of an adapter, which is read and not imported: Google's clients take a second each."""
    text = (ROOT / "common" / "platform" / "google" / f"{module}.py").read_text()
    found = re.search(rf'^{name} = "(.+)"', text, re.MULTILINE)
    assert found, f"{module} has no {name}"
    return found[1]


def strings(file: str, name: str) -> set[str]:
    """The strings of a list of that name."""
    return set(re.findall(r'"([^"]+)"', block(file, name)))


def block(file: str, name: str) -> str:
    """What stands between the brackets of a value of that name."""
    text = (DATA / file).read_text()
    found = re.search(rf"^  {name}\s+= (?:toset\()?([\[{{])", text, re.MULTILINE)
    assert found, f"{file} has no {name}"
    end = text.index({"[": "]", "{": "}"}[found[1]], found.end())
    return text[found.end() : end]
