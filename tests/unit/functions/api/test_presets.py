from common.domain.presets import PRESETS


def test_presets_are_public_complete_and_cached_for_an_hour(client):
    response = client.get("/presets")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert [preset["id"] for preset in response.json["presets"]] == list(PRESETS)
    assert response.json["default"] == "quick_social"
    assert response.json["presets"][0] == {
        "id": "quick_social",
        "name": "Quick Social",
        "pipeline_mode": "fast",
        "quality_threshold": 0.6,
        "max_duration_sec": 30,
        "max_cost_per_minute": 0.5,
        "allow_icc": False,
        "consistency_cache": False,
        "multi_review": False,
        "priority": "low",
        "estimated_cost": 0.3,
    }


def test_a_cache_that_has_them_gets_304(client):
    tag = client.get("/presets").headers["ETag"]
    assert client.get("/presets", headers={"If-None-Match": tag}).status_code == 304
