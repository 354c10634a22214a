"""Take the objects that signed uploads of the embedded store allow, up to the size that was signed."""

import io

from werkzeug.wrappers import Request, Response

from common.engine.context import Context
from common.http.problem import Problem, not_found
from common.platform.embedded.objects import FolderObjects
from scripts.local.downloads import PREFIX


class _Bounded(io.RawIOBase):
    """A request's body that may have `most` bytes."""

    def __init__(self, request: Request, most: int) -> None:
        self._stream, self._most, self._seen = request.stream, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = self._stream.read(len(buffer))
        self._seen += len(block)
        if self._seen > self._most:
            raise Problem(
                413,
                "body_too_large",
                f"More bytes came than the {self._most} that were announced.",
            )
        buffer[: len(block)] = block
        return len(block)


def upload(context: Context, request: Request) -> Response:
    """200 when the whole body is stored; Problem 403 for a link that is not ours or has expired, 404, 413."""
    key, objects = request.path.removeprefix(PREFIX), context.objects
    if not isinstance(objects, FolderObjects):
        raise not_found("Objects are not taken here.")
    expires, signature, size = (request.args.get(name, "") for name in ("expires", "signature", "size"))
    most = objects.verify_upload(key, expires=expires, signature=signature, size=size)
    if most is None:
        raise Problem(403, "invalid_link", "This link is not valid or has expired; ask for the asset again.")
    objects.put(key, io.BufferedReader(_Bounded(request, most), 1 << 16))
    return Response(status=200)
