"""How long a version of an API key works, and which roles may hand on which."""

import itertools
from datetime import timedelta

import pytest

from common.domain.keys import GRACE, LIFE, ApiKey, covers, is_service, revoked, rotated
from common.platform.embedded.clock import START
from common.platform.identity import ROLES

MONTH = timedelta(days=30)


def key(number=1, at=START, **more):
    fields = {"hash": "0" * 64, "name": "n", "owner": "ann", "role": "user", "created_by": "root"}
    return ApiKey(id=f"key_{number:016x}", created_at=at, **{**fields, "valid_until": at + LIFE, **more})


def test_a_key_works_for_ninety_days():
    assert key().works(START + LIFE - timedelta(seconds=1))
    assert not key().works(START + LIFE)
    assert key().status(START + LIFE) == "expired"
    assert timedelta(days=90) == LIFE


def test_the_first_version_stands_alone():
    assert rotated(key(), None, None, START) == (key(),)


def test_the_last_version_keeps_its_grace_and_the_one_before_ends():
    now = START + MONTH
    new, last, before = rotated(key(3, now), key(2, parent=key(1).id), key(1, successor=key(2).id), now)
    assert (new.parent, new.works(now)) == (last.id, True)
    assert (last.successor, last.valid_until, last.status(now)) == (new.id, now + GRACE, "replaced")
    assert last.works(now + GRACE - timedelta(seconds=1))
    assert not last.works(now + GRACE)
    assert not before.works(now)
    assert timedelta(days=7) == GRACE


def test_grace_does_not_make_a_key_live_longer():
    now = START + LIFE - timedelta(days=1)
    assert rotated(key(2, now), key(1), None, now)[1].valid_until == START + LIFE


def test_of_any_number_of_rotations_two_versions_work():
    now, versions = START, [key(0)]
    for number in range(1, 8):
        now += timedelta(hours=1)
        before = versions[-2] if len(versions) > 1 else None
        changed = rotated(key(number, now), versions[-1], before, now)
        by_id = {one.id: one for one in changed}
        versions = [by_id.get(one.id, one) for one in versions] + [changed[0]]
        assert [one.works(now) for one in versions] == [False] * (len(versions) - 2) + [True, True]


def test_a_revocation_ends_the_key_and_the_older_one_that_still_works():
    now = START + MONTH
    old, new = key(1, successor=key(2).id), key(2, parent=key(1).id)
    assert [(one.id, one.status(now)) for one in revoked(new, old, now)] == [(new.id, "revoked"), (old.id, "revoked")]
    assert [one.id for one in revoked(old, None, now)] == [old.id]
    assert [one.id for one in revoked(new, key(1, valid_until=START), now)] == [new.id]
    assert revoked(key(1, revoked_at=START), None, now) == ()


def test_a_role_hands_on_no_more_than_it_has():
    pairs = {(role, other) for role, other in itertools.product(ROLES, ROLES) if covers(role, other)}
    same = {(role, role) for role in ROLES}
    assert pairs == same | {("admin", other) for other in ROLES} | {("user", "viewer")}


@pytest.mark.parametrize("name", ["a", "render-farm", "crm_2", "x" * 40])
def test_names_of_services(name):
    assert is_service(name)


@pytest.mark.parametrize("name", ["", "A", "2x", "-a", "a/b", "a b", "x" * 41, "a\n", "é", "../x"])
def test_what_no_service_is_called(name):
    assert not is_service(name)
