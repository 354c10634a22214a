"""Keys are looked up once a minute, at once where one is unknown, and outlive a short outage of their store."""

import threading

import pytest

from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.secrets import FolderSecrets
from common.platform.keyring import FRESH, PAUSE, STALE, Keyring
from common.platform.secrets import SecretMissing, SecretsUnavailable


class Counted(FolderSecrets):
    """Secrets that count how often they are listed, and may be away."""

    def __init__(self, root):
        super().__init__(root)
        self.listed, self.away = 0, False

    def versions(self, name):
        self.listed += 1
        if self.away:
            raise SecretsUnavailable("no answer came")
        return super().versions(name)


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def secrets(tmp_path):
    found = Counted(tmp_path)
    found.begin("k", "one")
    return found


@pytest.fixture
def keyring(secrets, clock):
    return Keyring(secrets, "k", clock)


def later(clock, span, seconds=0.0):
    clock.advance(span.total_seconds() + seconds)


def test_the_newest_makes_and_the_last_two_prove(secrets, keyring, clock):
    assert keyring.newest() == ("1", "one")
    secrets.add("k", "two")
    secrets.add("k", "three")
    later(clock, FRESH)
    assert keyring.newest() == ("3", "three")
    assert [keyring.find(version) for version in ("3", "2", "1", "4", "")] == ["three", "two", None, None, None]


def test_they_are_looked_up_once_a_minute(secrets, keyring, clock):
    keyring.newest()
    looked = secrets.listed
    for _ in range(10):
        keyring.newest()
        keyring.find("1")
    assert secrets.listed == looked
    later(clock, FRESH, -1)
    keyring.newest()
    assert secrets.listed == looked
    clock.advance(1)
    keyring.newest()
    assert secrets.listed > looked


def test_a_key_that_was_made_elsewhere_is_found_at_once(secrets, keyring, clock):
    keyring.newest()
    secrets.add("k", "two")
    later(clock, PAUSE)
    assert keyring.find("2") == "two"
    assert keyring.newest() == ("2", "two")


def test_made_up_key_ids_do_not_make_it_ask_on_every_request(secrets, keyring, clock):
    keyring.newest()
    later(clock, PAUSE)
    keyring.find("made-up")
    looked = secrets.listed
    for _ in range(100):
        assert keyring.find("made-up") is None
    assert secrets.listed == looked


def test_a_disabled_key_proves_nothing_after_a_minute(secrets, keyring, clock):
    secrets.add("k", "two")
    assert keyring.find("1") == "one"
    secrets.disable("k", "1")
    later(clock, FRESH)
    assert keyring.find("1") is None


def test_without_a_key_nothing_is_made_or_proved(tmp_path, clock):
    keyring = Keyring(FolderSecrets(tmp_path), "k", clock)
    with pytest.raises(SecretMissing, match="the secret k has no enabled version: add one"):
        keyring.newest()
    assert keyring.find("1") is None


def test_known_keys_work_through_a_short_outage_and_not_through_a_long_one(secrets, keyring, clock):
    keyring.newest()
    secrets.away = True
    later(clock, FRESH)
    assert keyring.newest() == ("1", "one")
    looked = secrets.listed
    keyring.newest()
    assert secrets.listed == looked, "it asks again in a moment, not on every request"
    later(clock, STALE - FRESH, -1)
    assert keyring.find("1") == "one"
    later(clock, PAUSE)
    with pytest.raises(SecretsUnavailable):
        keyring.find("1")
    secrets.away = False
    assert keyring.find("1") == "one"


def test_a_store_that_is_away_from_the_start_lets_nobody_in(secrets, keyring):
    secrets.away = True
    with pytest.raises(SecretsUnavailable):
        keyring.find("1")


def test_while_one_looks_the_others_go_on_with_what_they_have(secrets, keyring, clock, monkeypatch):
    keyring.newest()
    later(clock, FRESH)
    entered, leave = threading.Event(), threading.Event()
    versions = secrets.versions

    def slow(name):
        entered.set()
        assert leave.wait(30)
        return versions(name)

    monkeypatch.setattr(secrets, "versions", slow)
    one = threading.Thread(target=keyring.newest)
    one.start()
    assert entered.wait(30)
    assert keyring.newest() == ("1", "one")
    assert keyring.find("1") == "one"
    leave.set()
    one.join(30)
