"""Every complaint about a body is a sentence that says what to change."""

import json
from typing import Any

import pytest
from pydantic import Field
from werkzeug.datastructures import Headers

from common.domain.model import Model
from common.domain.plan import Plan
from common.domain.request import PipelineRequest
from common.http.body import parse
from common.http.problem import Problem

CONTENT = {"content": "How lighthouses guided ships"}


def refused(body: Any, model: type[Model] = PipelineRequest) -> list[tuple[str, str]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Problem) as caught:
        parse(raw, Headers(), model)
    assert caught.value.status == 422
    return [(fault.pointer, fault.detail) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("body", "pointer", "text"),
    [
        ({}, "#/content", "content is required."),
        ({"content": "short"}, "#/content", "content must have at least 10 characters; it has 5."),
        ({"input": "short"}, "#/input", "input must have at least 10 characters; it has 5."),
        ({"content": "x" * 10_001}, "#/content", "content must have at most 10000 characters; it has 10001."),
        ({"content": 5}, "#/content", "content must be text, not 5."),
        ({"content": None}, "#/content", "content must be text, not null."),
        (
            {**CONTENT, "input": "another text"},
            "#/input",
            "input and content are two names of one field; send only one.",
        ),
        ({**CONTENT, "presett": "x"}, "#/presett", "presett is no field. Did you mean preset?"),
        ({**CONTENT, "fps": 31}, "#/fps", "fps is 31; use one of 24, 25, 30, 50, 60."),
        ({**CONTENT, "lang": "english"}, "#/lang", "lang is 'english'; use one of en, fr, es, de, it, pt, ja, zh, ko."),
        (
            {**CONTENT, "preset": "quick_socal"},
            "#/preset",
            "preset is 'quick_socal'; use one of quick_social, brand_campaign, premium_spot."
            " Did you mean quick_social?",
        ),
        ({**CONTENT, "duration_sec": 3}, "#/duration_sec", "duration_sec must be 5 or more, not 3."),
        ({**CONTENT, "duration_sec": "30"}, "#/duration_sec", "duration_sec must be a whole number, not '30'."),
        ({**CONTENT, "duration_sec": True}, "#/duration_sec", "duration_sec must be a whole number, not true."),
        ({**CONTENT, "duration_sec": 30.5}, "#/duration_sec", "duration_sec must be a whole number, not 30.5."),
        (
            {**CONTENT, "duration_sec": 60},
            "#/duration_sec",
            "duration_sec is 60, and the preset quick_social allows 30 at most; shorten it or choose a longer preset.",
        ),
        ({**CONTENT, "budget": -1}, "#/budget", "budget must be 0 or more, not -1."),
        ({**CONTENT, "media": "x"}, "#/media", "media must be a list, not 'x'."),
        ({**CONTENT, "media": [{}]}, "#/media/0/object", "media.0.object is required."),
        (
            {**CONTENT, "preset": ["a"]},
            "#/preset",
            "preset is ['a']; use one of quick_social, brand_campaign, premium_spot.",
        ),
        ([], "#", "The body must be an object."),
        (None, "#", "The body must be an object, not null."),
    ],
)
def test_the_fault_is_named(body, pointer, text):
    assert (pointer, text) in refused(body)


@pytest.mark.parametrize("field", ["duration_sec", "seed"])
def test_a_number_without_a_fraction_is_whole_however_it_is_written(field):
    read = PipelineRequest.model_validate_json(json.dumps({**CONTENT, field: 30.0}))
    assert getattr(read, field) == 30
    assert isinstance(getattr(read, field), int)


def test_an_unknown_field_that_resembles_none_lists_the_known_ones():
    [(_, text)] = refused({**CONTENT, "zzz": 1})
    assert text.startswith("zzz is no field. Known fields: approve, aspect,")


def test_an_unknown_field_deep_inside_is_compared_with_its_own_neighbours():
    faults = refused({"title": "t", "lang": "en", "scenes": [{"headlin": "x"}]}, Plan)
    assert ("#/scenes/0/headlin", "headlin is no field of scenes.0. Did you mean headline?") in faults


def test_all_faults_are_reported_at_once():
    assert len(refused({"content": "short", "lang": "xx", "aspect": 1, "colour": 2})) == 4


def test_a_pointer_escapes_what_json_pointers_escape():
    assert refused({**CONTENT, "a/b~c": 1})[0][0] == "#/a~1b~0c"


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b'{"content":"\\ud800 lonely surrogate"}', b"[" * 100_000, b"nope"])
def test_what_is_no_json_is_400(raw):
    with pytest.raises(Problem) as caught:
        parse(raw, Headers(), PipelineRequest)
    assert (caught.value.status, caught.value.code) == (400, "invalid_json")


@pytest.mark.parametrize("raw", [b'{"content":"0123456789","budget":NaN}', b'{"content":"0123456789","budget":1e999}'])
def test_numbers_that_are_none_are_refused(raw):
    with pytest.raises(Problem):
        parse(raw, Headers(), PipelineRequest)


class Odd(Model):
    code: str = Field(pattern="^a+$", default="a")
    flag: bool = False


def test_a_complaint_without_a_phrase_of_ours_is_still_a_sentence():
    assert refused({"code": "b", "flag": "perhaps"}, Odd) == [
        ("#/code", "code must match the pattern ^a+$, not 'b'."),
        ("#/flag", "flag must be true or false, not 'perhaps'."),
    ]
