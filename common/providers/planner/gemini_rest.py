"""The Gemini REST protocol: one JSON-shaped question, one JSON text and its token counts as the answer."""

import email.utils
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from common.domain.prices import token_price
from common.platform.trust import authorities
from common.providers.errors import ProviderUnavailable, Refused, Throttled, Unanswered

BASE = "https://generativelanguage.googleapis.com"
_RETRY_AFTER = 30.0  # seconds, where a throttling answer names none
_BLOCKED = frozenset({"SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "RECITATION", "SPII"})


@dataclass(frozen=True)
class Answer:
    """The text of an answer, its tokens (thinking counts as output) and what they cost in micro-dollars."""

    text: str
    tokens_in: int
    tokens_out: int
    micros: int


class GeminiRest:
    """A connection to one model. The key travels in a header, never in an address."""

    def __init__(self, key: str, model: str, base: str = BASE, timeout: float = 60.0) -> None:
        self._key = key
        self._model = model
        self._price = token_price(model)
        self._address = f"{base.rstrip('/')}/v1beta/models/{model}:generateContent"
        self._timeout = httpx.Timeout(timeout, connect=min(10.0, timeout))

    def ask(self, system: str, turns: Sequence[tuple[str, str]], schema: Mapping[str, Any], seed: int) -> Answer:
        """Ask for JSON of a schema; `turns` are (role, text), role "user" or "model".

        Raises Throttled (429, 503), Refused (blocked content, bad key or request), Unanswered (it may have been billed)
        or ProviderUnavailable (the rest).
        """
        body = {
            "systemInstruction": {"parts": [{"text": system}]},
            "contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": dict(schema),
                "temperature": 0.7,
                "seed": seed,
            },
        }
        try:
            reply = httpx.post(
                self._address,
                json=body,
                headers={"x-goog-api-key": self._key},
                timeout=self._timeout,
                trust_env=True,
                verify=authorities(),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ProviderUnavailable(f"Gemini cannot be reached ({type(error).__name__}); try again later.") from error
        except httpx.HTTPError as error:
            raise Unanswered(f"Gemini did not answer ({type(error).__name__}); try again later.") from error
        if reply.status_code != httpx.codes.OK:
            raise _error(reply)
        return self._read(reply)

    def _read(self, reply: httpx.Response) -> Answer:
        try:
            data = reply.json()
            usage = data.get("usageMetadata") or {}
            tokens_in = int(usage.get("promptTokenCount") or 0)
            tokens_out = int(usage.get("candidatesTokenCount") or 0) + int(usage.get("thoughtsTokenCount") or 0)
            blocked = (data.get("promptFeedback") or {}).get("blockReason")
            candidate = (data.get("candidates") or [{}])[0]
            finished = candidate.get("finishReason")
            parts = (candidate.get("content") or {}).get("parts") or []
            text = "".join(part.get("text", "") for part in parts if not part.get("thought"))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            raise ProviderUnavailable("Gemini answered with something that is not its protocol.") from error
        spent = self._price.micros(tokens_in, tokens_out)
        if reason := blocked or (finished if finished in _BLOCKED else None):
            raise Refused(f"Gemini declined this content ({reason}); change the text and send it again.", spent)
        return Answer(text, tokens_in, tokens_out, spent)


def _error(reply: httpx.Response) -> Exception:
    """The typed form of an answer that is not 200."""
    told = _told(reply)
    if reply.status_code in (429, 503):
        return Throttled(f"Gemini is busy ({reply.status_code}): {told}", _retry_after(reply))
    if reply.status_code in (401, 403):
        return Refused(f"Gemini did not accept the API key ({reply.status_code}): {told}")
    if 400 <= reply.status_code < 500:
        return Refused(f"Gemini did not accept the request ({reply.status_code}): {told}")
    return ProviderUnavailable(f"Gemini failed ({reply.status_code}): {told}")


def _told(reply: httpx.Response) -> str:
    try:
        return str(reply.json()["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return reply.reason_phrase or "no reason given"


def _retry_after(reply: httpx.Response) -> float:
    """Seconds to wait: the Retry-After header (seconds or a date), else the RetryInfo of the error, else 30."""
    header = reply.headers.get("retry-after", "")
    if header.strip().isdigit():
        return float(header)
    if header and (parsed := email.utils.parsedate_tz(header)):
        return max(0.0, email.utils.mktime_tz(parsed) - time.time())
    try:
        for detail in reply.json()["error"].get("details", []):
            delay = str(detail.get("retryDelay", ""))
            if delay.endswith("s"):
                return float(delay[:-1])
    except (ValueError, KeyError, TypeError, AttributeError):
        return _RETRY_AFTER
    return _RETRY_AFTER
