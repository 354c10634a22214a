"""Rotation under crashes at every write, under races, and over time."""

import dataclasses
import itertools
import threading
from datetime import timedelta

import pytest

from common.domain.keys import GRACE, LIFE
from common.domain.profiles import ACCESS_KEY, PAGE_KEY
from common.engine.push import Delivery
from common.identity import access, api_keys, rotation
from common.identity.api_keys import Uses
from common.identity.rotation import HOLD, RotationInProgress
from common.observability import audit
from common.observability.audit import Who
from common.platform.documents import Unavailable
from common.platform.identity import Caller, InvalidToken
from common.platform.secrets import SecretMissing, SecretsUnavailable
from functions.upkeep import rotate_keys
from tests.http_world import clock, context, posted

__all__ = ["clock", "context", "posted"]

ROOT = Who("root")
FARM = "render-farm"
SECRET = "service-key-render-farm"
WEEK = 7 * 86_400


class Crash(BaseException):
    """The process dies."""


class Dying:
    """A port whose process dies at one of its writes: just before it, or just after."""

    WRITES = ("commit", "add", "disable")

    def __init__(self, port, plan):
        self._port, self._plan = port, plan

    def __getattr__(self, name):
        found = getattr(self._port, name)
        if name not in self.WRITES:
            return found

        def write(*given):
            fate = self._plan.pop(0) if self._plan else ""
            if fate == "before":
                raise Crash
            done = found(*given)
            if fate == "after":
                raise Crash
            return done

        return write


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(api_keys, "_USES", Uses(lambda write: write()))


def dying(context, at, fate):
    plan = [""] * at + [fate]
    return dataclasses.replace(
        context, documents=Dying(context.documents, plan), secrets=Dying(context.secrets, plan)
    ), plan


def opens(context, text):
    try:
        return api_keys.verify(context, text) == Caller(FARM, "service", "api_key", api_keys.id_of(text))
    except InvalidToken:
        return False


def rotations(context):
    kinds = [event.kind for _, event in audit.newest(context.documents, limit=100)]
    return kinds.count("API_KEY_CREATED"), kinds.count("API_KEY_ROTATED")


def test_a_service_gets_its_first_key_and_finds_it_in_its_secret(context):
    made = rotation.rotate_service(context, ROOT, FARM)
    assert made.last is None
    assert context.secrets.read(SECRET) == made.text
    assert opens(context, made.text)
    assert rotations(context) == (1, 0)


def test_two_versions_work_and_older_ones_do_not(context, clock):
    texts = []
    for number in range(5):
        made = rotation.rotate_service(context, ROOT, FARM)
        texts.append(made.text)
        assert [opens(context, text) for text in texts] == [False] * (number - 1) + [True] * min(2, number + 1)
        assert len(context.secrets.versions(SECRET)) == min(2, number + 1)
        clock.advance(60)
    assert rotations(context) == (1, 4)
    clock.advance(GRACE.total_seconds())
    assert [opens(context, text) for text in texts[-2:]] == [False, True]


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("earlier", range(3))
def test_a_crash_at_any_write_leaves_every_key_that_somebody_has_working_and_is_healed(
    context, clock, fate, at, earlier
):
    had = [rotation.rotate_service(context, ROOT, FARM).text for _ in range(earlier)]
    before = rotations(context)
    frail, plan = dying(context, at, fate)
    try:
        rotation.rotate_service(frail, ROOT, FARM)
        done = not plan  # or there are not so many writes
    except Crash:
        done = False
    if had:
        assert opens(context, had[-1])  # what a service had read before
    if context.secrets.versions(SECRET):
        assert opens(context, context.secrets.read(SECRET))  # what one reads now
    clock.advance(HOLD.total_seconds())
    healed = rotation.rotate_service(context, ROOT, FARM) if not done else None
    newest = context.secrets.read(SECRET)
    assert healed is None or healed.text == newest
    assert opens(context, newest)
    rows = [api_keys.parsed(row.data) for row in context.documents.query("api_keys")]
    working = {key.id for key in rows if key.works(clock.now())}
    assert 1 <= len(working) <= 2
    assert api_keys.id_of(newest) in working
    assert {api_keys.id_of(context.secrets.read(SECRET, one)) for one in context.secrets.versions(SECRET)} <= working
    assert sum(rotations(context)) - sum(before) <= 2
    row = rotation.services(context)[0]
    assert (row.current, row.pending) == (api_keys.id_of(newest), "")


