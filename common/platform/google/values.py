"""Our JSON-like values as Firestore keeps them, and back without a loss.

Firestore takes no list in a list, no empty key and no key like `__x__`. A list in a list becomes a map with the one
key `[]`, and a key that Firestore refuses gets a `~` in front; what looks so by itself is marked once more.
Built on bare protobuf messages: the client's own encoder takes ten times as long, and a claim waits for it.
"""

import re
from collections.abc import Mapping
from typing import Any

from google.cloud.firestore_v1 import types

LIST = "[]"

_MARKED = re.compile(r"__.*__|~.*|", re.DOTALL)


def key_of(key: str) -> str:
    """A key as it is stored."""
    return f"~{key}" if _MARKED.fullmatch(key) else key


def encode(data: Mapping[str, Any], fields: Any) -> None:
    """Write a map's values into the `fields` of a document or of a map value."""
    for key, value in data.items():
        _encode(value, fields[key_of(key)])


def decode(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The map that `encode` was given, from the client's own reading of it."""
    return {key.removeprefix("~"): _decode(value) for key, value in fields.items()}


def document(name: str, data: Mapping[str, Any], marks: Mapping[str, int]) -> types.Document:
    """A document of that name with that content, and marks of the adapter's own beside it."""
    made = types.Document.pb()(name=name)
    encode(data, made.fields)
    for key, mark in marks.items():
        made.fields[key].integer_value = mark
    wrapped: types.Document = types.Document.wrap(made)
    return wrapped


def _encode(value: Any, place: Any) -> None:
    if value is None:
        place.null_value = 0
    elif isinstance(value, bool):
        place.boolean_value = value
    elif isinstance(value, str):
        place.string_value = value
    elif isinstance(value, int):
        place.integer_value = value
    elif isinstance(value, float):
        place.double_value = value
    elif isinstance(value, Mapping):
        place.map_value.SetInParent()  # also when it is empty
        encode(value, place.map_value.fields)
    else:
        place.array_value.SetInParent()
        for one in value:
            item = place.array_value.values.add()
            marked = isinstance(one, list | tuple) or (isinstance(one, Mapping) and one.keys() == {LIST})
            _encode(one, item.map_value.fields[LIST] if marked else item)


def _decode(value: Any) -> Any:
    if isinstance(value, dict):
        return decode(value)
    if isinstance(value, list):
        return [_decode(one[LIST] if isinstance(one, dict) and one.keys() == {LIST} else one) for one in value]
    return value
