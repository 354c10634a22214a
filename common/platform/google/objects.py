"""Objects in Cloud Storage. The SHA-256 of an object is part of its metadata from its first moment.

Bytes and files are hashed before they are sent. A stream that cannot be read twice is hashed while it is sent under a
name that no key has, and then composed to its key together with its hash: a hash that was added later could be missing
for a while or belong to another version, and a local copy would be memory, for Cloud Run has no disk. What a crash
leaves under `staging//` is for a lifecycle rule of the bucket.
"""

import contextlib
import hashlib
import io
import os
import secrets
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from google.api_core.exceptions import NotFound, PreconditionFailed
from google.auth.credentials import Signing
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Blob, Client
from google.cloud.storage.retry import DEFAULT_RETRY

from common.platform.google.hashing import HashingStream, seekable, take
from common.platform.google.object_reader import BLOCK, ObjectReader
from common.platform.google.storage_errors import bucket_is_missing, clear_errors
from common.platform.object_keys import check_key, check_prefix, guess_type, is_key
from common.platform.objects import MAX_URL_SECONDS, ObjectMissing, ObjectStat, SignedUpload, StorageUnavailable

STAGING = "staging//"  # no key of ours: it has an empty part
MOST_PARTS = 32  # of one compose request
SECONDS = (3.05, 30.0)  # to connect, and without a byte
PATIENCE = 60.0  # seconds for a request with its repetitions
TRIES = 5  # while others replace what is being read

Source = bytes | Path | BinaryIO


