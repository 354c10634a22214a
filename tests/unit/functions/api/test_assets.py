"""Users' own files: announced, sent, looked at by content, and only then usable."""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from werkzeug.test import Client

from common.domain.assets import RULES
from common.engine.context import Context
from common.media.wave import write
from scripts.local.gateway import Gateway

PNG = cv2.imencode(".png", np.full((90, 160, 3), 200, np.uint8))[1].tobytes()
WAV = write(np.sin(np.arange(48_000) / 20).astype(np.float32) * np.float32(0.3), 48_000)


def announce(call: Any, data: bytes = PNG, kind: str = "image", content_type: str = "image/png") -> Any:
    body = {"kind": kind, "content_type": content_type, "size": len(data), "name": "mine"}
    made = call("POST", "/assets", json=body)
    assert made.status_code == 201, made.json
    return made.json


def put(context: Context, url: str, data: bytes) -> int:
    return Client(Gateway(context)).put(url.removeprefix("http://api.test"), data=data).status_code


def test_a_file_is_announced_sent_completed_and_used(call: Any, context: Context) -> None:
    asset = announce(call)
    assert (asset["state"], asset["object"], asset["upload"]["method"]) == ("waiting", "", "PUT")
    assert put(context, asset["upload"]["url"], PNG) == 200
    ready = call("POST", f"/assets/{asset['id']}/complete")
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert (ready.status_code, ready.json["state"], ready.json["upload"]) == (200, "ready", None)
    assert (ready.json["object"], ready.json["sha256"]) == (f"media/{sha256}.png", sha256)
    assert context.objects.read(ready.json["object"]) == PNG
    assert list(context.objects.list("incoming/")) == []
    assert call("POST", f"/assets/{asset['id']}/complete").json == ready.json
    assert call("GET", f"/assets/{asset['id']}").json == ready.json
    media = [{"object": ready.json["object"], "type": "image", "sha256": sha256}]
    made = call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships", "media": media})
    assert made.status_code == 202


def test_music_and_a_logo_are_named_by_their_objects(call: Any, context: Context) -> None:
    used = {}
    for kind, data, content_type in (("music", WAV, "audio/wav"), ("logo", PNG, "image/png")):
        asset = announce(call, data, kind, content_type)
        put(context, asset["upload"]["url"], data)
        used[kind] = call("POST", f"/assets/{asset['id']}/complete").json["object"]
    made = call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships", **used})
    assert made.status_code == 202
    swapped = {"logo": used["music"], "music": used["logo"]}
    refused = call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships", **swapped})
    assert (refused.status_code, len(refused.json["errors"])) == (422, 2)


def test_a_request_may_not_name_a_file_that_is_not_stored(call: Any) -> None:
    logo = f"media/{'0' * 64}.png"
    refused = call("POST", "/pipeline/run", json={"content": "How lighthouses guided ships", "logo": logo})
    assert (refused.status_code, refused.json["code"]) == (422, "unknown_file")
    assert logo in refused.json["detail"]


