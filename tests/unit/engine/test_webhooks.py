"""Hooks as stored: made once, changed by whoever is last, with secrets that two signings agree on."""

import base64
from collections.abc import Sequence
from datetime import timedelta

import pytest

from common.domain.webhooks import MOST_HOOKS, MOST_SECRETS, OVERLAP, Hook
from common.engine import webhooks
from common.engine.webhooks import InvalidSecret, TooManyHooks, UnknownHook
from common.platform import seal
from common.platform.documents import Unavailable, Write
from common.platform.seal import SealBroken
from tests.unit.engine.conftest import Bench

OLD, NEW = b"o" * 32, b"n" * 32


def hook(bench: Bench, hook_id: str = "h1", *events: str, owner: str = "ann") -> Hook:
    url = "https://hooks.example.com/"
    return webhooks.create(bench.context, hook_id, owner, url, events or ["*"], OLD, description="", retries=3)


def signing(bench: Bench, hook_id: str = "h1") -> list[bytes]:
    found = webhooks.load(bench.context.documents, hook_id)
    return webhooks.secrets_of(bench.context, found, bench.clock.now())


def test_a_repeated_call_makes_one_hook(bench: Bench) -> None:
    assert hook(bench) == hook(bench)
    assert [one.id for one in webhooks.owned(bench.context.documents, "ann")] == ["h1"]


def test_a_commit_whose_answer_is_lost_makes_one_hook(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, silent = bench.context.documents.commit, iter([True, False])

    def deaf(writes: Sequence[Write]) -> None:
        commit(writes)
        if next(silent, False):
            raise Unavailable("no answer")

    monkeypatch.setattr(bench.context.documents, "commit", deaf)
    hook(bench)
    assert len(webhooks.owned(bench.context.documents, "ann")) == 1


def test_nobody_has_more_than_the_most(bench: Bench) -> None:
    for number in range(MOST_HOOKS):
        hook(bench, f"h{number}")
    with pytest.raises(TooManyHooks):
        hook(bench, "one more")
    hook(bench, "of bob", owner="bob")
    hook(bench, "h3")  # it is there


@pytest.mark.parametrize(
    ("events", "wants"), [(["*"], True), (["pipeline.progress"], True), (["pipeline.completed"], False)]
)
def test_who_wants_progress_is_known_without_reading_hooks(bench: Bench, events: list[str], wants: bool) -> None:
    hook(bench, "h1", *events)
    assert webhooks.wants_progress(bench.context.documents, "ann") is wants
    assert webhooks.wants_progress(bench.context.documents, "bob") is False
    webhooks.change(bench.context, "h1", lambda found, _now: found.but(enabled=False))
    assert webhooks.wants_progress(bench.context.documents, "ann") is False


def test_a_hook_that_is_gone_is_unknown(bench: Bench) -> None:
    hook(bench)
    webhooks.delete(bench.context, "h1")
    webhooks.delete(bench.context, "h1")
    for act in (
        lambda: webhooks.load(bench.context.documents, "h1"),
        lambda: webhooks.change(bench.context, "h1", lambda found, _now: found),
        lambda: webhooks.rotate(bench.context, "h1", NEW),
    ):
        with pytest.raises(UnknownHook):
            act()


def test_a_rotation_signs_with_both_secrets_for_a_day(bench: Bench) -> None:
    hook(bench)
    assert signing(bench) == [OLD]
    webhooks.rotate(bench.context, "h1", NEW)
    webhooks.rotate(bench.context, "h1", NEW)  # whose answer was lost
    assert signing(bench) == [NEW, OLD]
    bench.clock.advance(OVERLAP.total_seconds() + 1)
    assert signing(bench) == [NEW]


def test_a_second_rotation_takes_nothing_from_the_day_of_the_first_secret(bench: Bench) -> None:
    """Whoever rotates twice in a row has told the receiver of neither yet."""
    first, second = b"1" * 32, b"2" * 32
    hook(bench)
    webhooks.rotate(bench.context, "h1", first)
    bench.clock.advance(timedelta(hours=1).total_seconds())
    webhooks.rotate(bench.context, "h1", second)
    assert signing(bench) == [second, first, OLD]
    bench.clock.advance((OVERLAP - timedelta(hours=1)).total_seconds() + 1)
    assert signing(bench) == [second, first]
    webhooks.rotate(bench.context, "h1", NEW)
    assert len(webhooks.load(bench.context.documents, "h1").secrets) == 3  # what is over is not kept
    bench.clock.advance(timedelta(hours=1).total_seconds())
    assert signing(bench) == [NEW, second]


def test_a_message_is_never_signed_with_more_than_the_most(bench: Bench) -> None:
    hook(bench)
    for number in range(MOST_SECRETS + 2):
        webhooks.rotate(bench.context, "h1", bytes([number]) * 32)
        bench.clock.advance(timedelta(minutes=1).total_seconds())
    assert signing(bench) == [bytes([number]) * 32 for number in range(MOST_SECRETS + 1, 1, -1)]


def test_a_secret_that_no_longer_opens_does_not_take_those_with_it_that_still_sign(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(bench)
    webhooks.rotate(bench.context, "h1", b"1" * 32)
    lost = webhooks.load(bench.context.documents, "h1").secrets[0].sealed
    intact = bench.context.seal.open

    def opened(sealed: str) -> bytes:
        if sealed == lost:
            raise SealBroken("its key is gone")
        return intact(sealed)

    monkeypatch.setattr(bench.context.seal, "open", opened)
    webhooks.rotate(bench.context, "h1", NEW)
    assert signing(bench) == [NEW, OLD]


def test_an_old_secret_whose_key_is_gone_does_not_keep_the_new_one_from_signing(bench: Bench) -> None:
    hook(bench)
    bench.context.secrets.add(seal.SECRET, "another key of some length, for what comes")
    bench.clock.advance(120)
    webhooks.rotate(bench.context, "h1", NEW)
    assert signing(bench) == [NEW, OLD]
    bench.context.secrets.disable(seal.SECRET, "1")
    bench.clock.advance(120)
    assert signing(bench) == [NEW]
    bench.context.secrets.disable(seal.SECRET, "2")
    bench.clock.advance(120)
    with pytest.raises(SealBroken):
        signing(bench)


@pytest.mark.parametrize("secret", [b"x" * 24, b"x" * 64, bytes(range(32))])
def test_a_secret_is_read_as_libraries_write_it(secret: bytes) -> None:
    assert webhooks.read_secret(webhooks.show_secret(secret)) == secret


def test_plain_text_is_its_bytes() -> None:
    assert webhooks.read_secret("äöü" * 4 + "x" * 8) == ("äöü" * 4 + "x" * 8).encode()


@pytest.mark.parametrize(
    "text", ["", "short", "x" * 23, "x" * 65, "whsec_", "whsec_*", "whsec_" + base64.b64encode(b"x" * 23).decode()]
)
def test_a_secret_that_is_none_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(InvalidSecret) as refused:
        webhooks.read_secret(text)
    assert len(text) < 7 or text not in str(refused.value)


def test_a_secret_of_ours_is_long_and_never_the_same() -> None:
    made = {webhooks.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(one) for one in made} == {32}
