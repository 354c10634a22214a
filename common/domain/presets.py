"""The presets a client chooses from. Every field here changes what the pipeline does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from common.domain.model import Model

Track = Literal["fast", "full"]
PresetName = Literal["quick_social", "brand_campaign", "premium_spot"]
Priority = Literal["low", "medium", "high"]


class Preset(Model):
    """A named bundle of quality, length, money and review rules (durations in seconds, money in dollars)."""

    id: PresetName
    name: str
    pipeline_mode: Track
    quality_threshold: float
    max_duration_sec: int
    max_cost_per_minute: float
    allow_icc: bool
    consistency_cache: bool
    multi_review: bool
    priority: Priority
    estimated_cost: float


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.id: preset
        for preset in (
            Preset(
                id="quick_social",
                name="Quick Social",
                pipeline_mode="fast",
                quality_threshold=0.6,
                max_duration_sec=30,
                max_cost_per_minute=0.50,
                allow_icc=False,
                consistency_cache=False,
                multi_review=False,
                priority="low",
                estimated_cost=0.30,
            ),
            Preset(
                id="brand_campaign",
                name="Brand Campaign",
                pipeline_mode="full",
                quality_threshold=0.8,
                max_duration_sec=120,
                max_cost_per_minute=0.95,
                allow_icc=True,
                consistency_cache=True,
                multi_review=False,
                priority="medium",
                estimated_cost=0.90,
            ),
            Preset(
                id="premium_spot",
                name="Premium Spot",
                pipeline_mode="full",
                quality_threshold=0.9,
                max_duration_sec=180,
                max_cost_per_minute=1.50,
                allow_icc=True,
                consistency_cache=True,
                multi_review=True,
                priority="high",
                estimated_cost=1.50,
            ),
        )
    }
)
DEFAULT_PRESET: PresetName = "quick_social"

# The batch example of the existing service names a size where a preset belongs.
SIZE_ALIASES: Mapping[str, str] = MappingProxyType({"720p": "720p", "1080p": "1080p"})
