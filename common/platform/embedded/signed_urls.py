"""URLs of objects, to read or to write them, that prove by a signature that we made them."""

import hashlib
import hmac
from urllib.parse import quote

from common.platform.clock import Clock
from common.platform.object_keys import check_key
from common.platform.objects import MAX_URL_SECONDS, SignedUpload


class SignedUrls:
    """Sign and verify `/objects/{key}?expires=..&signature=..`; a leak of one URL opens one object for a while."""

    def __init__(self, secret: bytes, clock: Clock, base_url: str = "") -> None:
        if len(secret) < 16:
            raise ValueError("the secret of signed URLs needs at least 16 bytes")
        self._secret = secret
        self._clock = clock
        self._base_url = base_url.rstrip("/")

    def sign(self, key: str, *, seconds: int, method: str = "GET") -> str:
        """A URL that works for that method during the next `seconds`."""
        check_key(key)
        if not 1 <= seconds <= MAX_URL_SECONDS:
            raise ValueError(f"a signed URL lives 1 to {MAX_URL_SECONDS} seconds, not {seconds}")
        expires = int(self._clock.now().timestamp()) + seconds
        return f"{self._base_url}/objects/{quote(key)}?expires={expires}&signature={self._mac(key, expires, method)}"

    def sign_upload(self, key: str, *, seconds: int, size: int) -> SignedUpload:
        """A URL that takes one object by PUT during the next `seconds`; the size is part of what is signed."""
        url = self.sign(key, seconds=seconds, method=_upload(str(size)))
        return SignedUpload(f"{url}&size={size}", {})

    def verify_upload(self, key: str, *, expires: str, signature: str, size: str) -> int | None:
        """The bytes that may be written at most; None unless we signed exactly this and it has not expired."""
        if not (size.isascii() and size.isdigit() and len(size) <= 12):
            return None
        right = self.verify(key, expires=expires, signature=signature, method=_upload(size))
        return int(size) if right else None

    def verify(self, key: str, *, expires: str, signature: str, method: str = "GET") -> bool:
        """Whether we signed exactly this and it has not expired; the texts come from the query as they are."""
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12 and signature.isascii()):
            return False
        expected = self._mac(key, int(expires), method)
        return hmac.compare_digest(expected, signature) and int(expires) > self._clock.now().timestamp()

    def _mac(self, key: str, expires: int, method: str) -> str:
        # HEAD asks for less than GET, so a GET signature serves it.
        verb = "GET" if method.upper() == "HEAD" else method.upper()
        text = f"{verb}\n{expires}\n{key}".encode(errors="surrogatepass")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()


def _upload(size: str) -> str:
    return f"PUT {size}"