def test_a_rotation_that_was_cut_short_after_it_handed_the_key_out_ends_with_that_key(context, clock):
    had = rotation.rotate_service(context, ROOT, FARM).text
    frail, _ = dying(context, 1, "after")  # register, then hand out
    with pytest.raises(Crash):
        rotation.rotate_service(frail, ROOT, FARM)
    given = context.secrets.read(SECRET)
    assert given != had
    with pytest.raises(RotationInProgress):
        rotation.rotate_service(context, ROOT, FARM)
    clock.advance(HOLD.total_seconds())
    assert rotation.rotate_service(context, ROOT, FARM).text == given
    assert opens(context, had)
    assert rotations(context) == (1, 1)


def test_a_key_that_nobody_can_have_is_revoked(context, clock):
    frail, _ = dying(context, 0, "after")
    with pytest.raises(Crash):
        rotation.rotate_service(frail, ROOT, FARM)
    [lost] = [row.id for row in context.documents.query("api_keys")]
    clock.advance(HOLD.total_seconds())
    made = rotation.rotate_service(context, ROOT, FARM)
    assert api_keys.load(context, lost)[0].revoked_at
    assert made.key.id != lost


def test_of_rotations_at_once_one_wins_and_the_others_are_told(context):
    had = rotation.rotate_service(context, ROOT, FARM).text
    barrier, outcomes = threading.Barrier(6), []
    inside = threading.Event()
    add = context.secrets.add

    def slow(name, value):
        inside.wait(5)  # until the others were refused
        return add(name, value)

    held = dataclasses.replace(context, secrets=Overridden(context.secrets, add=slow))

    def race():
        barrier.wait()
        try:
            outcomes.append(rotation.rotate_service(held, ROOT, FARM))
        except RotationInProgress as refused:
            outcomes.append(refused)
        if len(outcomes) == 5:
            inside.set()

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [won] = [outcome for outcome in outcomes if not isinstance(outcome, RotationInProgress)]
    assert len(outcomes) == 6
    assert context.secrets.read(SECRET) == won.text
    assert opens(context, won.text)
    assert opens(context, had)
    assert rotations(context) == (1, 1)


class Overridden:
    """A port with some of its methods replaced."""

    def __init__(self, port, **methods):
        self._port = port
        vars(self).update(methods)

    def __getattr__(self, name):
        return getattr(self._port, name)


def test_one_that_held_too_long_takes_back_what_it_handed_out(context, clock):
    rotation.rotate_service(context, ROOT, FARM)
    rival = []

    def late(name, value):
        clock.advance(HOLD.total_seconds())
        rival.append(rotation.rotate_service(context, ROOT, FARM).text)
        return context.secrets.add(name, value)

    with pytest.raises(RotationInProgress):
        rotation.rotate_service(dataclasses.replace(context, secrets=Overridden(context.secrets, add=late)), ROOT, FARM)
    assert context.secrets.read(SECRET) == rival[0]
    assert opens(context, rival[0])


@pytest.mark.parametrize("lost", range(3))
def test_a_commit_whose_answer_was_lost_is_recognised(context, lost):
    calls = itertools.count()

    def commit(writes):
        context.documents.commit(writes)
        if next(calls) == lost:
            raise Unavailable("the answer was lost")

    ours = dataclasses.replace(context, documents=Overridden(context.documents, commit=commit))
    texts = [rotation.rotate_service(ours, ROOT, FARM).text for _ in range(2)]
    assert [opens(context, text) for text in texts] == [True, True]
    assert rotations(context) == (1, 1)


@pytest.mark.parametrize("kept", [True, False])
def test_secrets_that_are_away_let_the_next_one_go_on_at_once(context, kept):
    """The answer to adding a version may be lost, whether it was added or not."""

    def away(name, value):
        if kept:
            context.secrets.add(name, value)
        raise SecretsUnavailable("away")

    with pytest.raises(SecretsUnavailable):
        rotation.rotate_service(dataclasses.replace(context, secrets=Overridden(context.secrets, add=away)), ROOT, FARM)
    made = rotation.rotate_service(context, ROOT, FARM)
    assert opens(context, made.text)
    assert len(context.secrets.versions(SECRET)) == 1


def tick(context):
    return rotate_keys.run(context, Delivery({}, "", 1))


