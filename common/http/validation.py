"""Say in plain words what is wrong with a body, and what was probably meant."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import AliasChoices, ValidationError
from pydantic_core import ErrorDetails

from common.domain.model import Model
from common.http.problem import Fault, Problem

_MOST = 20

# What a value must be, by pydantic's name of the complaint.
_MUST: Mapping[str, str] = {
    "missing": "is required",
    "string_type": "must be text",
    "string_unicode": "must be text in UTF-8",
    "string_sub_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match the pattern {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is a number too large to read",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "none_required": "must be null",
}


def problem(error: ValidationError, model: type[Model]) -> Problem:
    """400 for a body that is no JSON, 422 for one that does not fit the model, with every fault named."""
    details = error.errors(include_url=False)
    for detail in details:
        if detail["type"] == "json_invalid":
            reason = str(detail.get("ctx", {}).get("error", "it cannot be read"))
            return Problem(400, "invalid_json", f"The body is no valid JSON: {reason}.")
    faults = [_fault(detail, model) for detail in details[:_MOST]]
    text = faults[0].detail if len(faults) == 1 else f"The request has {len(details)} faults; see errors."
    return Problem(422, "invalid_request", text, faults=faults)


def pointer(path: Sequence[int | str]) -> str:
    """JSON pointer (RFC 6901, as a URI fragment) of a place in the body."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _fault(detail: ErrorDetails, model: type[Model]) -> Fault:
    path = detail["loc"]
    name = ".".join(str(part) for part in path) or "The body"
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        text = str(context.get("error", detail["msg"]))
        # Rules of a whole object name the field they are about first.
        about = text.partition(" ")[0]
        return Fault(pointer((*path, about)) if about in _names(_at(model, path)) else pointer(path), text)
    if kind == "extra_forbidden":
        return Fault(pointer(path), _unknown(path, model))
    if kind in ("literal_error", "enum"):
        known = re.findall(r"[^\s',]+", str(context.get("expected", "")).replace(" or ", ", "))
        return Fault(
            pointer(path),
            f"{name} is {_shown(detail['input'])}; use one of {', '.join(known)}." + _meant(detail["input"], known),
        )
    must = _MUST.get(kind)
    context = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
    text = f"{name} {must.format(**context)}" if must else f"{name} is not valid: {detail['msg']}"
    if "actual_length" in context:
        text += f"; it has {context['actual_length']}"
    elif kind.startswith("string_too"):
        text += f"; it has {len(str(detail['input']))}"
    elif kind != "missing" and isinstance(detail["input"], (str, int, float, bool, type(None))):
        text += f", not {_shown(detail['input'])}"
    return Fault(pointer(path), f"{text}.")


def _unknown(path: Sequence[int | str], model: type[Model]) -> str:
    owner = _at(model, path[:-1])
    field = str(path[-1])[:80]
    for name, aliases in _aliases(owner):
        if field in aliases or field == name:
            other = " or ".join(alias for alias in aliases if alias != field)
            return f"{field} and {other} are two names of one field; send only one."
    known = sorted(_names(owner))
    where = ".".join(str(part) for part in path[:-1])
    place = f" of {where}" if where else ""
    if not known:
        return f"{field} is no field{place}; nothing is expected here."
    hint = _meant(field, known) or f" Known fields: {', '.join(known)}."
    return f"{field} is no field{place}." + hint


def _meant(given: Any, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(str(given)[:80].lower(), known, n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else f"'{value}'"
    if value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    return text if len(text) <= 60 else f"{text[:57]}..."


def _at(model: type[Model], path: Sequence[int | str]) -> type[Model] | None:
    """The model that describes a place in the body, as far as types tell."""
    current: type[Model] | None = model
    for part in path:
        if current is None:
            return None
        if isinstance(part, int):
            continue
        found = next(
            (f for name, f in current.model_fields.items() if part in (name, *_choices(f.validation_alias))), None
        )
        current = next(_models(found.annotation), None) if found else None
    return current


def _models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _names(model: type[Model] | None) -> set[str]:
    return set(model.model_fields) if model else set()


def _choices(alias: Any) -> list[str]:
    return [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else []


def _aliases(model: type[Model] | None) -> Iterator[tuple[str, list[str]]]:
    for name, field in model.model_fields.items() if model else ():
        if choices := _choices(field.validation_alias):
            yield name, choices
