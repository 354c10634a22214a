"""Complete lists: every endpoint says what it answers, with examples that are what they claim to be."""

import json
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from common.domain.model import Model
from common.http.problems import PROBLEMS
from functions.catalogue import CATALOGUE

ENDPOINTS = [entry.name for entry in CATALOGUE.endpoints()]
# What the boundary answers by itself, so that no handler need say it.
BOUNDARY = {"invalid_json", "invalid_request", "unauthenticated", "forbidden", "internal", "unavailable"}


def module_of(name: str) -> ModuleType:
    return import_module(CATALOGUE[name].module)


def statuses(module: ModuleType) -> tuple[int, ...]:
    found = getattr(module, "STATUS", 200)
    return found if isinstance(found, tuple) else (found,)


def fits(model: type[Model], example: Any) -> None:
    """The example is an answer or a body of the model: nothing missing, nothing unknown, nothing left to defaults."""
    text = json.dumps(example)  # plain JSON, as clients see it
    model.model_validate_json(text)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_says_what_it_answers(name):
    module = module_of(name)
    reply, media = getattr(module, "Reply", None), getattr(module, "MEDIA_TYPE", None)
    if statuses(module) == (204,) or CATALOGUE[name].live:
        return
    assert (reply is None) != (media is None) or isinstance(media, tuple), "a Reply, or the media types of what is sent"
    if reply is not None:
        assert issubclass(reply, Model)
        fits(reply, module.REPLY_EXAMPLE)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_that_takes_a_body_shows_one(name):
    module = module_of(name)
    if body := getattr(module, "Body", None):
        fits(body, module.EXAMPLE)


@pytest.mark.parametrize("name", ENDPOINTS)
def test_other_replies_have_their_example_too(name):
    module = module_of(name)
    replies, examples = getattr(module, "REPLIES", {}), getattr(module, "REPLY_EXAMPLES", {})
    assert replies.keys() == examples.keys()
    assert set(replies) < {*statuses(module)}
    for status, model in replies.items():
        fits(model, examples[status])


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_has_a_sentence_and_names_known_problems(name):
    module = module_of(name)
    assert (module.handle.__doc__ or "").strip().endswith(".")
    codes = getattr(module, "PROBLEMS", ())
    assert isinstance(codes, tuple)
    assert len(set(codes)) == len(codes)
    assert not set(codes) - set(PROBLEMS), "register it in common/http/problems.py"
    assert not set(codes) & BOUNDARY


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_field_that_a_client_sends_or_gets_is_described(name):
    module = module_of(name)
    models = [getattr(module, kind, None) for kind in ("Body", "Query", "Reply")]
    for model in [*models, *getattr(module, "REPLIES", {}).values()]:
        schemas = model.model_json_schema() if model else {}
        for schema in (schemas, *schemas.get("$defs", {}).values()):
            for field, about in schema.get("properties", {}).items():
                assert about.get("description"), f"{schema.get('title')}.{field} has no Field(description=...)"
