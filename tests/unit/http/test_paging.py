import base64
import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.domain.profiles import PAGE_KEY
from common.engine.context import Context
from common.http import paging
from common.http.paging import MOST, Paged, Pages
from common.http.problem import Problem
from common.platform.embedded.clock import VirtualClock
from common.platform.embedded.secrets import FolderSecrets
from common.platform.secrets import SecretsUnavailable


def pages(context: Context, caller: str = "ann", name: str = "things", **scope: str) -> Pages:
    return Pages(context, caller, name, scope)


def after(list_: Pages, token: str) -> list[object] | None:
    return list_.after(Paged(page_token=token))


def refused(list_: Pages, token: str) -> str:
    with pytest.raises(Problem) as caught:
        after(list_, token)
    assert (caught.value.status, caught.value.code) == (400, "invalid_page_token")
    return caught.value.detail


@pytest.mark.parametrize(("asked", "given"), [(0, 50), (1, 1), (200, 200), (201, 200), (10**30, 200)])
def test_zero_is_the_default_and_too_many_are_as_many_as_there_may_be(asked: int, given: int):
    assert paging.size(Paged(page_size=asked)) == given
    assert MOST == 200


def test_a_token_leads_on_from_its_cursor_and_the_end_has_none(context: Context):
    cursor = ["2026-02-01T00:00:00.000000Z", 1.5, None, True, "é\u0000,"]
    assert after(pages(context), pages(context).token(cursor)) == cursor
    assert pages(context).token(None) == ""
    assert after(pages(context), "") is None


def test_a_token_is_bound_to_caller_list_and_parameters(context: Context):
    token = pages(context, filter="status:failed").token(["x"])
    assert "not one that you got" in refused(pages(context, caller="bob", filter="status:failed"), token)
    assert "not one that you got" in refused(pages(context, name="others", filter="status:failed"), token)
    assert "other parameters" in refused(pages(context, filter="status:completed"), token)
    assert "other parameters" in refused(pages(context), token)


@pytest.mark.parametrize(
    "token", ["x", "AAAA", "!", "' OR '1'='1", "=" * 20, "é", base64.urlsafe_b64encode(b"[" * 1400).decode()]
)
def test_what_is_no_token_is_refused_and_says_what_to_do(context: Context, token: str):
    assert "leave page_token out" in refused(pages(context), token)


def test_no_single_bit_of_a_token_can_be_changed(context: Context):
    version, _, text = pages(context).token(["2026", "p1"]).partition(".")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for place in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[place // 8] ^= 1 << place % 8
        refused(pages(context), f"{version}.{base64.urlsafe_b64encode(bytes(changed)).decode().rstrip('=')}")


def test_a_token_of_another_key_is_refused_and_a_missing_key_is_an_outage(context: Context, tmp_path: Path):
    _, _, text = pages(context).token(["2026", "p1"]).partition(".")
    for version in ("", "0", "2", "x" * 300, "1" * 300, "../1"):
        refused(pages(context), f"{version}.{text}")
    without = dataclasses.replace(context, secrets=FolderSecrets(tmp_path / "none"))
    with pytest.raises(SecretsUnavailable, match=PAGE_KEY):
        pages(without).token(["a"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=60))
def test_any_text_is_refused_and_never_more(context: Context, text: str):
    refused(pages(context), text)


def test_every_process_accepts_what_another_signed_also_with_a_key_made_later(
    context: Context, tmp_path: Path, clock: VirtualClock
):
    other = dataclasses.replace(context, secrets=FolderSecrets(tmp_path / "secrets"))
    first = pages(context).token(["a"])
    assert after(pages(other), first) == ["a"]
    other.secrets.add(PAGE_KEY, "a newer key of some length")
    clock.sleep(timedelta(minutes=10).total_seconds())
    later = dataclasses.replace(context, secrets=FolderSecrets(tmp_path / "secrets"))
    newer = pages(later).token(["b"])
    assert after(pages(context), newer) == ["b"]
    assert after(pages(context), first) == ["a"]


def test_a_disabled_key_ends_its_tokens(context: Context, clock: VirtualClock):
    token = pages(context).token(["a"])
    context.secrets.add(PAGE_KEY, "a newer key of some length")
    context.secrets.disable(PAGE_KEY, "1")
    clock.sleep(timedelta(minutes=10).total_seconds())
    assert "out of date" in refused(pages(context), token)
