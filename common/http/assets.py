"""A user's own files as clients see them."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from pydantic import Field

from common.domain.assets import Asset, AssetKind, AssetState
from common.domain.model import Model
from common.domain.request import PipelineRequest
from common.engine import assets
from common.engine.assets import UnknownAsset
from common.engine.context import Context
from common.http.call import Call
from common.http.problem import Fault, Problem, not_found

LOOKERS = 32  # files that are looked for at a time

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class UploadView(Model):
    """Where the bytes go: one PUT with exactly these headers, before the URL expires."""

    method: str = Field(description="Always PUT.")
    url: str = Field(description="Signed; needs no other proof.")
    headers: dict[str, str] = Field(description="To be sent with it, exactly.")
    max_bytes: int = Field(description="Bytes that it takes at most.")


class AssetView(Model):
    """A file of the caller's. Once it is `ready`, `object` is what a request names it by."""

    id: str = Field(description="Random; part of every path about this file.")
    kind: AssetKind = Field(description="What it is for.")
    content_type: str = Field(description="Media type of the file.")
    size: int = Field(description="Bytes.")
    name: str = Field(description="Its name, for people.")
    state: AssetState = Field(description="Where it stands.")
    object: str = Field(description="Key to name it by in a request, once it is ready.")
    sha256: str = Field(description="Checksum of its content, in hex, once it is ready.")
    created_at: datetime = Field(description="When it was announced, in UTC.")
    upload: UploadView | None = Field(description="Stands until the bytes have come.")


VIEW_EXAMPLE = {
    "id": "5f0c3a1b9d2e4f607182",
    "kind": "image",
    "content_type": "image/png",
    "size": 48213,
    "name": "lighthouse.png",
    "state": "ready",
    "object": f"media/{'0a1b2c3d' * 8}.png",
    "sha256": "0a1b2c3d" * 8,
    "created_at": "2026-03-02T09:30:00Z",
    "upload": None,
}


def visible(call: Call[Any]) -> Asset:
    """The file that the path names, if it is the caller's or the caller is an admin; else Problem 404."""
    asset_id = call.params["id"]
    unknown = not_found(f"There is no asset {asset_id[:64]!r} that you may see.")
    if not _ID.fullmatch(asset_id):
        raise unknown
    try:
        asset = assets.load(call.context, asset_id)
    except UnknownAsset:
        raise unknown from None
    if asset.owner != call.caller.id and call.caller.role != "admin":
        raise unknown
    return asset


def view(call: Call[Any], asset: Asset) -> AssetView:
    """What every answer about a file says, with fresh leave to send it while it waits."""
    upload = None
    if asset.state == "waiting":
        leave = assets.leave(call.context, asset)
        upload = UploadView(method="PUT", url=leave.url, headers=dict(leave.headers), max_bytes=asset.size)
    return AssetView(**asset.model_dump(exclude={"owner", "expires_at"}), upload=upload)


def check_files(context: Context, request: PipelineRequest) -> None:
    """Problem 422 unless every file of the user's that a request names is there."""
    check_all_files(context, {"#": request})


def check_all_files(context: Context, requests: Mapping[str, PipelineRequest]) -> None:
    """Problem 422 unless every file that any of the requests names is there; it points to where such a request stands.

    Each file is looked for once, and many at a time: they may be thousands, and somebody waits for the answer.
    """
    keys = list(dict.fromkeys(key for request in requests.values() for key in request.files))
    if not keys:
        return
    with ThreadPoolExecutor(min(LOOKERS, len(keys))) as pool:
        missing = {key for key, found in zip(keys, pool.map(context.objects.stat, keys), strict=True) if found is None}
    for pointer, request in requests.items():
        for key in request.files:
            if key in missing:
                text = f"There is no file {key}; send it as an asset, complete it, and use the object of the answer."
                raise Problem(422, "unknown_file", text, faults=[Fault(pointer, text)])
