"""Callers with an OIDC token of Google's: signature, audience, issuer, times and a verified e-mail address."""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport import Request

from common.platform.documents import Unavailable
from common.platform.identity import InvalidToken

CERTIFICATES_URL = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
SKEW_SECONDS = 60  # between Google's clock and ours

FETCH_SECONDS = 5.0
SHORTEST_LIFE, LONGEST_LIFE = 60.0, 86_400.0
PAUSE = 60.0  # between two looks for a key that the certificates lack
FAILED_PAUSE = 2.0  # between two attempts to fetch, so that a burst of deliveries does not queue up behind one

_REMOVED = "SIGNATURE_REMOVED_BY_GOOGLE"

Fetched = tuple[Mapping[str, str], float]
"""PEM certificates by key id, and the seconds they may be kept."""


class GoogleCallers:
    """Verify tokens by Google's certificates. `fetch` gets them anew; they are kept as long as it says.

    Without certificates nobody is verified: the delivery is put off, never taken on trust.
    """

    def __init__(self, fetch: Callable[[], Fetched], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: Mapping[str, str] = {}
        self._expires = self._look_again = self._try_again = float("-inf")

    def verify(self, token: str, audience: str) -> str:
        """The verified e-mail address of the account that calls `audience`; InvalidToken, Unavailable."""
        certificates = self._certificates(_key_id(token))
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, certs=certificates, audience=audience, clock_skew_in_seconds=SKEW_SECONDS
            )  # type: ignore[no-untyped-call]
        except (GoogleAuthError, ValueError, TypeError) as error:
            raise InvalidToken(_reason(error)) from None
        if claims.get("iss") not in ISSUERS:
            raise InvalidToken("the token was made by another issuer than Google")
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise InvalidToken("the token names no verified e-mail address")
        return email

    def _certificates(self, key_id: str) -> Mapping[str, str]:
        """The certificates; fetched when too old, and when they lack the key, for keys change."""
        with self._lock:
            now = self._monotonic()
            lacking = key_id not in self._known and now >= self._look_again
            if now >= self._expires or lacking:
                if now < self._try_again:
                    raise Unavailable("Google's certificates could not be fetched a moment ago; try again")
                self._try_again = now + FAILED_PAUSE
                self._known, seconds = self._fetch()
                self._try_again = float("-inf")
                self._expires = now + min(LONGEST_LIFE, max(SHORTEST_LIFE, seconds))
                self._look_again = now + PAUSE
            return self._known


def fetcher(request: Request, url: str = CERTIFICATES_URL) -> Callable[[], Fetched]:
    """What fetches Google's certificates over a transport of google-auth; Unavailable when they cannot be had."""

    def fetch() -> Fetched:
        try:
            response = request(url, method="GET", timeout=FETCH_SECONDS)
            found = json.loads(response.data) if response.status == 200 else None
        except (TransportError, ValueError) as error:
            raise Unavailable(f"Google's certificates cannot be fetched from {url}: {error}") from error
        if not isinstance(found, dict) or not found:
            raise Unavailable(f"Google's certificates cannot be fetched from {url}: it answered {response.status}")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return found, _seconds(headers, "cache-control", r"max-age=(\d+)") - _seconds(headers, "age", r"(\d+)")

    return fetch


def _seconds(headers: Mapping[str, str], name: str, pattern: str) -> float:
    found = re.search(pattern, headers.get(name, ""))
    return float(found[1]) if found else 0.0


def _key_id(token: str) -> str:
    """The id of the key that signed a token, as the token says; InvalidToken where it could not be Google's."""
    if token.endswith(f".{_REMOVED}"):
        raise InvalidToken(
            "Cloud Run took the signature away after its own check; "
            "switch the service's invoker check off (invoker_iam_disabled), for this process checks by itself"
        )
    try:
        header = jwt.decode_header(token)  # type: ignore[no-untyped-call]
    except (GoogleAuthError, ValueError) as error:
        raise InvalidToken(_reason(error)) from None
    if header.get("alg") != "RS256":
        raise InvalidToken("the token is signed in a way that is not accepted")
    if not isinstance(header.get("kid"), str):
        raise InvalidToken("the token does not say which key signed it")
    return str(header["kid"])


def _reason(error: Exception) -> str:
    """Why google-auth refused; its own text may quote the token, so it is only recognised, never repeated."""
    text = str(error)
    known = {
        "expired": "the token has expired",
        "too early": "the token was issued in the future: check the clocks",
        "wrong audience": "the token was made for another audience",
        "verify token signature": "the token's signature is wrong",
        "key id": "the token was signed with a key that Google does not use",
        "required claim": "the token says nothing about its times",
    }
    return next((reason for part, reason in known.items() if part in text), "this is no token, or a damaged one")
