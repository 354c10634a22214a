"""The Runway REST protocol: a task is created, asked for until it is over, and deleted to stop it.

Runway takes no idempotency key and lists no tasks: one whose id did not arrive cannot be found again.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import httpx

from common.platform.trust import authorities
from common.providers.errors import ProviderUnavailable, Refused, Throttled, Unanswered

BASE = "https://api.dev.runwayml.com"
PROTOCOL = "2024-11-06"  # the version of the API, which travels with every call
LARGEST = 64 * 1024 * 1024  # bytes of a clip; ten seconds take a quarter of it
_RETRY_AFTER = 30.0  # seconds, where a throttling answer names none
_BRIEF = 5.0  # seconds for stopping a task: a client waits for its cancel meanwhile

State = Literal["PENDING", "THROTTLED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]


@dataclass(frozen=True)
class RunwayTask:
    """A task as Runway tells it; `code` is for programs, as SAFETY.INPUT.TEXT."""

    state: State
    output: str = ""  # address of the clip; it expires within a day or two, and each look gives a fresh one
    failure: str = ""
    code: str = ""


class RunwayRest:
    """A connection to one account. The key travels in a header, and only to Runway itself."""

    def __init__(self, key: str, base: str = BASE, timeout: float = 60.0) -> None:
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}", "x-runway-version": PROTOCOL}
        self._timeout = httpx.Timeout(timeout, connect=min(10.0, timeout))

    def animate(self, model: str, picture: bytes, text: str, ratio: str, seconds: int, seed: int) -> str:
        """Start a clip that begins with a JPEG; the id of its task.

        Raises Throttled, Refused or ProviderUnavailable where no task was made, Unanswered where that is not known.
        """
        body = {
            "model": model,
            "promptImage": f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}",
            "promptText": text,
            "ratio": ratio,
            "duration": seconds,
            "seed": seed,
        }
        reply = self._call("POST", "/v1/image_to_video", body)
        if reply.status_code != httpx.codes.OK:
            raise _error(reply)
        try:
            return str(reply.json()["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unanswered("Runway answered with something that is not its protocol.") from error

    def task(self, task: str) -> RunwayTask | None:
        """Where a task stands; None where Runway does not know it (any more)."""
        reply = self._call("GET", f"/v1/tasks/{task}")
        if reply.status_code == httpx.codes.NOT_FOUND:
            return None
        if reply.status_code != httpx.codes.OK:
            raise _error(reply)
        try:
            told = reply.json()
            if told["status"] not in get_args(State):
                raise ValueError(told["status"])
            return RunwayTask(
                state=told["status"],
                output=str((told.get("output") or [""])[0]),
                failure=str(told.get("failure") or ""),
                code=str(told.get("failureCode") or ""),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ProviderUnavailable("Runway answered with something that is not its protocol.") from error

    def delete(self, task: str) -> None:
        """Stop a task that runs; one that is over or unknown is fine."""
        reply = self._call("DELETE", f"/v1/tasks/{task}", timeout=_BRIEF)
        if reply.status_code not in (httpx.codes.OK, httpx.codes.NO_CONTENT, httpx.codes.NOT_FOUND):
            raise _error(reply)

    def download(self, address: str) -> bytes:
        """The clip at the address that a task gave; its server gets no key."""
        clip = bytearray()
        try:
            with httpx.stream(
                "GET", address, timeout=self._timeout, follow_redirects=True, verify=authorities()
            ) as reply:
                if reply.status_code != httpx.codes.OK:
                    raise ProviderUnavailable(f"Runway's clip cannot be fetched ({reply.status_code}).")
                for part in reply.iter_bytes():
                    clip += part
                    if len(clip) > LARGEST:
                        raise ProviderUnavailable(f"Runway's clip is larger than {LARGEST >> 20} MiB.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderUnavailable(f"Runway's clip cannot be fetched ({type(error).__name__}).") from error
        return bytes(clip)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, timeout: float | None = None
    ) -> httpx.Response:
        limit = self._timeout if timeout is None else timeout
        try:
            return httpx.request(
                method,
                f"{self._base}{path}",
                json=body,
                headers=self._headers,
                timeout=limit,
                trust_env=True,
                verify=authorities(),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ProviderUnavailable(f"Runway cannot be reached ({type(error).__name__}); try again later.") from error
        except httpx.HTTPError as error:
            raise Unanswered(f"Runway did not answer ({type(error).__name__}).") from error


def _error(reply: httpx.Response) -> Exception:
    """The typed form of an answer that is not a success."""
    status, told = reply.status_code, _told(reply)
    if status in (429, 503):
        header = reply.headers.get("retry-after", "").strip()
        return Throttled(f"Runway is busy ({status}): {told}", float(header) if header.isdigit() else _RETRY_AFTER)
    if status in (401, 403):
        return Refused(f"Runway did not accept the API key ({status}): {told}")
    if 400 <= status < 500:
        return Refused(f"Runway did not accept the request ({status}): {told}")
    if status in (502, 504):  # somebody between gave up, and Runway may have gone on
        return Unanswered(f"Runway did not answer ({status}): {told}")
    return ProviderUnavailable(f"Runway failed ({status}): {told}")


def _told(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"])[:300]
    except (ValueError, KeyError, TypeError):
        return reply.reason_phrase or "no reason given"