class StorageObjects:
    """Objects of one bucket; for any number of threads. `signing` makes the signatures of URLs."""

    def __init__(
        self, client: Client, bucket: str, signing: Signing, *, patience: float = PATIENCE, block: int = BLOCK
    ) -> None:
        self._client = client
        self._bucket = client.bucket(bucket)
        self._signing = signing
        self._block = block
        again = DEFAULT_RETRY.with_delay(initial=0.25, maximum=8.0, multiplier=2.0).with_timeout(patience)
        self._limits: Any = {"timeout": SECONDS, "retry": again}

    def put(self, key: str, source: Source, *, content_type: str = "application/octet-stream") -> ObjectStat:
        """Store bytes, a file or a stream, replacing what is there."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            return self._store(key, source, content_type)

    def create(self, key: str, source: Source, *, content_type: str = "application/octet-stream") -> bool:
        """Store only if the key is free; False (and no change) when it is taken."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            try:
                self._store(key, source, content_type, if_generation_match=0)
            except PreconditionFailed:
                return False
        return True

    def read(self, key: str) -> bytes:
        """The whole object; ObjectMissing."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            return bytes(self._bucket.blob(key).download_as_bytes(**self._limits))

    def read_range(self, key: str, *, at: int, size: int) -> bytes:
        """So many bytes of an object, by one request; ObjectMissing, StorageUnavailable where it ends before them."""
        check_key(key)
        return self._range(key, at, at + size)

    def open(self, key: str) -> BinaryIO:
        """A stream of the object, with seek, that holds two blocks at most; ObjectMissing."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            for _ in range(TRIES):
                with contextlib.suppress(_Replaced):  # since we looked: look again
                    raw = self._reader(self._found(key))
                    return io.BufferedReader(raw, self._block)
        raise StorageUnavailable(f"{key} is replaced faster than it can be read; try again")

    def fetch(self, key: str, target: Path) -> Path:
        """Place a copy of the object at a local path, read-only, and return the path; ObjectMissing."""
        check_key(key)
        temp = target.with_name(f".{secrets.token_hex(8)}")
        with clear_errors(key, self._bucket.name):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temp.open("xb") as file:
                    self._bucket.blob(key).download_to_file(file, **self._limits)
                    os.fchmod(file.fileno(), 0o444)
                temp.replace(target)
            finally:
                temp.unlink(missing_ok=True)
        return target

    def stat(self, key: str) -> ObjectStat | None:
        """Size and hash, or None."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            found = self._look(key)
            return self._described(found) if found else None

    def list(self, prefix: str) -> Iterator[ObjectStat]:
        """Objects whose key starts with the prefix, by key."""
        check_prefix(prefix)
        fields = "items(name,generation,size,contentType,metadata),nextPageToken"
        with clear_errors(f"the keys {prefix}…", self._bucket.name):
            for blob in self._client.list_blobs(self._bucket, prefix=prefix, fields=fields, **self._limits):
                if is_key(blob.name):
                    yield self._described(blob)

    def delete(self, key: str) -> None:
        """Remove the object; a missing one is fine."""
        check_key(key)
        with clear_errors(key, self._bucket.name):
            self._delete(key)

    def compose(self, key: str, parts: Sequence[str]) -> ObjectStat:
        """Join one or more objects, in order, into one; ObjectMissing. The parts are read once, for their hash."""
        if not parts:
            raise ValueError(f"{key} cannot be composed of no parts")
        check_key(key)
        mark = secrets.token_hex(8)
        with clear_errors(key, self._bucket.name):
            for _ in range(TRIES):
                with contextlib.suppress(_Replaced):  # a part, since we looked: look again
                    return self._compose(key, [self._found(check_key(part)) for part in parts], mark)
        raise StorageUnavailable(f"the parts of {key} are replaced faster than they can be joined; try again")

    def signed_url(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works without identity for that method until it expires."""
        return self._signed(key, seconds, method, {})

    def signed_upload(self, key: str, *, seconds: int, size: int) -> SignedUpload:
        """Leave to write that object by PUT until it expires: a signed header bounds what Cloud Storage takes."""
        headers = {"x-goog-content-length-range": f"0,{size}"}
        return SignedUpload(self._signed(key, seconds, "PUT", headers), headers)

    def _signed(self, key: str, seconds: int, method: str, headers: dict[str, str]) -> str:
        check_key(key)
        if not 1 <= seconds <= MAX_URL_SECONDS:
            raise ValueError(f"a signed URL lives 1 to {MAX_URL_SECONDS} seconds, not {seconds}")
        blob, life = self._bucket.blob(key), timedelta(seconds=seconds)
        try:
            url = blob.generate_signed_url(
                version="v4", expiration=life, method=method, headers=headers, credentials=self._signing
            )
        except GoogleAuthError as refused:
            raise StorageUnavailable(
                f"the URL of {key} was not signed: grant this account the role Service Account Token Creator on itself,"
                " or try again"
            ) from refused
        return str(url)

    def _store(self, key: str, source: Source, content_type: str, **guard: int) -> ObjectStat:
        how = {**self._limits, **guard}
        with contextlib.ExitStack() as opened:
            if isinstance(source, bytes):
                stream: BinaryIO = io.BytesIO(source)
            else:
                stream = opened.enter_context(source.open("rb")) if isinstance(source, Path) else source
            head = take(stream, self._block + 1)
            if len(head) <= self._block:
                described = ObjectStat(key, len(head), hashlib.sha256(head).hexdigest(), content_type)
                self._make(described, lambda blob: blob.upload_from_file(io.BytesIO(head), size=len(head), **how))
                return described
            if seekable(stream):
                return self._send_hashed(stream, len(head), key, content_type, how)
            return self._send_staged(HashingStream(head, stream), key, content_type, how)

    def _send_hashed(
        self, stream: BinaryIO, taken: int, key: str, content_type: str, how: dict[str, Any]
    ) -> ObjectStat:
        start = stream.seek(-taken, io.SEEK_CUR)
        hashing = HashingStream(b"", stream)
        while hashing.read(self._block):
            pass
        stream.seek(start)
        described = ObjectStat(key, hashing.size, hashing.sha256.hexdigest(), content_type)
        # The server compares this sum with what arrives: nothing is stored of a file that changed since it was hashed.
        known = b64encode(hashing.crc32c.digest()).decode()
        self._make(
            described,
            lambda blob: blob.upload_from_file(
                HashingStream(b"", stream), checksum=None, crc32c_checksum_value=known, **how
            ),
        )
        return described

    def _send_staged(self, hashing: HashingStream, key: str, content_type: str, how: dict[str, Any]) -> ObjectStat:
        with self._staging() as stage:
            staged = stage()
            staged.upload_from_file(hashing, **self._limits)
            described = ObjectStat(key, hashing.size, hashing.sha256.hexdigest(), content_type)
            self._make(described, lambda blob: blob.compose([staged], **how))
        return described

    def _compose(self, key: str, parts: Sequence[Blob], mark: str) -> ObjectStat:
        digest = hashlib.sha256()
        for part in parts:
            for block in self._blocks(part):
                digest.update(block)
        described = ObjectStat(key, sum(part.size for part in parts), digest.hexdigest(), guess_type(key))
        with self._staging() as stage:
            while len(parts) > MOST_PARTS:
                groups = [parts[at : at + MOST_PARTS] for at in range(0, len(parts), MOST_PARTS)]
                parts = [self._joined(stage(), group) for group in groups]
            try:
                self._make(described, lambda blob: self._joined(blob, parts), mark)
            except (NotFound, PreconditionFailed) as replaced:
                raise _Replaced(f"a part of {key} was replaced") from replaced
        return described

    def _joined(self, blob: Blob, parts: Sequence[Blob]) -> Blob:
        # Exactly the generations that were hashed.
        blob.compose(parts, if_source_generation_match=[int(part.generation) for part in parts], **self._limits)
        return blob

    def _make(self, described: ObjectStat, send: Callable[[Blob], object], mark: str = "") -> None:
        """Send an object with its description; it is recognised by its mark where only the answer was lost."""
        mark = mark or secrets.token_hex(8)
        blob = self._bucket.blob(described.key, chunk_size=self._block)
        blob.content_type = described.content_type
        blob.metadata = {"sha256": described.sha256, "mark": mark}
        try:
            send(blob)
        except (PreconditionFailed, NotFound):
            there = self._look(described.key)
            if there is None or (there.metadata or {}).get("mark") != mark:
                raise

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Callable[[], Blob]]:
        """Makes names for objects that are gone when the block ends."""
        names: deque[str] = deque()

        def stage() -> Blob:
            names.append(f"{STAGING}{secrets.token_hex(16)}")
            return self._bucket.blob(names[-1], chunk_size=self._block)

        try:
            yield stage
        finally:
            for name in names:
                with contextlib.suppress(Exception):  # the bucket's lifecycle rule has it
                    self._delete(name)

    def _look(self, key: str) -> Blob | None:
        blob = self._bucket.blob(key)
        try:
            blob.reload(**self._limits)
        except NotFound as missing:
            if bucket_is_missing(missing):
                raise
            return None
        return blob

    def _found(self, key: str) -> Blob:
        found = self._look(key)
        if found is None:
            raise ObjectMissing(f"there is no object {key}")
        return found

    def _described(self, blob: Blob) -> ObjectStat:
        sha256 = (blob.metadata or {}).get("sha256")
        if sha256 is None:  # written by somebody else, such as the holder of a signed URL
            digest = hashlib.sha256()
            for block in self._blocks(blob):
                digest.update(block)
            sha256 = digest.hexdigest()
        return ObjectStat(blob.name, int(blob.size), sha256, blob.content_type or "application/octet-stream")

    def _blocks(self, blob: Blob) -> Iterator[bytes]:
        reader = self._reader(blob)
        while block := reader.next_block():
            yield block

    def _reader(self, blob: Blob) -> ObjectReader:
        return ObjectReader(partial(self._of_generation, blob.name, blob.generation), int(blob.size), self._block)

    def _of_generation(self, key: str, generation: int, start: int, end: int) -> bytes:
        try:
            return self._range(key, start, end, generation)
        except ObjectMissing as gone:
            raise _Replaced(f"{key} was replaced or deleted while it was read: open it again") from gone

    def _range(self, key: str, start: int, end: int, generation: int | None = None) -> bytes:
        with clear_errors(key, self._bucket.name):
            blob = self._bucket.blob(key, generation=generation)
            found = bytes(blob.download_as_bytes(start=start, end=end - 1, checksum=None, **self._limits))
        if len(found) != end - start:
            raise StorageUnavailable(f"{key} arrived damaged: bytes are missing; try again")
        return found

    def _delete(self, name: str) -> None:
        try:
            self._bucket.blob(name).delete(**self._limits)
        except NotFound as missing:
            if bucket_is_missing(missing):
                raise


class _Replaced(StorageUnavailable):
    """The generation that was asked for is no more."""