@pytest.mark.parametrize(
    ("kind", "content_type", "data"),
    [
        ("image", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 100),
        ("image", "image/jpeg", WAV),
        ("logo", "image/png", b"<svg onload='alert(1)'/>"),
        ("clip", "video/mp4", PNG[:40]),
        ("clip", "video/mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
        ("clip", "video/mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("music", "audio/mpeg", b"#EXTM3U\n#EXTINF:9,\nhttp://169.254.169.254/latest\n#EXT-X-ENDLIST\n"),
        ("music", "audio/mpeg", b"<?php system('id'); ?>" * 20),
        ("music", "audio/wav", PNG),
    ],
)
def test_content_decides_and_not_the_name_or_the_type(
    call: Any, context: Context, kind: str, content_type: str, data: bytes
) -> None:
    asset = announce(call, data, kind, content_type)
    put(context, asset["upload"]["url"], data)
    refused = call("POST", f"/assets/{asset['id']}/complete")
    assert (refused.status_code, refused.json["code"]) == (422, "asset_refused")
    assert list(context.objects.list("")) == []
    assert call("GET", f"/assets/{asset['id']}").json["state"] == "waiting"


@pytest.mark.parametrize("kind", list(RULES))
def test_too_large_and_foreign_types_are_refused_before_anything_is_sent(call: Any, kind: str) -> None:
    rule = RULES[kind]  # type: ignore[index]
    body = {"kind": kind, "content_type": next(iter(rule.types)), "size": rule.max_bytes + 1}
    large = call("POST", "/assets", json=body)
    assert (large.status_code, large.json["errors"][0]["pointer"]) == (422, "#/size")
    foreign = call("POST", "/assets", json={**body, "size": 1, "content_type": "image/svg+xml"})
    assert (foreign.status_code, foreign.json["errors"][0]["pointer"]) == (422, "#/content_type")


def test_bytes_that_are_missing_or_too_few_are_asked_for_again(call: Any, context: Context) -> None:
    asset = announce(call)
    early = call("POST", f"/assets/{asset['id']}/complete")
    assert (early.status_code, early.json["code"]) == (409, "asset_not_arrived")
    put(context, asset["upload"]["url"], PNG[:-1])
    short = call("POST", f"/assets/{asset['id']}/complete")
    assert (short.status_code, short.json["code"]) == (409, "asset_not_arrived")
    assert f"{len(PNG) - 1} bytes have arrived" in short.json["detail"]
    put(context, call("GET", f"/assets/{asset['id']}").json["upload"]["url"], PNG)
    assert call("POST", f"/assets/{asset['id']}/complete").status_code == 200


def test_no_more_bytes_are_taken_than_were_announced(call: Any, context: Context) -> None:
    asset = announce(call)
    assert put(context, asset["upload"]["url"], PNG + b"x") == 413
    assert list(context.objects.list("")) == []


def test_an_upload_link_opens_its_own_object_and_size_only(call: Any, context: Context) -> None:
    url = announce(call)["upload"]["url"]
    assert put(context, url.replace(f"size={len(PNG)}", f"size={len(PNG) + 1}"), PNG) == 403
    assert put(context, url.replace("/incoming/", "/media/"), PNG) == 403
    assert put(context, url.partition("&signature")[0], PNG) == 403
    assert Client(Gateway(context)).get(url.removeprefix("http://api.test")).status_code == 403


def test_another_users_asset_is_unknown_and_a_viewer_announces_nothing(call: Any) -> None:
    asset = announce(call)
    for method, path in (("GET", ""), ("POST", "/complete")):
        assert call(method, f"/assets/{asset['id']}{path}", "user:bob").status_code == 404
    assert call("GET", f"/assets/{asset['id']}", "admin:root").status_code == 200
    assert call("GET", "/assets/..%2f..", "user:ann").status_code == 404
    body = {"kind": "image", "content_type": "image/png", "size": 5}
    assert call("POST", "/assets", "viewer:eve", json=body).status_code == 403


def test_of_two_who_complete_at_once_both_get_the_same_answer(
    call: Any, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = announce(call)
    put(context, asset["upload"]["url"], PNG)
    fetch = context.objects.fetch
    rivals: list[Any] = []

    def late(key: str, target: Path) -> Path:
        monkeypatch.setattr(context.objects, "fetch", fetch)
        rivals.append(call("POST", f"/assets/{asset['id']}/complete"))
        return fetch(key, target)

    monkeypatch.setattr(context.objects, "fetch", late)
    answer = call("POST", f"/assets/{asset['id']}/complete")
    assert (answer.status_code, answer.json) == (200, rivals[0].json)


def test_the_same_content_is_stored_once(call: Any, context: Context) -> None:
    for _ in range(2):
        asset = announce(call)
        put(context, asset["upload"]["url"], PNG)
        assert call("POST", f"/assets/{asset['id']}/complete").status_code == 200
    assert len(list(context.objects.list(""))) == 1
