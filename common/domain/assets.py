"""A user's own files: which kinds there are, how large they may be, and what they are good for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from common.domain.model import Model

AssetKind = Literal["image", "clip", "logo", "music"]
AssetState = Literal["waiting", "ready"]

_PICTURES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_CLIPS = {"video/mp4": ".mp4", "video/quicktime": ".mov", "video/webm": ".webm"}
_SOUNDS = {
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
}


@dataclass(frozen=True)
class Rule:
    """What a file of one kind may be: bytes at most, and its ending by media type."""

    max_bytes: int
    types: Mapping[str, str]


RULES: Mapping[AssetKind, Rule] = MappingProxyType(
    {
        "image": Rule(20_000_000, MappingProxyType(_PICTURES)),
        "clip": Rule(500_000_000, MappingProxyType(_CLIPS)),
        "logo": Rule(5_000_000, MappingProxyType(_PICTURES)),
        "music": Rule(50_000_000, MappingProxyType(_SOUNDS)),
    }
)


class AssetRefused(ValueError):
    """The file that is announced cannot be taken; `field` is what the text is about."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Asset(Model):
    """A file of a user's: announced (`waiting`), then looked at and stored under the hash of its content (`ready`)."""

    id: str
    owner: str
    kind: AssetKind
    content_type: str
    size: int  # bytes
    name: str = ""
    state: AssetState = "waiting"
    object: str = ""
    sha256: str = ""
    created_at: datetime
    expires_at: datetime | None = None  # of what was announced and never came

    @property
    def incoming(self) -> str:
        """Where its bytes arrive, before anybody has looked at them."""
        return f"incoming/{self.id}{self.suffix}"

    @property
    def suffix(self) -> str:
        """The ending of its file's name."""
        return RULES[self.kind].types[self.content_type]


def check(kind: AssetKind, content_type: str, size: int) -> None:
    """AssetRefused for a type or a size that a file of this kind may not have."""
    rule = RULES[kind]
    if content_type not in rule.types:
        known = ", ".join(rule.types)
        raise AssetRefused("content_type", f"content_type is {content_type[:80]!r}; for {kind} use one of {known}.")
    if size > rule.max_bytes:
        most = rule.max_bytes // 1_000_000
        raise AssetRefused("size", f"size is {size} bytes, and a file of the kind {kind} has at most {most} MB.")
