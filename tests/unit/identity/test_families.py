"""What happens to a family while somebody else acts on it, and what the cache may and may not do."""

import dataclasses

import pytest

from common.identity import families
from common.identity.families import Family, Reused
from common.platform.documents import Unavailable
from common.platform.embedded.cache import MemoryCache
from common.platform.identity import InvalidToken
from tests.http_world import NamedTokens, clock, context, posted

__all__ = ["clock", "context", "posted"]


@pytest.fixture
def begun(context):
    return families.begin(context, "ann", "user", "tokens")


def meanwhile(monkeypatch, act):
    """Do this once, between the read of a refresh and its commit."""
    role_of, done = NamedTokens.role_of, []

    def first(self, user, **more):
        if not done:
            done.append(user)
            act()
        return role_of(self, user, **more)

    monkeypatch.setattr(NamedTokens, "role_of", first)


def test_a_family_that_ends_during_a_refresh_stays_ended(context, begun, monkeypatch):
    family, text = begun
    meanwhile(monkeypatch, lambda: families.end(context, "ann", family.id, "logged out"))
    with pytest.raises(InvalidToken, match="has ended"):
        families.refresh(context, text)
    assert len(context.documents.query("users/ann/tokens")) == 1
    assert context.documents.get(families.family_path("ann", family.id)).data["ended"] == "logged out"


def test_a_session_that_ends_while_it_is_renewed_stays_ended(context, monkeypatch):
    family, text = families.begin(context, "ann", "user", "session")
    meanwhile(monkeypatch, lambda: families.end(context, "ann", family.id, "logged out"))
    with pytest.raises(InvalidToken, match="has ended"):
        families.renew(context, "ann", family.id, text)


def test_two_rivals_for_the_family_alone_both_get_through(context, monkeypatch):
    """A renewal of a session is no consumption: whoever comes second proves it once more."""
    family, text = families.begin(context, "ann", "user", "session")
    meanwhile(monkeypatch, lambda: families.renew(context, "ann", family.id, text))
    assert families.renew(context, "ann", family.id, text).id == family.id


def test_who_loses_a_race_does_not_end_the_family(context, begun, monkeypatch):
    family, text = begun
    won = []
    meanwhile(monkeypatch, lambda: won.append(families.refresh(context, text)))
    with pytest.raises(InvalidToken, match="was faster") as lost:
        families.refresh(context, text)
    assert not isinstance(lost.value, Reused)
    families.standing(context, "ann", family.id, asked_anew=True)
    assert families.refresh(context, won[0][1])[0].id == family.id


def test_who_comes_back_with_the_token_of_a_lost_race_ends_it(context, begun, monkeypatch):
    family, text = begun
    meanwhile(monkeypatch, lambda: families.refresh(context, text))
    with pytest.raises(InvalidToken, match="was faster"):
        families.refresh(context, text)
    with pytest.raises(Reused):
        families.refresh(context, text)
    with pytest.raises(InvalidToken, match="has ended"):
        families.standing(context, "ann", family.id)


def test_an_old_token_of_an_ended_family_is_no_news(context, begun):
    family, text = begun
    families.refresh(context, text)
    families.end(context, "ann", family.id, "logged out")
    with pytest.raises(InvalidToken) as refused:
        families.refresh(context, text)
    assert not isinstance(refused.value, Reused)


def test_ending_twice_says_so_and_keeps_the_first_reason(context, begun):
    family, _ = begun
    assert families.end(context, "ann", family.id, "first")
    assert not families.end(context, "ann", family.id, "second")
    assert not families.end(context, "ann", "0" * 20, "unknown")
    assert Family.model_validate(context.documents.get(families.family_path("ann", family.id)).data).ended == "first"


def test_an_end_whose_answer_the_store_lost_is_an_end(context, begun, monkeypatch):
    family, _ = begun
    commit, lost = context.documents.commit, []

    def lossy(writes):
        commit(writes)
        if not lost:
            lost.append(True)
            raise Unavailable("no answer came")

    monkeypatch.setattr(context.documents, "commit", lossy)
    assert families.end(context, "ann", family.id, "logged out")
    with pytest.raises(InvalidToken):
        families.standing(context, "ann", family.id)


@pytest.mark.parametrize("cached", ["", "live", "{}", '{"id": 1}', "[]"])
def test_what_the_cache_holds_by_mistake_is_read_anew(context, begun, cached):
    family, _ = begun
    context.cache.set(f"family:{family.id}", cached, seconds=60)
    assert families.standing(context, "ann", family.id) == family


def test_a_request_that_read_before_the_end_cannot_bring_it_back_for_longer_than_a_look(context, clock, begun):
    family, _ = begun
    families.end(context, "ann", family.id, "logged out")
    families._remember(context, family)  # a slow request that had read it alive
    families.standing(context, "ann", family.id)
    clock.advance(families.LOOK)
    with pytest.raises(InvalidToken):
        families.standing(context, "ann", family.id)


def test_families_of_one_user_are_no_other_users(context, begun):
    family, _ = begun
    elsewhere = dataclasses.replace(context, cache=MemoryCache(context.clock))
    families.standing(context, "ann", family.id)  # now in the cache here, and not there
    for world in (context, elsewhere):
        with pytest.raises(InvalidToken):
            families.standing(world, "bob", family.id)


@pytest.mark.parametrize("family_id", ["", "a/b", "..", "x" * 65, "a b"])
def test_what_is_no_family_is_refused_before_the_store_is_asked(context, family_id):
    with pytest.raises(InvalidToken):
        families.standing(context, "ann", family_id)
    with pytest.raises(InvalidToken):
        families.end(context, "ann", family_id, "why")


@pytest.mark.parametrize("user", ["ann", "a.b@c.example", "\u00e9\u8a9e\U0001f600", "x" * 128])
def test_a_token_says_whose_it_is(context, user):
    family, text = families.begin(context, user, "user", "tokens")
    assert families.user_of(text) == user
    assert families.family_of(context, text) == (user, family.id)
    assert families.refresh(context, text)[0].user == user
