"""A Cloud Storage of one process, as published: the JSON API that the client speaks, and V4 signed URLs.

Objects have generations, preconditions hold, checksums are compared, an object appears when its upload is complete.
`python -m tests.protocol.storage --port 4443 --bucket NAME` serves it by itself.
"""

import argparse
import hashlib
import json
import re
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import google_crc32c
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from common.platform.google.storage_client import connect

PAGE = 3  # small, so that clients have to page
MOST_PARTS = 32


@dataclass
class Refused(Exception):
    """Answer with this status and reason."""

    status: int
    reason: str


@dataclass
class Held:
    """A generation of an object."""

    data: bytes
    generation: int
    resource: dict[str, Any]


@dataclass
class Upload:
    """A resumable upload in progress, and in the end what came of it."""

    resource: dict[str, Any]
    query: Mapping[str, str]
    data: bytearray = field(default_factory=bytearray)
    made: dict[str, Any] | None = None


@dataclass
class Storage:
    """One bucket. `signers` are the accounts whose URLs are believed, `ahead` how far its clock is before ours.

    `refuse` answers the next requests with a status; `lose` does what the next writes ask for and then hangs up;
    `damage` spoils what is sent; `requests` has what was asked: method, path, and the range.
    """

    bucket: str
    signers: dict[str, RSAPublicKey] = field(default_factory=dict)
    ahead: float = 0.0
    refuse: list[int] = field(default_factory=list)
    lose: int = 0
    damage: bool = False
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    objects: dict[str, Held] = field(default_factory=dict)
    url: str = ""
    _uploads: dict[str, Upload] = field(default_factory=dict)
    _generation: int = 1_700_000_000_000_000
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def insert(self, name: str, data: bytes, resource: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        """Make a generation, if the preconditions and checksums hold."""
        sums = checksums(data)
        for kind, found in sums.items():
            if resource.get(kind, found) != found:
                raise Refused(400, f'Provided {kind} "{resource[kind]}" doesn\'t match calculated "{found}".')
        with self._lock:
            self.check(name, query)
            self._generation += 1
            self.objects[name] = Held(bytes(data), self._generation, {})
            made = {
                "kind": "storage#object",
                "name": name,
                "bucket": self.bucket,
                "generation": str(self._generation),
                "metageneration": "1",
                "size": str(len(data)),
                "contentType": resource.get("contentType", "application/octet-stream"),
                "metadata": dict(resource.get("metadata") or {}),
                **sums,
            }
            self.objects[name].resource = made
            return made

    def check(self, name: str, query: Mapping[str, str]) -> None:
        """412 unless the generation is the one that the request expects; 0 expects none."""
        expected = query.get("ifGenerationMatch")
        held = self.objects.get(name)
        if expected is not None and int(expected) != (held.generation if held else 0):
            raise Refused(412, "At least one of the pre-conditions you specified did not hold.")

    def held(self, name: str, query: Mapping[str, str]) -> Held:
        """The generation that is asked for; old ones are not kept."""
        held = self.objects.get(name)
        if held is None or query.get("generation", str(held.generation)) != str(held.generation):
            raise Refused(404, f"No such object: {self.bucket}/{name}")
        self.check(name, query)
        return held

    def page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Names with a prefix in the order of their UTF-8, some at a time."""
        with self._lock:
            names = sorted((name for name in self.objects if name.startswith(query.get("prefix", ""))), key=str.encode)
            after = query.get("pageToken", "")
            names = [name for name in names if name.encode() > after.encode()]
            found: dict[str, Any] = {"items": [self.objects[name].resource for name in names[:PAGE]]}
            if len(names) > PAGE:
                found["nextPageToken"] = names[PAGE - 1]
            return found

    def compose(self, name: str, request: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, Any]:
        """Join generations."""
        sources = request["sourceObjects"]
        if not 1 <= len(sources) <= MOST_PARTS:
            raise Refused(400, f"The number of source components must be 1 to {MOST_PARTS}, not {len(sources)}.")
        with self._lock:
            parts = []
            for source in sources:
                wanted = {"generation": str(source["generation"])} if source.get("generation") else {}
                conditions = {key: str(value) for key, value in source.get("objectPreconditions", {}).items()}
                parts.append(self.held(source["name"], {**wanted, **conditions}).data)
            return self.insert(name, b"".join(parts), request.get("destination", {}), query)

    def delete(self, name: str, query: Mapping[str, str]) -> None:
        """Remove the live generation."""
        with self._lock:
            self.held(name, query)
            del self.objects[name]

    def begin(self, resource: dict[str, Any], query: Mapping[str, str]) -> str:
        """The id of a new resumable upload."""
        self.check(resource["name"], query)
        with self._lock:
            ident = f"upload-{len(self._uploads)}"
            self._uploads[ident] = Upload(resource, query)
            return ident

    def resume(self, ident: str, content_range: str, data: bytes) -> Upload:
        """Add a chunk; the object is made when the last one is there."""
        upload = self._uploads.get(ident)
        found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", content_range)
        if upload is None or found is None:
            raise Refused(404 if upload is None else 400, "Invalid request.")
        with self._lock:
            if upload.made:
                return upload
            if found[1] is not None:
                first, last = int(found[1]), int(found[2])
                if first > len(upload.data) or last - first + 1 != len(data):
                    raise Refused(400, "The chunk does not follow the one before it.")
                if found[3] == "*" and len(data) % (256 << 10):
                    raise Refused(400, "A chunk that is not the last has to be a multiple of 256 KiB.")
                upload.data[first:] = data
            if found[3] != "*" and int(found[3]) == len(upload.data):
                upload.made = self.insert(upload.resource["name"], bytes(upload.data), upload.resource, upload.query)
            return upload

    def believe(self, method: str, target: str, headers: Mapping[str, str]) -> None:
        """403 or 400 unless the URL was signed, by one of the signers, for this method, and has not expired."""
        split = urlsplit(target)
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        if query.get("X-Goog-Algorithm") != "GOOG4-RSA-SHA256":
            raise Refused(403, "Anonymous caller does not have storage.objects.get access.")
        signature = bytes.fromhex(query.pop("X-Goog-Signature", ""))
        email, _, scope = query["X-Goog-Credential"].partition("/")
        names = query["X-Goog-SignedHeaders"].split(";")
        lines = [f"{name}:{headers.get(name, '').strip()}" for name in names]
        listed = "&".join(sorted(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items()))
        request = "\n".join([method, split.path, listed, *lines, "", ";".join(names), "UNSIGNED-PAYLOAD"])
        stamp = query["X-Goog-Date"]
        text = "\n".join(["GOOG4-RSA-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
        try:
            if email not in self.signers:
                raise InvalidSignature
            self.signers[email].verify(signature, text.encode(), padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Refused(403, "SignatureDoesNotMatch") from None
        began = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if time.time() + self.ahead >= began + int(query["X-Goog-Expires"]):
            raise Refused(400, "ExpiredToken")


def checksums(data: bytes) -> dict[str, str]:
    """The sums of an object, as its resource has them."""
    return {
        "crc32c": b64encode(google_crc32c.value(bytes(data)).to_bytes(4, "big")).decode(),
        "md5Hash": b64encode(hashlib.md5(data).digest()).decode(),
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    storage: Storage
    wbufsize = -1  # headers and body in one packet

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - named by the base class

    def log_message(self, format: str, *args: object) -> None:
        return  # a request is no news

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        storage, split = self.storage, urlsplit(self.path)
        ranges = self.headers.get("Content-Range") or self.headers.get("Range") or ""
        storage.requests.append((self.command, unquote(split.path), ranges))
        try:
            if storage.refuse:
                raise Refused(storage.refuse.pop(0), "Refused for a test.")
            self._route(split.path, dict(parse_qsl(split.query, keep_blank_values=True)), body)
        except Refused as refused:
            error = {"code": refused.status, "message": refused.reason, "errors": [{"message": refused.reason}]}
            self._answer(refused.status, {"error": error})

    def _route(self, path: str, query: dict[str, str], body: bytes) -> None:
        for method, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                bucket, *name = (unquote(one) for one in found.groups())
                if bucket != self.storage.bucket:
                    raise Refused(404, "The specified bucket does not exist.")
                act(self, query, body, *name)
                return
        raise Refused(404, f"Nothing is served at {self.command} {path}.")

    def _upload(self, query: dict[str, str], body: bytes) -> None:
        if query["uploadType"] == "multipart":
            boundary = b"--" + self.headers["Content-Type"].partition("boundary=")[2].strip('"').encode()
            _, described, rest = body.split(boundary, 2)
            head, _, media = rest.partition(b"\r\n\r\n")
            properties = json.loads(described.partition(b"\r\n\r\n")[2])
            properties.setdefault("contentType", head.partition(b":")[2].strip().decode())
            data = media.removesuffix(b"--").removesuffix(boundary).removesuffix(b"\r\n")
            self._written(self.storage.insert(properties["name"], data, properties, query))
            return
        properties = json.loads(body)
        properties.setdefault("contentType", self.headers.get("X-Upload-Content-Type"))
        ident = self.storage.begin(properties, query)
        self._answer(200, b"", {"Location": f"{self.storage.url}{self.path}&upload_id={ident}"})

    def _chunk(self, query: dict[str, str], body: bytes) -> None:
        upload = self.storage.resume(query["upload_id"], self.headers["Content-Range"], body)
        if upload.made:
            self._written(upload.made)
        else:
            self._answer(308, b"", {"Range": f"bytes=0-{len(upload.data) - 1}"} if upload.data else {})

    def _get(self, query: dict[str, str], body: bytes, name: str) -> None:
        if query.get("alt") == "media":
            self._media(query, body, name)
        else:
            self._answer(200, self.storage.held(name, query).resource)

    def _media(self, query: dict[str, str], body: bytes, name: str) -> None:
        held = self.storage.held(name, query)
        sums = checksums(held.data)
        data = bytes(one ^ 1 for one in held.data) if self.storage.damage else held.data
        headers = {
            "Content-Type": held.resource["contentType"],
            "X-Goog-Generation": str(held.generation),
            "X-Goog-Hash": f"crc32c={sums['crc32c']},md5={sums['md5Hash']}",
        }
        ranges = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if not ranges:
            self._answer(200, data, headers)
            return
        first, last = int(ranges[1]), min(int(ranges[2] or len(held.data)), len(held.data) - 1)
        if first > last:
            raise Refused(416, "The requested range cannot be satisfied.")
        headers["Content-Range"] = f"bytes {first}-{last}/{len(held.data)}"
        self._answer(206, data[first : last + 1], headers)

    def _delete(self, query: dict[str, str], body: bytes, name: str) -> None:
        self.storage.delete(name, query)
        self._written(b"", 204)

    def _compose(self, query: dict[str, str], body: bytes, name: str) -> None:
        self._written(self.storage.compose(name, json.loads(body), query))

    def _list(self, query: dict[str, str], body: bytes) -> None:
        self._answer(200, self.storage.page(query))

    def _signed_get(self, query: dict[str, str], body: bytes, name: str) -> None:
        self.storage.believe("GET", self.path, self.headers)
        self._media({}, body, name)

    def _signed_put(self, query: dict[str, str], body: bytes, name: str) -> None:
        self.storage.believe("PUT", self.path, self.headers)
        least, _, most = self.headers.get("x-goog-content-length-range", "").partition(",")
        if most and not int(least) <= len(body) <= int(most):
            raise Refused(400, "EntityTooLarge")
        self.storage.insert(name, body, {"contentType": self.headers.get("Content-Type") or "text/plain"}, {})
        self._written(b"")

    def _written(self, body: dict[str, Any] | bytes, status: int = 200) -> None:
        if self.storage.lose:
            self.storage.lose -= 1
            self.close_connection = True
            return
        self._answer(status, body)

    def _answer(self, status: int, body: dict[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


_BUCKET = "/storage/v1/b/([^/]+)/o"
_ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("POST", f"/upload{_BUCKET}", _Handler._upload),
    ("PUT", f"/upload{_BUCKET}", _Handler._chunk),
    ("GET", f"/download{_BUCKET}/([^/]+)", _Handler._media),
    ("GET", f"{_BUCKET}/([^/]+)", _Handler._get),
    ("DELETE", f"{_BUCKET}/([^/]+)", _Handler._delete),
    ("POST", f"{_BUCKET}/([^/]+)/compose", _Handler._compose),
    ("GET", _BUCKET, _Handler._list),
    ("GET", "/([^/]+)/(.+)", _Handler._signed_get),
    ("PUT", "/([^/]+)/(.+)", _Handler._signed_put),
]


@contextmanager
def serving(storage: Storage, port: int = 0) -> Iterator[str]:
    """Serve while the block runs; yields the address."""
    handler = type("Handler", (_Handler,), {"storage": storage})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    storage.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05], name="storage", daemon=True)
    thread.start()
    try:
        yield storage.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def client_of(url: str) -> Client:
    """The unmodified client, aimed at a local server."""
    return connect("a-project", AnonymousCredentials(), url)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bucket", required=True)
    told = parser.parse_args()
    with serving(Storage(told.bucket), told.port):
        threading.Event().wait()
