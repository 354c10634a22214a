"""The service answers as its OpenAPI document says: requests made of the document, a few for each operation.

The full run, as each role and with many examples, is slow and stands with the security tests.
"""

from importlib import import_module
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    ignored_auth,
    positive_data_acceptance,
)

from common.http.openapi.document import document
from functions.catalogue import CATALOGUE
from tests.http_world import clock, context, posted, routed

__all__ = ["clock", "context", "posted"]

LIVE = [entry.name for entry in CATALOGUE.endpoints() if entry.live]

# A schema cannot say which page tokens, ids and orders there are, nor that scene ids differ: such data is a 4xx, too.
# Who may not call is tested elsewhere. A path that two templates fit takes the methods of both.
NOT_HERE = [positive_data_acceptance, allow_header_conformance, ignored_auth]


def operations() -> Any:
    """The document, as a client with a bearer token reads it: of several proofs the boundary refuses all."""
    made = document(CATALOGUE, import_module, "http://api.test")
    for methods in made["paths"].values():
        for one in methods.values():
            one["security"] = one["security"][:1]
    return made


SCHEMA = schemathesis.openapi.from_dict(operations())


@SCHEMA.exclude(operation_id=LIVE).parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_doc_4_1_answers_are_as_documented(case: Any, context: Any) -> None:
    case.call_and_validate(
        app=routed(context),
        base_url="http://api.test",
        headers={"Authorization": "Bearer admin:root", "Accept-Encoding": "identity"},
        excluded_checks=NOT_HERE,
    )
