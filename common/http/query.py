"""Read the parameters of a request's query string into the endpoint's model."""

from typing import Any, TypeVar

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Request

from common.domain.model import Model
from common.http import validation
from common.http.problem import Fault, Problem

Q = TypeVar("Q", bound=Model)


MOST_BYTES = 8192


def read(request: Request, model: type[Model] | None) -> Any:
    """The parameters as the endpoint's model, or as they came where it has none; Problem 414 and 422."""
    if len(request.query_string) > MOST_BYTES:
        raise Problem(
            414,
            "uri_too_long",
            f"The query string has {len(request.query_string)} bytes; this service reads {MOST_BYTES} at most.",
        )
    return parse(request.args, model) if model else request.args


def parse(given: MultiDict[str, str], model: type[Q]) -> Q:
    """The parameters as the endpoint's model; Problem 422 that names what is unknown, twice there or does not fit."""
    twice = [name for name in given if len(given.getlist(name)) > 1]
    if twice:
        text = f"{twice[0][:80]} is given more than once; send it once."
        raise Problem(422, "invalid_request", text, faults=[Fault(f"#/{twice[0]}", text)])
    try:
        return model.model_validate_strings(given.to_dict())
    except ValidationError as error:
        raise validation.problem(error, model) from None
