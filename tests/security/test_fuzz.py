"""SEC-1.9: what a scanner makes of our own OpenAPI document: every operation, every role, every check of schemathesis.

No answer is a 5xx, none has a status, type, header or shape that the document does not promise, nothing is answered
without the proof that the document asks for, and what the document forbids is refused.
"""

import importlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode

from common.domain.catalogue import Entry
from functions.catalogue import CATALOGUE
from tests.http_world import routed
from tests.security.belongings import Belongings, world

ENTRIES = CATALOGUE.endpoints()
CALLERS = ("admin:root", "user:ann", "viewer:ann", "service:ann", "user:bob", "")
# Operations with rules that no schema can say, so that a request of the right shape may still be refused for its
# sense: a file that is not stored, a host that is private, a token that was not given, a key of another provider, a
# version that is over.
BEYOND_SCHEMA = {
    *("audit_log", "list_api_keys", "list_deliveries", "list_pipelines", "live_socket", "live_stream"),
    *("login", "refresh_token", "logout", "create_api_key", "rotate_service_key", "rotate_service_key_alias"),
    *("run_pipeline", "create_batch", "create_asset", "complete_asset", "approve_pipeline", "edit_plan"),
    *("create_webhook", "update_webhook", "delete_webhook", "rotate_webhook_secret", "set_user_role"),
}
SENSE = ("400", "410", "412", "413", "422", "426")


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Belongings]:
    made = world(tmp_path)
    yield made
    made.context.documents.close()  # type: ignore[attr-defined]


class Scan:
    """Sends cases of one operation as every caller, and holds the answers to the document."""

    def __init__(self, ann: Belongings, entry: Entry) -> None:
        assert entry.http is not None
        self._ann, self._app = ann, routed(ann.context)
        schema = schemathesis.openapi.from_dict(ann.call("GET", "/openapi.json").json)
        schema.app = self._app
        checks = schema.config.checks
        refusing, taking = checks.negative_data_rejection, checks.positive_data_acceptance
        refusing.expected_statuses = [*refusing.expected_statuses, "413", "414", "426"]
        if entry.name in BEYOND_SCHEMA:
            taking.expected_statuses = [*taking.expected_statuses, *SENSE]
        # Proofs come from CALLERS; random ones would all be 401.
        schema.config.generation.update(with_security_parameters=False)
        self.schema, self.operation = schema, schema[entry.http.path][entry.http.method]
        self.operation.app = self._app
        module = importlib.import_module(entry.module)
        takes = hasattr(module, "Body") or hasattr(module, "Query")
        self.modes = tuple(GenerationMode) if takes else (GenerationMode.POSITIVE,)
        ids = ann.named(entry)
        self.named = [
            {name: had[number % len(had)] for name, had in ids.items()}
            for number in range(max((len(had) for had in ids.values()), default=0))
        ]

    def cases(self, mode: GenerationMode) -> st.SearchStrategy[Case]:
        """Cases that name what is there, and cases that name anything."""
        of = self.operation
        there = [of.as_strategy(generation_mode=mode, path_parameters=values) for values in self.named]
        return st.one_of([*there, of.as_strategy(generation_mode=mode)])

    def send(self, case: Case) -> None:
        """As every caller, each in a minute of its own; a failure names what the document does not promise."""
        for caller in CALLERS:
            self._ann.context.clock.advance(61)  # type: ignore[attr-defined]
            # Uncompressed, for the scanner reads what it is sent as it is.
            headers = {"Accept-Encoding": "identity"}
            if caller:
                headers["Authorization"] = f"Bearer {caller}"
            answer = case.call(headers=headers)
            case.validate_response(answer, headers=headers, transport_kwargs={"app": self._app, "headers": headers})


def scan(ann: Belongings, entry: Entry, examples: int) -> None:
    """Random cases, some that fit the document and some that do not."""
    scanning = Scan(ann, entry)
    for mode in scanning.modes:

        @settings(
            max_examples=examples, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
        )
        @given(case=scanning.cases(mode))
        def each(case: Case) -> None:
            scanning.send(case)

        each()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_9_a_scanner_finds_nothing_in_any_operation_as_any_role(ann: Belongings, entry: Entry) -> None:
    scan(ann, entry, examples=2)


@pytest.mark.deep
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_9_a_scanner_that_tries_long_finds_nothing(ann: Belongings, entry: Entry) -> None:
    scan(ann, entry, examples=150)


@pytest.mark.deep
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_sec_1_9_the_edges_of_every_parameter_are_as_documented(ann: Belongings, entry: Entry) -> None:
    """Each bound, type, enum and missing field by itself, and methods that are not there."""
    scanning = Scan(ann, entry)
    found: Iterator[Any] = scanning.schema.iter_coverage_cases(
        scanning.operation,
        generation_modes=list(scanning.modes),
        generation_config=scanning.schema.config.generation,
    )
    for number, case in enumerate(itertools.islice(found, 400)):
        if scanning.named and number % 2:
            case.path_parameters = dict(scanning.named[number % len(scanning.named)])
        scanning.send(case)


def test_sec_1_9_operations_with_rules_beyond_their_schema_exist() -> None:
    assert {entry.name for entry in ENTRIES} >= BEYOND_SCHEMA
