"""Nothing that opens a door stands in a log: tokens, keys, cookies and passwords are taken out by their name or shape.

Fields are logged by name, so none should come this far; this is for the accident, such as the text of an exception that
quotes a header. What is taken out by mistake costs a word of a log line, and what is left in costs a secret.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REDACTED = "[redacted]"

_NAME = (
    r"authorization|cookie|x-api-key|api[_-]?key|x-csrf-token|csrf[_-]?token|(?:access|refresh|id|session|bearer)[_-]?token"
    r"|token|client[_-]?secret|secret|password|passwd|passphrase|private[_-]?key|signing[_-]?key|(?:x-goog-)?signature"
    r"|(?:x-goog-)?credential|__host-session|session"
)
# `name: value`, `name=value`, `"name": "value"`, `name is value`; a cookie or a scheme with its credentials to the end.
_NAMED = re.compile(
    rf"(?P<name>\b(?:set-)?(?:{_NAME})s?)(?P<is>[\"'\\]*(?:\s*[:=]\s*|\s+is\s+)[\"'\\]*)"
    r"(?:(?:bearer|basic|digest)\s+)?[^\s\"'\\,;&)}\]]+",
    re.IGNORECASE,
)
_COOKIE = re.compile(r"(?P<name>\b(?:set-)?cookie[\"'\\]*\s*[:=]\s*[\"'\\]*)[^\"'\\\r\n]+", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<name>bearer|basic)\s+[^\s\"'\\]{8,}", re.IGNORECASE)
_USER = re.compile(r"(?P<name>://)[^\s/@\"']*:[^\s/@\"']*@")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
# JSON Web Tokens, our API keys and webhook secrets, Google's and other providers' keys, and any long random text.
_SHAPE = re.compile(
    r"eyJ[\w-]{4,}(?:\.[\w-]*){0,2}|\b(?:apk_|whsec_|whsk_|ya29\.|AIza|GOCSPX-|sk-)[\w./+=-]{8,}"
    r"|(?<![\w/-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40,}(?:\.[\w-]+)*"
)
# Without one of these, none of the above can be in a text: cheap to find out, and true of nearly every line.
_SIGNS = (
    *("bearer", "basic", "token", "secret", "passw", "passph", "cookie", "key", "signature", "session", "credential"),
    *("authoriz", "eyj", "whs", "ya29", "aiza", "gocspx", "sk-", "@"),
)
_LONG = 40
_SENSITIVE = re.compile(rf"(?:{_NAME})s?", re.IGNORECASE)


@lru_cache(maxsize=512)
def _sensitive(name: str) -> bool:
    return _SENSITIVE.fullmatch(name) is not None


def redact(text: str) -> str:
    """The text without secrets."""
    lower = text.lower()
    for sign in _SIGNS:
        if sign in lower:
            break
    else:
        return text if len(text) < _LONG else _SHAPE.sub(REDACTED, text)
    text = _PEM.sub(REDACTED, text)
    text = _COOKIE.sub(rf"\g<name>{REDACTED}", text)
    text = _NAMED.sub(rf"\g<name>\g<is>{REDACTED}", text)
    text = _SCHEME.sub(rf"\g<name> {REDACTED}", text)
    text = _USER.sub(rf"\g<name>{REDACTED}@", text)
    return _SHAPE.sub(REDACTED, text)


def clean(value: Any, name: str = "") -> Any:
    """A field's value without secrets; nothing of it where its name is that of a secret."""
    if name and value and _sensitive(name):
        return REDACTED
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {str(key): clean(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))
