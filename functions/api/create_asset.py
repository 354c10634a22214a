"""POST /assets: announce a picture, clip, logo or piece of music, and learn where to send it."""

from typing import Annotated

from pydantic import Field

from common.domain.assets import Asset, AssetKind, AssetRefused, check
from common.domain.model import WHOLE, Model
from common.engine import assets
from common.http.assets import VIEW_EXAMPLE, AssetView, view
from common.http.call import Answer, Call
from common.http.problem import Fault, Problem


class NewAsset(Model):
    """A file that shall be sent."""

    kind: AssetKind = Field(description="What it is for; it decides what the file may be.")
    content_type: str = Field(max_length=100, description="Media type of the file, such as image/png.")
    size: Annotated[int, WHOLE] = Field(strict=True, ge=1, description="Bytes of the file; exactly as many are taken.")
    name: str = Field(default="", max_length=200, description="Its name, for people.")


Body = NewAsset
Reply = AssetView
STATUS = 201
SENDS = ("Location",)
EXAMPLE = {"kind": "image", "content_type": "image/png", "size": 48213, "name": "lighthouse.png"}
REPLY_EXAMPLE = {
    **VIEW_EXAMPLE,
    "state": "waiting",
    "object": "",
    "sha256": "",
    "upload": {
        "method": "PUT",
        "url": "https://storage.example.com/incoming/5f0c3a1b9d2e4f607182.png?signature=0a1b",
        "headers": {"x-goog-content-length-range": "0,48213"},
        "max_bytes": 48213,
    },
}


def handle(call: Call[NewAsset]) -> Answer:
    """201 with where to send the bytes; then complete it. 422 for a type or size that this kind may not have."""
    body = call.body
    try:
        check(body.kind, body.content_type, body.size)
    except AssetRefused as no:
        fault = Fault(f"#/{no.field}", str(no))
        raise Problem(422, "invalid_request", str(no), faults=[fault]) from None
    now = call.context.clock.now()
    asset = Asset(
        id=call.new_id,
        owner=call.caller.id,
        created_at=now,
        expires_at=now + assets.WAITS,
        **body.model_dump(),
    )
    kept = assets.announce(call.context, asset)
    location = f"{call.context.settings.public_url.rstrip('/')}/assets/{kept.id}"
    return Answer(201, view(call, kept), {"Location": location})
