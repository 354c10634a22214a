"""The presets a client chooses from. Every field here changes what the pipeline does."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from common.domain.model import Model

Track = Literal["fast", "full"]
PresetName = Literal["quick_social", "brand_campaign", "premium_spot"]
Priority = Literal["low", "medium", "high"]


class Preset(Model):
    """A named bundle of quality, length, money and review rules (durations in seconds, money in dollars)."""

    id: PresetName = Field(description="What a request calls it.")
    name: str = Field(description="What people call it.")
    pipeline_mode: Track = Field(description="fast takes short cuts for simple requests, full takes every step.")
    quality_threshold: float = Field(description="0 to 1; below it scenes are made again, and at last it fails.")
    max_duration_sec: int = Field(description="The longest video, in seconds.")
    max_cost_per_minute: float = Field(description="US dollars for a minute of video, at most.")
    allow_icc: bool = Field(description="Whether the plan waits for the client to accept it.")
    consistency_cache: bool = Field(description="Whether a brand's palette, fonts and voice are reused.")
    multi_review: bool = Field(description="Whether it is reviewed twice, and the stricter verdict kept.")
    priority: Priority = Field(description="Its place in the queue, where the request names none.")
    estimated_cost: float = Field(description="List price of 30 seconds, in US dollars.")


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
