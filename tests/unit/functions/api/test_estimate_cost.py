"""POST /cost-estimate and GET /presets/{name}: published prices."""

from typing import Any

import pytest

from tests.unit.domain.test_estimate import GOLDEN


@pytest.mark.parametrize(("preset", "seconds", "total", "gemini", "video", "storage", "percent"), GOLDEN)
def test_golden_figures_are_answered(
    call: Any, preset: str, seconds: int, total: float, gemini: float, video: float, storage: float, percent: float
):
    body = {"content": "How lighthouses guided ships", "duration_sec": seconds, "preset": preset}
    answer = call("POST", "/cost-estimate", "viewer:eve", json=body)
    assert answer.status_code == 200
    assert answer.json["aiprod_optimized"] == total
    assert answer.json["savings_percent"] == percent
    assert answer.json["breakdown"] == {
        "gemini_api": gemini,
        "runway_api": video,
        "gcs_storage": storage,
        "cloud_run": 0.0032,
    }


def test_everything_may_be_left_out(call: Any):
    answer = call("POST", "/cost-estimate", json={}).json
    assert (answer["preset"], answer["duration_sec"], answer["aiprod_optimized"]) == ("quick_social", 30, 0.3)
    assert answer["savings"] == round(answer["runway_alone"] - answer["aiprod_optimized"], 2)


def test_a_size_is_accepted_as_a_preset_and_the_complexity_counts_where_it_is_open(call: Any):
    assert call("POST", "/cost-estimate", json={"preset": "1080p"}).json["preset"] == "quick_social"
    high = call("POST", "/cost-estimate", json={"preset": "brand_campaign", "complexity": "high"}).json
    assert (high["complexity"], high["breakdown"]["gemini_api"]) == ("high", 0.0054)


@pytest.mark.parametrize(
    "body", [{"duration_sec": 4}, {"duration_sec": 301}, {"duration_sec": "30"}, {"preset": "fast"}, {"weight": 1}]
)
def test_what_has_no_price_is_refused(call: Any, body: dict[str, Any]):
    assert call("POST", "/cost-estimate", json=body).status_code == 422


def test_a_preset_is_shown_to_everybody_and_may_be_kept_for_an_hour(client: Any):
    answer = client.get("/presets/premium_spot")
    assert answer.json == next(one for one in client.get("/presets").json["presets"] if one["id"] == "premium_spot")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["ETag"]


@pytest.mark.parametrize("name", ["premium", "x", "1' OR '1'='1"])
def test_an_unknown_preset_is_404_and_names_those_there_are(client: Any, name: str):
    answer = client.get(f"/presets/{name}")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert answer.json["known_presets"] == ["quick_social", "brand_campaign", "premium_spot"]
    assert "premium_spot" in answer.json["detail"]


@pytest.mark.parametrize("name", ["%00", "a" * 500, "%2e%2e"])
def test_what_is_no_name_is_404_too(client: Any, name: str):
    assert client.get(f"/presets/{name}").status_code == 404