def test_a_tick_rotates_what_is_older_than_the_setting_and_nothing_twice(context, clock):
    first = rotation.rotate_service(context, ROOT, FARM).text
    assert tick(context) == ""  # adopts the signing keys, and finds the service's young
    clock.advance(WEEK - 1)
    assert tick(context) == ""
    clock.advance(1)
    assert set(tick(context).removeprefix("rotated ").split(", ")) == {ACCESS_KEY, PAGE_KEY, SECRET}
    assert tick(context) == ""
    second = context.secrets.read(SECRET)
    assert second != first
    assert [opens(context, first), opens(context, second)] == [True, True]
    clock.advance(WEEK)
    tick(context)
    assert [opens(context, first), opens(context, second)] == [False, True]
    assert len(context.secrets.versions(SECRET)) == 2
    clock.advance(GRACE.total_seconds() - 3600)
    tick(context)
    actors = {event.actor for _, event in audit.newest(context.documents, kind="API_KEY_ROTATED", limit=100)}
    assert actors == {"rotate_keys"}


def test_staging_rotates_every_thirty_days(context, clock):
    staging = dataclasses.replace(context, settings=dataclasses.replace(context.settings, key_rotation_days=30))
    tick(staging)
    clock.advance(29 * 86_400)
    assert tick(staging) == ""
    clock.advance(86_400)
    assert ACCESS_KEY in tick(staging)


def test_tokens_outlive_one_rotation_of_the_key_that_signed_them_and_not_two(context, clock):
    token = access.issue(context, "ann", "user", "f1", now=clock.now())
    for verifies in (True, False):
        rotation.rotate(context, ROOT, ACCESS_KEY)
        clock.advance(61)  # what a process knows of its keys is a minute old at most
        newer = access.issue(context, "ann", "user", "f1", now=clock.now())
        assert access.verify(context, newer).user == "ann"
        if verifies:
            assert access.verify(context, token).user == "ann"
    with pytest.raises(InvalidToken, match="no longer, in use"):
        access.verify(context, token)
    [last, first] = [event for _, event in audit.newest(context.documents, kind="API_KEY_ROTATED", limit=9)]
    assert (first.subject, last.subject) == (ACCESS_KEY, ACCESS_KEY)


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("fate", ["before", "after"])
def test_a_crash_of_a_tick_is_healed_by_the_next_one(context, clock, at, fate):
    rotation.rotate_service(context, ROOT, FARM)
    tick(context)
    clock.advance(WEEK)
    frail, _ = dying(context, at, fate)
    with pytest.raises(Crash):
        tick(frail)
    clock.advance(3600)
    tick(context)
    for name in (ACCESS_KEY, PAGE_KEY, SECRET):
        assert len(context.secrets.versions(name)) == 2
        row = rotation.Rotation.model_validate(context.documents.get(f"rotations/{name}").data)
        assert row.pending == ""
        assert row.rotated_at >= clock.now() - timedelta(hours=1)
        assert row.current == api_keys.id_of(context.secrets.read(name))
    assert opens(context, context.secrets.read(SECRET))


def test_two_ticks_at_once_rotate_each_key_once(context, clock):
    rotation.rotate_service(context, ROOT, FARM)
    tick(context)
    clock.advance(WEEK)
    barrier, failed = threading.Barrier(4), []

    def race():
        barrier.wait()
        try:
            tick(context)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rotations(context) == (1, 3)


def test_a_service_whose_key_was_revoked_gets_no_new_one_by_itself(context, clock):
    made = rotation.rotate_service(context, ROOT, FARM)
    tick(context)
    api_keys.revoke(context, ROOT, made.key.id)
    clock.advance(WEEK)
    assert SECRET not in tick(context)
    assert context.secrets.versions(SECRET) == []
    again = rotation.rotate_service(context, ROOT, FARM)
    assert opens(context, again.text)
    assert not opens(context, made.text)


def test_one_key_that_fails_keeps_no_other_back(context, clock):
    rotation.rotate_service(context, ROOT, FARM)
    tick(context)
    clock.advance(WEEK)

    def add(name, value):
        if name == ACCESS_KEY:
            raise SecretsUnavailable("away")
        if name == PAGE_KEY:
            raise SecretMissing("not ours to make")
        return context.secrets.add(name, value)

    frail = dataclasses.replace(context, secrets=Overridden(context.secrets, add=add))
    with pytest.raises(SecretsUnavailable):
        tick(frail)
    assert rotations(context) == (1, 1)
    tick(context)
    assert rotations(context) == (1, 3)


def test_a_key_lives_longer_than_the_longest_interval_of_rotations():
    assert timedelta(days=80) + GRACE < LIFE
