"""`scripts/docs` writes `terraform/indexes.json`: Firestore's indexes, derived from the declared queries.

The format is that of Firebase's `firestore.indexes.json`; Terraform reads it with `jsondecode`.
"""

import json
from pathlib import Path
from typing import Any

from common.domain.queries import SHAPES, UNINDEXED, Shape

FILE = Path(__file__).parents[2] / "terraform" / "indexes.json"

_DEFAULTS = (
    {"order": "ASCENDING", "queryScope": "COLLECTION"},
    {"order": "DESCENDING", "queryScope": "COLLECTION"},
    {"arrayConfig": "CONTAINS", "queryScope": "COLLECTION"},
)


def document() -> dict[str, Any]:
    """All indexes: composite ones, and what is special about single fields."""
    composite = [_composite(shape) for shape in SHAPES if len(shape.fields) > 1]
    overrides = [_group(shape) for shape in SHAPES if len(shape.fields) == 1]
    overrides += [{"collectionGroup": one, "fieldPath": field, "indexes": []} for one, field in UNINDEXED]
    return {"indexes": sorted(composite, key=json.dumps), "fieldOverrides": sorted(overrides, key=json.dumps)}


def text() -> str:
    """The file as it should be."""
    return json.dumps(document(), indent=2) + "\n"


def _composite(shape: Shape) -> dict[str, Any]:
    directions = dict(shape.order)
    fields = [
        {"fieldPath": name, "arrayConfig": "CONTAINS"}
        if name == shape.contains
        else {"fieldPath": name, "order": "DESCENDING" if directions.get(name) else "ASCENDING"}
        for name in shape.fields
    ]
    scope = "COLLECTION_GROUP" if shape.group else "COLLECTION"
    return {"collectionGroup": shape.collection, "queryScope": scope, "fields": fields}


def _group(shape: Shape) -> dict[str, Any]:
    """A single field that is asked for over all collections, beside what every field has by itself."""
    [name] = shape.fields
    order = "DESCENDING" if dict(shape.order).get(name) else "ASCENDING"
    own = {"order": order, "queryScope": "COLLECTION_GROUP"}
    return {"collectionGroup": shape.collection, "fieldPath": name, "indexes": [*_DEFAULTS, own]}


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
