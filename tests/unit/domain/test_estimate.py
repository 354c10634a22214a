"""The published list price, figure by figure."""

import pytest

from common.domain.estimate import estimate

GOLDEN = [
    ("quick_social", 10, 0.14, 0.0018, 0.13, 0.0023, 67.3),
    ("quick_social", 20, 0.22, 0.0018, 0.21, 0.0046, 73.5),
    ("quick_social", 30, 0.30, 0.0018, 0.29, 0.0068, 75.9),
    ("quick_social", 60, 0.55, 0.0018, 0.53, 0.0137, 78.1),
    ("brand_campaign", 30, 0.66, 0.0036, 0.65, 0.0068, 46.9),
    ("brand_campaign", 60, 1.27, 0.0036, 1.25, 0.0137, 49.2),
    ("brand_campaign", 120, 2.48, 0.0036, 2.45, 0.0273, 50.3),
    ("premium_spot", 30, 0.67, 0.0054, 0.65, 0.0068, 46.8),
    ("premium_spot", 180, 3.70, 0.0054, 3.65, 0.0410, 50.7),
]


@pytest.mark.parametrize(("preset", "seconds", "total", "gemini", "video", "storage", "percent"), GOLDEN)
def test_golden_figures(
    preset: str, seconds: int, total: float, gemini: float, video: float, storage: float, percent: float
) -> None:
    answer = estimate(preset, seconds)  # type: ignore[arg-type]
    assert answer.aiprod_optimized == total
    assert answer.breakdown.gemini_api == gemini
    assert answer.breakdown.runway_api == video
    assert answer.breakdown.gcs_storage == storage
    assert answer.breakdown.cloud_run == 0.0032
    assert answer.savings_percent == percent


def test_the_preset_decides_backend_and_guarantee() -> None:
    quick, brand = estimate("quick_social", 30), estimate("brand_campaign", 30, "high")
    assert (quick.backend_selected, quick.quality_guarantee, quick.complexity) == ("runway_gen4_turbo", 0.6, "low")
    assert (brand.backend_selected, brand.quality_guarantee, brand.complexity) == ("runway_gen3", 0.8, "high")
    assert brand.breakdown.gemini_api == 0.0054


def test_competitors_are_priced_by_the_minute() -> None:
    assert estimate("quick_social", 30).competitors == {
        "runway_direct": 1.25,
        "synthesia": 1.0,
        "pictory": 0.75,
        "heygen": 0.9,
    }
