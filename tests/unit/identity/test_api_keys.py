"""API keys: shown once, one read to verify, two versions at most, and uses that are counted beside the requests."""

import dataclasses
import threading
from datetime import timedelta

import pytest

from common.domain.keys import GRACE, LIFE
from common.identity import api_keys
from common.identity.api_keys import KeyNotActive, UnknownKey, Uses
from common.observability import audit
from common.observability.audit import Who
from common.platform.documents import Conflict, Unavailable
from common.platform.identity import Caller, InvalidToken
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

ROOT = Who("root", "192.0.2.7", "r1")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Uses are written where they are counted, so that a test sees them."""
    monkeypatch.setattr(api_keys, "_USES", Uses(lambda write: write()))


@pytest.fixture
def made(context):
    return api_keys.create(context, ROOT, name="build server", owner="ann", role="user")


def kinds(context):
    return [event.kind for _, event in reversed(audit.newest(context.documents, limit=100))]


class Watched:
    """Documents that count reads and can lose the answer of a commit, or refuse it."""

    def __init__(self, documents):
        self._documents = documents
        self.reads = 0
        self.lose = 0
        self.refuse = 0

    def __getattr__(self, name):
        return getattr(self._documents, name)

    def get(self, path):
        self.reads += 1
        return self._documents.get(path)

    def commit(self, writes):
        if self.refuse:
            self.refuse -= 1
            raise Unavailable("the store is away")
        self._documents.commit(writes)
        if self.lose:
            self.lose -= 1
            raise Unavailable("the answer was lost")


@pytest.fixture
def watched(context):
    return dataclasses.replace(context, documents=Watched(context.documents))


def test_a_key_has_the_promised_shape_and_is_stored_as_its_hash_only(context, made, tmp_path):
    key, secret = made
    assert secret.startswith("apk_")
    assert len(secret) == 4 + 64
    assert key.id.startswith("key_")
    assert len(key.id) == 4 + 16
    assert key.valid_until - key.created_at == LIFE
    stored = context.documents.get(f"api_keys/{key.id}").data
    assert secret not in str(stored)
    assert key.hash == stored["hash"]
    assert len(key.hash) == 64
    assert kinds(context) == ["API_KEY_CREATED"]


def test_a_key_proves_whom_it_stands_for_with_one_read(watched, made):
    key, secret = made
    assert api_keys.verify(watched, secret) == Caller("ann", "user", "api_key", key.id)
    assert watched.documents.reads == 1


@pytest.mark.parametrize(
    "secret", ["", "apk_", "key_" + "a" * 64, "apk_" + "a" * 63, "apk_" + "a" * 65, "apk_" + "é" * 64]
)
def test_what_is_no_key_is_refused_without_a_read(watched, secret):
    with pytest.raises(InvalidToken, match="no API key"):
        api_keys.verify(watched, secret)
    assert watched.documents.reads == 0


def test_a_key_that_nobody_made_is_refused(context, made):
    with pytest.raises(InvalidToken, match="not known"):
        api_keys.verify(context, "apk_" + "a" * 64)


def test_the_whole_hash_is_compared(context, made, monkeypatch):
    """A text whose hash begins alike finds the record, and proves nothing."""
    key, secret = made
    other = "apk_" + "b" * 64
    monkeypatch.setattr(api_keys, "id_of", lambda _secret: key.id)
    assert api_keys.verify(context, secret).id == "ann"
    with pytest.raises(InvalidToken, match="not known"):
        api_keys.verify(context, other)


def test_an_expired_key_is_refused(context, made, clock):
    clock.advance((LIFE - timedelta(seconds=1)).total_seconds())
    assert api_keys.verify(context, made[1])
    clock.advance(1)
    with pytest.raises(InvalidToken, match="expired"):
        api_keys.verify(context, made[1])


def test_a_store_that_is_away_lets_nobody_in(context, made, monkeypatch):
    def away(_path):
        raise Unavailable("the store is away")

    monkeypatch.setattr(context.documents, "get", away)
    with pytest.raises(Unavailable):
        api_keys.verify(context, made[1])


def test_after_a_rotation_the_new_version_works_and_the_last_one_for_its_grace(context, made, clock):
    key, secret = made
    clock.advance(3600)
    newest, fresh, last = api_keys.rotate(context, ROOT, key.id)
    assert (newest.parent, last.id, last.valid_until) == (key.id, key.id, clock.now() + GRACE)
    for text in (secret, fresh):
        assert api_keys.verify(context, text).id == "ann"
    clock.advance(GRACE.total_seconds())
    assert api_keys.verify(context, fresh)
    with pytest.raises(InvalidToken, match="replaced"):
        api_keys.verify(context, secret)
    assert kinds(context) == ["API_KEY_CREATED", "API_KEY_ROTATED"]


def test_the_version_before_the_last_one_is_refused_at_once(context, made, clock):
    (key, first) = made
    second_key, second, _ = api_keys.rotate(context, ROOT, key.id)
    clock.advance(1)
    _, third, _ = api_keys.rotate(context, ROOT, second_key.id)
    assert api_keys.verify(context, second)
    assert api_keys.verify(context, third)
    with pytest.raises(InvalidToken, match="replaced"):
        api_keys.verify(context, first)


def test_only_the_newest_version_of_a_key_that_works_is_rotated(context, made, clock):
    key, _ = made
    newest, _, _ = api_keys.rotate(context, ROOT, key.id)
    with pytest.raises(KeyNotActive) as replaced:
        api_keys.rotate(context, ROOT, key.id)
    assert (replaced.value.status, replaced.value.successor) == ("replaced", newest.id)
    api_keys.revoke(context, ROOT, newest.id)
    with pytest.raises(KeyNotActive, match="revoked"):
        api_keys.rotate(context, ROOT, newest.id)
    other, _ = api_keys.create(context, ROOT, name="x", owner="ann", role="user")
    clock.advance(LIFE.total_seconds())
    with pytest.raises(KeyNotActive, match="expired"):
        api_keys.rotate(context, ROOT, other.id)


def test_of_two_rotations_at_once_one_wins_and_no_version_is_lost(context, made):
    key, _ = made
    barrier, outcomes = threading.Barrier(8), []

    def race():
        barrier.wait()
        try:
            outcomes.append(api_keys.rotate(context, ROOT, key.id))
        except KeyNotActive as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [(newest, secret, _)] = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
    assert api_keys.verify(context, secret).session == newest.id
    assert len(context.documents.query("api_keys")) == 2
    assert {outcome.successor for outcome in outcomes if isinstance(outcome, KeyNotActive)} == {newest.id}


@pytest.mark.parametrize("fault", ["lose", "refuse"])
def test_a_commit_whose_answer_was_lost_is_made_once(watched, fault):
    setattr(watched.documents, fault, 1)
    key, secret = api_keys.create(watched, ROOT, name="n", owner="ann", role="viewer")
    assert api_keys.verify(watched, secret).role == "viewer"
    setattr(watched.documents, fault, 1)
    newest, fresh, _ = api_keys.rotate(watched, ROOT, key.id)
    assert api_keys.verify(watched, fresh).session == newest.id
    setattr(watched.documents, fault, 1)
    assert api_keys.revoke(watched, ROOT, newest.id).revoked_at
    assert kinds(watched) == ["API_KEY_CREATED", "API_KEY_ROTATED", "API_KEY_REVOKED"]
    assert len(watched.documents.query("api_keys")) == 2


def test_a_revoked_key_is_refused_at_once_and_so_is_the_one_before(context, made):
    key, first = made
    newest, second, _ = api_keys.rotate(context, ROOT, key.id)
    for _ in range(2):
        assert api_keys.revoke(context, ROOT, newest.id).revoked_at
    for secret in (first, second):
        with pytest.raises(InvalidToken, match="revoked"):
            api_keys.verify(context, secret)
    assert kinds(context).count("API_KEY_REVOKED") == 1


@pytest.mark.parametrize("key_id", ["key_" + "0" * 16, "key_../x", "x" * 1000, "", "key_" + "0" * 15, "a/b"])
def test_an_unknown_key_can_be_neither_rotated_nor_revoked(context, key_id):
    for change in (api_keys.rotate, api_keys.revoke):
        with pytest.raises(UnknownKey):
            change(context, ROOT, key_id)


def test_uses_are_counted_and_written_once_a_minute(context, made, clock):
    key, secret = made

    def stored():
        return api_keys.load(context, key.id)[0]

    api_keys.verify(context, secret)
    assert (stored().uses, stored().last_used_at) == (1, clock.now())
    for _ in range(5):
        clock.advance(10)
        api_keys.verify(context, secret)
    assert stored().uses == 1
    clock.advance(10)
    api_keys.verify(context, secret)
    assert (stored().uses, stored().last_used_at) == (7, clock.now())


def test_a_write_of_uses_that_fails_costs_nothing_and_is_made_up_for(context, made, clock, monkeypatch):
    key, secret = made
    commit = context.documents.commit
    for raised in (Unavailable("away"), Conflict("a rival"), RuntimeError("closed")):

        def refuse(_writes, raised=raised):
            raise raised

        monkeypatch.setattr(context.documents, "commit", refuse)
        assert api_keys.verify(context, secret)
    monkeypatch.setattr(context.documents, "commit", commit)
    api_keys.verify(context, secret)
    assert api_keys.load(context, key.id)[0].uses == 4


def test_a_request_does_not_wait_for_its_use_to_be_written(context, made, monkeypatch):
    key, secret = made
    waiting = []
    monkeypatch.setattr(api_keys, "_USES", Uses(waiting.append))
    for _ in range(3):
        assert api_keys.verify(context, secret)
    assert len(waiting) == 1  # one write at a time
    waiting.pop()()
    assert api_keys.load(context, key.id)[0].uses == 1


def test_a_process_without_a_thread_to_spare_lets_the_request_through(context, made, monkeypatch):
    def refuse(_write):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(api_keys, "_USES", Uses(refuse))
    assert api_keys.verify(context, made[1]).id == "ann"


def test_uses_are_written_by_a_thread_of_their_own(context, made):
    key, secret = made
    uses = Uses()
    found = context.documents.get(f"api_keys/{key.id}")
    uses.note(context.documents, found, api_keys.parsed(found.data))
    for thread in threading.enumerate():
        if thread.name == "uses-of-api-keys":
            thread.join()
    assert api_keys.load(context, key.id)[0].uses == 1
    assert secret not in str(context.documents.get(f"api_keys/{key.id}").data)


def test_keys_are_listed_newest_first_by_owner(context, made, clock):
    clock.advance(1)
    api_keys.create(context, ROOT, name="second", owner="bob", role="viewer")
    rows = [api_keys.parsed(row.data) for row in api_keys.listed(context, limit=10)]
    assert [key.name for key in rows] == ["second", "build server"]
    assert [row.data["name"] for row in api_keys.listed(context, owner="ann", limit=10)] == ["build server"]
