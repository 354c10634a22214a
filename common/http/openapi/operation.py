"""One operation of the OpenAPI document: what the catalogue says of an endpoint, and what its module does."""

import inspect
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import ModuleType
from typing import Any

from common.domain.catalogue import Entry
from common.domain.model import Model
from common.http.body import MAX_BYTES
from common.http.call import Empty
from common.http.limits import PER_ADDRESS, PER_USER
from common.http.openapi import refusals
from common.http.openapi.components import ASKED, area, header_refs

# The schema of a model where it comes from a client, and where it goes to one.
Schema = Callable[[type[Model], str], dict[str, Any]]

_NOUNS = {
    "/pipeline/batch/{id}": "the batch",
    "/pipeline/{id}": "the pipeline",
    "/ws/pipeline/{id}": "the pipeline",
    "/webhooks/{id}": "the webhook",
    "/assets/{id}": "the file",
    "/admin/users/{id}": "the user",
    "/api-keys/{id}": "the key",
}
_PARAMETERS: Mapping[str, dict[str, Any]] = {
    "name": {"description": "Name of the preset.", "example": "quick_social"},
    "code": {"description": "Code of the problem.", "example": "not_found"},
    "file": {"description": "Name of the file, as the pages link it.", "example": "swagger.js"},
    "part": {"description": "A playlist, or what one names; master.m3u8 first.", "example": "master.m3u8"},
    "delivery_id": {"description": "Id of the message.", "example": "msg_2b7e151628aed2a6"},
    "service_name": {"description": "Name of the service.", "example": "gemini"},
}


def operation(entry: Entry, module: ModuleType, schema: Schema) -> dict[str, Any]:
    """What a client has to know of one endpoint."""
    assert entry.http is not None
    found: dict[str, Any] = {
        "operationId": entry.name,
        "tags": [area(entry.http.path)],
        "summary": entry.summary,
        "description": description(entry, module),
        "parameters": parameters(entry, module, schema),
        "responses": {
            **successes(entry, module, schema),
            **{
                str(status): {"$ref": f"#/components/responses/{refusals.name(status, group)}"}
                for status, group in refusals.by_status(refusals.codes(entry, module)).items()
            },
        },
        "security": security(entry),
        "x-roles": list(entry.roles) if entry.roles != "public" else ["public"],
        "x-limit": limits(entry),
    }
    if entry.http.method in refusals.READS_BODY:
        found["requestBody"] = body(module, schema)
    if 101 in statuses(module):
        found["x-websocket"] = inspect.cleandoc(module.__doc__ or "")
    return found


def statuses(module: ModuleType) -> tuple[int, ...]:
    """How the endpoint answers where it does not refuse."""
    found: int | tuple[int, ...] = getattr(module, "STATUS", 200)
    return found if isinstance(found, tuple) else (found,)


def media_types(module: ModuleType) -> tuple[str, ...]:
    """What the endpoint answers with, where that is no JSON of a model."""
    found: str | tuple[str, ...] = getattr(module, "MEDIA_TYPE", ())
    return (found,) if isinstance(found, str) else found


def description(entry: Entry, module: ModuleType) -> str:
    """What the handler promises, who may call it and how often."""
    promise = inspect.getdoc(module.handle) or ""
    if entry.live:
        promise = inspect.cleandoc(module.__doc__ or "").partition("\n\n")[2] + f"\n\n{promise}"
    who = "everyone" if entry.roles == "public" else ", ".join(entry.roles)
    often = "; ".join(f"{most} a minute and {of}" for of, most in limits(entry).items()) or "none"
    return f"{promise}\n\n**Roles:** {who}. **Limits:** {often}."


def limits(entry: Entry) -> dict[str, int]:
    """Requests a minute, by what is counted."""
    if entry.exempt:
        return {}
    public = entry.roles == "public"
    found = {"address": PER_ADDRESS} if public else {"address": PER_ADDRESS, "caller": PER_USER}
    if entry.limit:
        found["address" if public else "caller"] = entry.limit
    return found


def security(entry: Entry) -> list[dict[str, list[str]]]:
    """The ways to prove who calls, any one of which will do."""
    assert entry.http is not None
    if entry.roles == "public":
        return []
    session: dict[str, list[str]] = {"session": []}
    if entry.http.method in refusals.CHANGES:
        session["csrf"] = []
    return [{"bearer": []}, {"api_key": []}, session]


