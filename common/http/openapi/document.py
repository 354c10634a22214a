"""The OpenAPI 3.1 document of all endpoints, made of the catalogue and of the modules behind it.

Nothing is said twice: paths, roles and limits come from the catalogue, bodies and answers from the models that the
boundary validates by, refusals from the registry of problems.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from common.domain.catalogue import Catalogue, Entry
from common.domain.model import Model
from common.http.call import Empty
from common.http.openapi import components, refusals
from common.http.openapi.operation import operation

VERSION = "3.1.0"
_REF = "#/components/schemas/{model}"


class _Plain(GenerateJsonSchema):
    """Schemas without a title for every field, which says what its name says."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document(catalogue: Catalogue, load: Callable[[str], ModuleType], server: str) -> dict[str, Any]:
    """The document; `load` imports a module by its name, `server` is where clients reach the service."""
    modules = {entry.name: load(entry.module) for entry in catalogue.endpoints()}
    models = sorted(
        {pair for module in modules.values() for pair in _models(module)}, key=lambda pair: (pair[0].__name__, pair[1])
    )
    refs, schemas = models_json_schema(models, ref_template=_REF, schema_generator=_Plain)
    defined: dict[str, Any] = schemas.get("$defs", {})

    def schema(model: type[Model], mode: str) -> dict[str, Any]:
        found: dict[str, Any] = refs[(model, mode)]  # type: ignore[index]
        if issubclass(model, Model) and any(getattr(m, "Query", None) is model for m in modules.values()):
            return defined[found["$ref"].rpartition("/")[2]]  # type: ignore[no-any-return]
        return found

    paths: dict[str, Any] = {}
    answers: dict[str, Any] = {}
    used: set[str] = set()
    for name, module in modules.items():
        entry = catalogue[name]
        assert entry.http is not None
        paths.setdefault(entry.http.path, {})[entry.http.method.lower()] = operation(entry, module, schema)
        used.add(components.area(entry.http.path))
        answers |= _refusals(entry, module, server)
    asked = {getattr(module, "Query", None) for module in modules.values()}
    hidden = {refs[(model, "validation")]["$ref"].rpartition("/")[2] for model in asked if model}
    return {
        "openapi": VERSION,
        "info": dict(components.INFO),
        "servers": [{"url": server}],
        "tags": components.tags(used),
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": dict(components.PROBLEM),
                **{name: one for name, one in defined.items() if name not in hidden},
            },
            "headers": components.shared_headers(),
            "responses": answers,
            "securitySchemes": dict(components.SECURITY),
        },
    }


def _models(module: ModuleType) -> set[tuple[type[Model], JsonSchemaMode]]:
    found: set[tuple[type[Model], JsonSchemaMode]] = {(getattr(module, "Body", Empty), "validation")}
    if asked := getattr(module, "Query", None):
        found.add((asked, "validation"))
    if reply := getattr(module, "Reply", None):
        found.add((reply, "serialization"))
    return found | {(model, "serialization") for model in getattr(module, "REPLIES", {}).values()}


def _refusals(entry: Entry, module: ModuleType, server: str) -> dict[str, Any]:
    grouped = refusals.by_status(refusals.codes(entry, module))
    return {refusals.name(status, group): refusals.response(status, group, server) for status, group in grouped.items()}
