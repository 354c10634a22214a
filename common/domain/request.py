"""What a client asks for: the body of POST /pipeline/run."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, model_validator

from common.domain.brand import Brand
from common.domain.frame import FPS, Aspect, Rate, Resolution
from common.domain.model import WHOLE, Model
from common.domain.outputs import OUTPUTS, Encoder, Output
from common.domain.plan import CaptionStyle, Lang, Media
from common.domain.platforms import Platform
from common.domain.presets import DEFAULT_PRESET, PRESETS, SIZE_ALIASES, Preset, PresetName

RequestPriority = Literal["low", "normal", "high"]


def _blank_is_missing(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


# Uploads are stored under the hash of their content: nobody can name another's file without having it.
_UPLOAD = re.compile(r"media/[0-9a-f]{64}(\.[a-z0-9]{1,5})?")
_LOGO = r"^media/[0-9a-f]{64}\.(jpg|jpeg|png|webp)$"
_MUSIC = r"^media/[0-9a-f]{64}\.(mp3|wav|m4a|ogg|flac)$"


def _uploaded(media: Media) -> Media:
    if not _UPLOAD.fullmatch(media.object):
        raise ValueError(f"{media.object[:100]!r} is no uploaded file; upload it and use the key of the answer.")
    return media


class PipelineRequest(Model):
    """A video to make. `content` is a prompt of a line or a script of pages, plain text or Markdown."""

    content: Annotated[str, BeforeValidator(_blank_is_missing)] = Field(
        min_length=10,
        max_length=10_000,
        validation_alias=AliasChoices("content", "input"),
        description="Prompt or script, 10 to 10 000 characters.",
    )
    preset: PresetName = Field(
        default=DEFAULT_PRESET,
        description="Quality, length, money and review rules; 720p and 1080p stand for quick_social at that size.",
    )
    title: str | None = Field(
        default=None, min_length=1, max_length=200, description="Title of the video; found while planning if missing."
    )
    duration_sec: Annotated[int, Field(strict=True, ge=5, le=300), WHOLE] | None = Field(
        default=None,
        description="Seconds. Default: 30 for a prompt, what speaking it takes for a script.",
    )
    priority: RequestPriority | None = Field(default=None, description="Place in the queue; the preset's if missing.")
    lang: Lang = Field(default="en", description="Language of narration and captions.")
    aspect: Aspect = Field(default="16:9", description="Shape of the picture.")
    resolution: Resolution = Field(default="1080p", description="Short side of the picture.")
    fps: Annotated[Rate, WHOLE] = Field(default=FPS, description="Frames per second.")
    captions: CaptionStyle = Field(
        default="words",
        description="In the picture: words light up one by one, phrase as a whole, plain without a plate, or off.",
    )
    voice: str | None = Field(
        default=None, max_length=50, description="Name of a voice of the engine that speaks; its usual one if missing."
    )
    music_style: str | None = Field(default=None, max_length=50, description='Free words, such as "piano, no drums".')
    brand_id: str | None = Field(  # part of a path
        default=None,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Videos of one brand share palette, fonts, logo and voice.",
    )
    budget: float | None = Field(
        default=None, strict=True, ge=0, le=1000, description="Cap in US dollars; 0 runs free engines only."
    )
    approve: Literal["force", "skip"] | None = Field(default=None, description="Force or skip the approval gate.")
    seed: Annotated[int, WHOLE] = Field(
        default=0, strict=True, ge=0, lt=2**31, description="Another seed, another look."
    )
    media: tuple[Annotated[Media, AfterValidator(_uploaded)], ...] = Field(
        default=(), max_length=40, description="Pictures and clips already stored."
    )
    brand: Brand | None = Field(
        default=None, description="Colours and typeface of every scene and caption; the brand_id's own if missing."
    )
    platform: Platform | None = Field(
        default=None, description="Where it will be shown: texts keep clear of what that app draws over a video."
    )
    logo: str | None = Field(
        default=None, pattern=_LOGO, description="Object of a ready asset, shown in the corner of every scene."
    )
    music: str | None = Field(
        default=None, pattern=_MUSIC, description="Object of a ready asset, heard in place of composed music."
    )

    encoder: Encoder = Field(
        default="x264",
        description="What makes the MP4: on processors x264, x265 or av1, on a GPU nvenc...; x264 where it cannot.",
    )
    outputs: tuple[Output, ...] = Field(
        default=(),
        max_length=len(OUTPUTS),
        description="What is wanted besides the MP4: its sound, a moving preview, a still of each scene, a WebM, or "
        "HLS, which plays at links.hls while later scenes still render.",
    )

    @model_validator(mode="before")
    @classmethod
    def _size_as_preset(cls, data: Any) -> Any:
        preset = data.get("preset") if isinstance(data, dict) else None
        if isinstance(preset, str) and preset in SIZE_ALIASES:
            return {**data, "preset": DEFAULT_PRESET, "resolution": SIZE_ALIASES[data["preset"]]}
        return data

    @model_validator(mode="after")
    def _within_preset(self) -> "PipelineRequest":
        longest = self.rules.max_duration_sec
        if self.duration_sec is not None and self.duration_sec > longest:
            raise ValueError(
                f"duration_sec is {self.duration_sec}, and the preset {self.preset} allows {longest} at most; "
                "shorten it or choose a longer preset."
            )
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """Object keys of the user's own files that the video needs."""
        own = (key for key in (self.logo, self.music) if key)
        return tuple(dict.fromkeys((*(media.object for media in self.media), *own)))

    @property
    def rules(self) -> Preset:
        """The chosen preset."""
        return PRESETS[self.preset]

    @property
    def gated(self) -> bool:
        """Whether the pipeline waits for the client to accept the plan."""
        return self.approve == "force" or (self.rules.allow_icc and self.approve != "skip")
