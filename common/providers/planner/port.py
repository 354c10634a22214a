"""What a planner is asked and what it answers."""

from typing import Protocol, cast

from common.domain.frame import Aspect, Resolution
from common.domain.language import looks_like, templated
from common.domain.model import Model
from common.domain.plan import Lang, Media, Plan
from common.domain.presets import PRESETS, Track
from common.domain.request import PipelineRequest
from common.domain.text import Kind, kind_of, sanitise
from common.providers.errors import Refused

SHORTEST_SECONDS = 5  # of any video
DEFAULT_SECONDS = 30  # of a video made from a prompt when no length was asked for
DEFAULT_LANG = "en"  # the only one taken for "not chosen": a text clearly in another language is planned in its own
FAST_TRACK_SCENES = 3
FAST_TRACK_SECONDS = 30


class Brief(Model):
    """A planning task: sanitised content, the track, and the limits that hold. Lengths in seconds."""

    content: str
    source: Kind
    track: Track = "full"
    seconds: int | None = None  # the length that was asked for; None where a script decides it
    max_seconds: int
    title: str | None = None
    lang: Lang = "en"
    aspect: Aspect = "16:9"
    resolution: Resolution = "1080p"
    voice: str = ""
    music_style: str = ""
    look: str = ""
    seed: int = 0
    media: tuple[Media, ...] = ()
    note: str = ""  # what was decided differently from the request, for the plan to say

    @classmethod
    def of(cls, request: PipelineRequest, track: Track = "full", look: str = "") -> "Brief":
        """The brief of a request: its content sanitised, its kind and language told, its lengths settled."""
        content = sanitise(request.content)
        source = kind_of(content) if templated(content) else "script"
        seen = looks_like(content, request.lang, hits=2, ratio=2.5) if request.lang == DEFAULT_LANG else ""
        longest = request.rules.max_duration_sec
        seconds = request.duration_sec
        if seconds is None and source == "prompt":
            seconds = min(DEFAULT_SECONDS, longest)
        if track == "fast":
            longest = min(longest, FAST_TRACK_SECONDS)
            seconds = min(seconds, longest) if seconds is not None else None
        return cls(
            content=content,
            source=source,
            track=track,
            seconds=seconds,
            max_seconds=longest,
            title=request.title,
            lang=cast(Lang, seen) if seen else request.lang,
            aspect=request.aspect,
            resolution=request.resolution,
            voice=request.voice or "",
            music_style=request.music_style or "",
            look=look,
            seed=request.seed,
            media=request.media,
            note=f"the text is in {seen}, not {request.lang}" if seen else "",
        )


class Planner(Protocol):
    """Turns a brief into a plan."""

    name: str
    version: str
    quality: float
    paid: bool

    def direct(self, brief: Brief) -> Plan:
        """The whole plan: at least one scene, unique ids, frames that sum to the asked length where one was asked.

        Raises ScriptTooLong, UnusableScript (both Refused: final), and for remote engines Throttled or
        ProviderUnavailable.
        """
        ...


class UnusableScript(Refused):
    """There is nothing in the content that could be said or shown."""


class ScriptTooLong(Refused):
    """Speaking the script takes longer than allowed. `needed` and `allowed` in seconds."""

    def __init__(self, needed: int, allowed: int, asked: bool) -> None:
        fits = [preset.id for preset in PRESETS.values() if preset.max_duration_sec >= needed]
        limit = f"the duration asked for is {allowed} s" if asked else f"the preset allows {allowed} s"
        if fits:
            advice = f"shorten it, or choose a preset that fits: {', '.join(fits)}"
            advice += f", with a duration of at least {needed} s." if asked else "."
        else:
            longest = max(preset.max_duration_sec for preset in PRESETS.values())
            share = max(1, round(100 * (1 - longest / needed)))
            advice = f"no preset is longer than {longest} s, so cut about {share} % of it or split it into parts."
        super().__init__(f"Speaking this script takes {needed} s and {limit}; {advice}")
        self.needed = needed
        self.allowed = allowed
