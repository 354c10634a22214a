"""POST /cost-estimate: the published list price of a video, before it is made."""

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from common.domain.complexity import Level
from common.domain.estimate import Estimate, estimate
from common.domain.model import WHOLE, Model
from common.domain.presets import DEFAULT_PRESET, SIZE_ALIASES, PresetName
from common.http.call import Answer, Call


def _size_as_preset(value: Any) -> Any:
    return DEFAULT_PRESET if isinstance(value, str) and value in SIZE_ALIASES else value


class Video(Model):
    """What would be made. The price depends on the length, the preset and the complexity alone."""

    content: str = Field(
        default="",
        max_length=10_000,
        validation_alias=AliasChoices("content", "input"),
        description="Prompt or script; it may be left out.",
    )
    preset: Annotated[PresetName, BeforeValidator(_size_as_preset)] = Field(
        default=DEFAULT_PRESET, description="quick_social and premium_spot have a complexity of their own."
    )
    duration_sec: Annotated[int, WHOLE] = Field(default=30, strict=True, ge=5, le=300, description="Seconds.")
    complexity: Level = Field(default="standard", description="Counts where the preset leaves it open.")


Body = Video
Reply = Estimate
EXAMPLE = {"content": "Why we plant trees in autumn", "preset": "brand_campaign", "duration_sec": 60}
REPLY_EXAMPLE = estimate("brand_campaign", 60).model_dump(mode="json")


def handle(call: Call[Video]) -> Answer:
    """The price; working it out takes less than asking a cache for it would."""
    asked = call.body
    return Answer(body=estimate(asked.preset, asked.duration_sec, asked.complexity))
