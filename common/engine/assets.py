"""Users' own files: announced, sent straight to the store, then looked at before anything may use them.

A file that was looked at is stored under the hash of its content, as are the files that the command line names: equal
files are stored once, and nobody can name another's file without having it. What arrived under another name is removed.
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from common.domain.assets import Asset, AssetKind
from common.engine import store
from common.engine.context import Context
from common.media.media_file import UnreadableMedia, check_clip, check_picture, check_sound
from common.platform.documents import Conflict, Create, Update
from common.platform.objects import ObjectMissing, Objects, SignedUpload

LEAVE = timedelta(hours=1)  # to send the bytes
WAITS = timedelta(hours=24)  # for somebody to say that they are there

_CHECKS: Mapping[AssetKind, Callable[[Path], None]] = MappingProxyType(
    {"image": check_picture, "logo": check_picture, "clip": check_clip, "music": check_sound}
)


class UnknownAsset(Exception):
    """There is no such file."""


class NotArrived(Exception):
    """Its bytes are not there, or not all of them; the text says which."""


def announce(context: Context, asset: Asset) -> Asset:
    """Remember a file that shall come. A repeated call with the same id answers alike."""

    def attempt() -> Asset:
        try:
            context.documents.commit([Create(_path(asset.id), asset.model_dump(mode="json"))])
        except Conflict:
            return load(context, asset.id)
        return asset

    return store.settle(context.clock, attempt, store.CLIENT_PATIENCE)


def leave(context: Context, asset: Asset) -> SignedUpload:
    """Leave to send the bytes of a file that waits for them."""
    return context.objects.signed_upload(asset.incoming, seconds=int(LEAVE.total_seconds()), size=asset.size)


def load(context: Context, asset_id: str) -> Asset:
    """The file as it stands; UnknownAsset."""
    found = context.documents.get(_path(asset_id))
    if found is None:
        raise UnknownAsset(asset_id)
    return Asset.model_validate(found.data)


def accept(context: Context, asset: Asset) -> Asset:
    """Look at the bytes that came, and keep them for good; NotArrived, or UnreadableMedia, which removes them."""
    if asset.state == "ready":
        return asset
    with tempfile.TemporaryDirectory(prefix="aiprod-asset-") as folder:
        try:
            path = context.objects.fetch(asset.incoming, Path(folder) / f"file{asset.suffix}")
        except ObjectMissing:
            if (now := load(context, asset.id)).state == "ready":
                return now  # a rival was faster, and has removed what came
            raise NotArrived("its bytes have not arrived; send them to the upload's URL") from None
        size = path.stat().st_size
        if size != asset.size:
            raise NotArrived(f"{size} bytes have arrived, and {asset.size} were announced; send the whole file again")
        try:
            _CHECKS[asset.kind](path)
        except UnreadableMedia:
            context.objects.delete(asset.incoming)
            raise
        key, sha256 = keep(context.objects, path, content_type=asset.content_type)
    ready = asset.model_copy(update={"state": "ready", "object": key, "sha256": sha256, "expires_at": None})
    store.settle(context.clock, lambda: _write(context, ready), store.CLIENT_PATIENCE)
    context.objects.delete(asset.incoming)
    return ready


def keep(objects: Objects, path: Path, *, content_type: str = "application/octet-stream") -> tuple[str, str]:
    """Store a file under the hash of its content: its key, and the hash."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    key = f"media/{sha256}{path.suffix.lower()}"
    objects.create(key, path, content_type=content_type)
    return key, sha256


def _write(context: Context, ready: Asset) -> None:
    found = context.documents.get(_path(ready.id))
    if found is None:
        raise UnknownAsset(ready.id)
    if found.data != (data := ready.model_dump(mode="json")):
        context.documents.commit([Update(found.path, data, found.version)])


def _path(asset_id: str) -> str:
    return f"assets/{asset_id}"
