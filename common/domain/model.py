"""The one base of every value that crosses a boundary or is stored."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Model(BaseModel):
    """An immutable, strictly known value: an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# A strict integer as JSON Schema means it: 30.0 is one; text that looks like a number, true and 30.5 are not.
WHOLE = BeforeValidator(_whole)


def canonical(value: Any) -> str:
    """Serialise to the one JSON text that equal values share (sorted keys, no spaces)."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical form of any JSON-like value or model."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    raise TypeError(f"{type(value).__name__} has no canonical form; store text, numbers, lists or mappings.")