def parameters(entry: Entry, module: ModuleType, schema: Schema) -> list[dict[str, Any]]:
    """Of the path, of the query and of the headers."""
    assert entry.http is not None
    found = [_path_parameter(entry.http.path, name) for name in re.findall(r"{(\w+)}", entry.http.path)]
    asked: type[Model] | None = getattr(module, "Query", None)
    if asked:
        known = schema(asked, "validation")
        for name, about in known["properties"].items():
            about = dict(about)
            said = about.pop("description", "")
            one = {"name": name, "in": "query", "description": said, "schema": about}
            found.append({**one, "required": name in known.get("required", ())})
    headers = {"X-Request-Id", *getattr(module, "READS", ())}
    if entry.idempotent:
        headers.add("Idempotency-Key")
    if entry.http.method == "GET" and hasattr(module, "Reply"):
        headers.add("If-None-Match")
    if "precondition_failed" in getattr(module, "PROBLEMS", ()):
        headers.add("If-Match")
    found += [_header(name) for name in sorted(headers)]
    return found


def body(module: ModuleType, schema: Schema) -> dict[str, Any]:
    """What is sent, with an example."""
    model: type[Model] = getattr(module, "Body", Empty)
    needed = any(field.is_required() for field in model.model_fields.values())
    return {
        "description": f"JSON, {MAX_BYTES // 1_000_000} MB at most." + ("" if needed else " May be left out."),
        "required": needed,
        "content": {
            "application/json": {"schema": schema(model, "validation"), "example": getattr(module, "EXAMPLE", {})}
        },
    }


def successes(entry: Entry, module: ModuleType, schema: Schema) -> dict[str, Any]:
    """The answers that are no refusal."""
    assert entry.http is not None
    reply: type[Model] | None = getattr(module, "Reply", None)
    others: Mapping[int, type[Model]] = getattr(module, "REPLIES", {})
    examples: Mapping[int, Any] = getattr(module, "REPLY_EXAMPLES", {})
    found: dict[str, Any] = {}
    for status in statuses(module):
        response: dict[str, Any] = {
            "description": HTTPStatus(status).phrase,
            "headers": header_refs(*sorted(_headers(entry, module, status))),
        }
        model = others.get(status, reply)
        content = {}
        if status not in (101, 204):
            content = {kind: {"schema": _text(kind)} for kind in media_types(module)}
            if model:
                response["description"] = (inspect.getdoc(model) or "").partition("\n")[0]
                example = examples.get(status, getattr(module, "REPLY_EXAMPLE", None))
                content["application/json"] = {"schema": schema(model, "serialization"), "example": example}
        if content:
            response["content"] = content
        found[str(status)] = response
    if entry.http.method == "GET" and reply:
        found["304"] = {
            "description": "The answer that you have is still the answer.",
            "headers": header_refs("ETag", "X-Request-Id"),
        }
    return found


def _headers(entry: Entry, module: ModuleType, status: int) -> set[str]:
    assert entry.http is not None
    found = {"X-Request-Id", "Cache-Control", *getattr(module, "SENDS", ())}
    if not entry.exempt:
        found |= {"RateLimit", "RateLimit-Policy"}
    if entry.idempotent:
        found.add("Idempotent-Replayed")
    if entry.http.method == "GET" and hasattr(module, "Reply") and status == 200:
        found.add("ETag")
    return found


def _text(media_type: str) -> dict[str, Any]:
    if media_type.startswith("application/json"):
        return {"type": "object"}
    if media_type == "text/event-stream":  # an object to who reads it by events, text to who reads it by bytes
        return {"description": "Server-sent events."}
    return {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}


def _path_parameter(path: str, name: str) -> dict[str, Any]:
    about = _PARAMETERS.get(name)
    if about is None:
        noun = next((noun for start, noun in _NOUNS.items() if path.startswith(start)), "it")
        about = {"description": f"Id of {noun}.", "example": "5f0c6ad1b2e94c7783d0"}
    return {"name": name, "in": "path", "required": True, **about, "schema": {"type": "string", "minLength": 1}}


def _header(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name == "Idempotency-Key":
        schema = {"type": "string", "pattern": "^[!-~]{1,255}$"}
    if name == "Last-Event-ID":
        schema = {"type": "string", "pattern": "^[0-9]{1,15}$"}
    return {"name": name, "in": "header", "required": False, "description": ASKED[name], "schema": schema}
