"""The longer presets, with every field of theirs in effect."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Machine, Server

pytestmark = pytest.mark.slow


def test_a_premium_spot_is_reviewed_twice_and_keeps_its_promises(machine: Machine) -> None:
    report = machine.make(
        "Why cats purr when they are happy", "--preset", "premium_spot", "--duration", "12", "--output", "cats.mp4"
    )
    assert report["quality"] >= 0.9
    manifest = json.loads(Path(report["files"]["manifest.json"]).read_text())
    assert sum(row["engine"] == "local-reviewer" for row in manifest["cost"]["ledger"]) == 2
    assert manifest["request"]["preset"] == "premium_spot"
    assert manifest["cost"]["cap_dollars"] == pytest.approx(1.5 * 12 / 60)


def test_a_brand_keeps_its_look_from_video_to_video(machine: Machine, servers: list[Server]) -> None:
    server = machine.serve()
    servers.append(server)
    looks = []
    for content in ("Why cats purr when they are happy", "A serious notice about wet floors"):
        body = {
            "content": content,
            "preset": "brand_campaign",
            "brand_id": "acme",
            "approve": "skip",
            "duration_sec": 5,
            "resolution": "480p",
        }
        _, view = server.request("POST", "/pipeline/run", body)
        assert server.wait(view["id"], "completed", "failed")["status"] == "completed"
        manifest = machine.home / "objects" / "data" / "delivery" / view["id"] / "manifest.json"
        looks.append(json.loads(manifest.read_text())["plan"]["look"])
    assert looks[0] == looks[1]


def test_a_gated_preset_waits_for_approval(machine: Machine, servers: list[Server]) -> None:
    server = machine.serve()
    servers.append(server)
    body = {"content": "Why cats purr when they are happy", "preset": "brand_campaign", "duration_sec": 5}
    _, view = server.request("POST", "/pipeline/run", body)
    assert server.wait(view["id"], "awaiting_approval", "completed", "failed")["status"] == "awaiting_approval"
    status, _ = server.request("GET", f"/pipeline/{view['id']}/result")
    assert status == 202
