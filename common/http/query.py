"""Read the parameters of a request's query string into the endpoint's model."""

from typing import TypeVar

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from common.domain.model import Model
from common.http import validation
from common.http.problem import Fault, Problem

Q = TypeVar("Q", bound=Model)


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
