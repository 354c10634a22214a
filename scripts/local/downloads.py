"""Serve the objects that signed URLs of the embedded store point to, in ranges where a player asks for them."""

from typing import BinaryIO, cast

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import FileWrapper

from common.engine.context import Context
from common.http.problem import Problem, not_found
from common.platform.embedded.objects import FolderObjects
from common.platform.objects import ObjectMissing, ObjectStat

PREFIX = "/objects/"
_BLOCK = 1 << 16
# A browser that shows a video or an image by itself wraps it into a page of its own.
_POLICY = (
    "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def download(context: Context, request: Request) -> Response:
    """The object of a signed URL: 200, 206 for a range, 304; Problem 403, 404, 405 and 416."""
    if request.method not in ("GET", "HEAD"):
        raise Problem(405, "method_not_allowed", "This takes GET, HEAD and PUT.", headers={"Allow": "GET, HEAD, PUT"})
    key, objects = request.path.removeprefix(PREFIX), context.objects
    expires, signature = (request.args.get(name, "") for name in ("expires", "signature"))
    if not isinstance(objects, FolderObjects):
        raise not_found("Objects are not served here.")
    if not objects.verify_signature(key, expires=expires, signature=signature, method=request.method):
        raise Problem(403, "invalid_link", "This link is not valid or has expired; ask for the result again.")
    try:
        stat = objects.stat(key)
        if stat is None:
            raise ObjectMissing
        stream = objects.open(key)
    except (ObjectMissing, ValueError):
        raise not_found("The file is no longer there.") from None
    return _respond(request, stat, stream)


def _respond(request: Request, stat: ObjectStat, stream: BinaryIO) -> Response:
    name = stat.key.rsplit("/", 1)[-1]
    response = Response(FileWrapper(stream, _BLOCK), content_type=stat.content_type, direct_passthrough=True)
    response.content_length = stat.size
    response.set_etag(stat.sha256)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Disposition"] = f'inline; filename="{_plain(name)}"'
    response.headers["Content-Security-Policy"] = _POLICY
    try:
        response.make_conditional(request.environ, accept_ranges=True, complete_length=stat.size)
    except RequestedRangeNotSatisfiable:
        stream.close()
        raise Problem(
            416,
            "range_not_satisfiable",
            f"The file has {stat.size} bytes, and the range lies outside of it.",
            headers={"Content-Range": f"bytes */{stat.size}"},
        ) from None
    if request.method == "HEAD" or response.status_code == 304:
        stream.close()
        response.response = cast(list[bytes], [])
    return response


def _plain(name: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in name)
