"""What Firestore's answers mean, those too that its emulator never gives."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.cloud.firestore_v1 import types
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from hypothesis import given
from hypothesis import strategies as st

from common.platform.documents import Conflict, Create, Delete, Put, Unavailable, Update
from common.platform.google.documents import FirestoreDocuments
from common.platform.google.values import decode, value_of
from tests.protocol.grpc_service import Refused, serving

NAME = "projects/p/databases/(default)/documents"

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["", "[]", "~", "~stamp", "__a__", "a.b", "é"]) | st.text("_~[]a"), inner)
    ),
    max_leaves=20,
)


@contextmanager
def firestore(commit: Callable[[types.CommitRequest], types.CommitResponse]) -> Iterator[FirestoreDocuments]:
    with serving({"google.firestore.v1.Firestore": {"Commit": (types.CommitRequest, commit)}}) as channel:
        yield FirestoreDocuments(FirestoreClient(transport=FirestoreGrpcTransport(channel=channel)), "p")


@pytest.mark.parametrize(
    ("code", "detail", "error", "names"),
    [
        (grpc.StatusCode.ALREADY_EXISTS, f"Document already exists: {NAME}/things/b", Conflict, "^things/b is not"),
        (grpc.StatusCode.NOT_FOUND, f"No document to update: {NAME}/things/a", Conflict, "^things/a is not"),
        (grpc.StatusCode.FAILED_PRECONDITION, "the stored version (2) is another", Conflict, "^things/a or things/b"),
        (grpc.StatusCode.ABORTED, "Too much contention on these documents.", Conflict, "^things/a or things/b"),
        (grpc.StatusCode.INVALID_ARGUMENT, "a field is too long", ValueError, "things/a, things/b, things/c"),
        *(
            (code, "some reason", Unavailable, "things/a, things/b, things/c.*some reason")
            for code in (
                grpc.StatusCode.UNAVAILABLE,
                grpc.StatusCode.DEADLINE_EXCEEDED,
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                grpc.StatusCode.INTERNAL,
                grpc.StatusCode.UNKNOWN,
                grpc.StatusCode.CANCELLED,
                grpc.StatusCode.PERMISSION_DENIED,
                grpc.StatusCode.UNAUTHENTICATED,
            )
        ),
    ],
)
def test_a_refused_commit_is_sent_once_and_told_apart(
    code: grpc.StatusCode, detail: str, error: type[Exception], names: str
) -> None:
    sent = []

    def commit(request: types.CommitRequest) -> types.CommitResponse:
        sent.append(request)
        raise Refused(code, detail)

    with firestore(commit) as documents, pytest.raises(error, match=names):
        documents.commit([Update("things/a", {}, "1.000000002"), Create("things/b", {}), Put("things/c", {})])
    assert len(sent) == 1


def test_contention_on_documents_without_guards_is_no_conflict() -> None:
    def commit(request: types.CommitRequest) -> types.CommitResponse:
        raise Refused(grpc.StatusCode.ABORTED, "Too much contention on these documents.")

    with firestore(commit) as documents, pytest.raises(Unavailable, match="things/a, things/b"):
        documents.commit([Put("things/a", {}), Delete("things/b")])


def test_a_commit_says_what_must_hold_and_replaces_whole_documents() -> None:
    sent = []

    def commit(request: types.CommitRequest) -> types.CommitResponse:
        sent.append(request)
        return types.CommitResponse()

    with firestore(commit) as documents:
        documents.commit(
            [
                Create("things/a", {"n": 1}),
                Update("things/b", {"n": 1}, "1795308979.905611001"),
                Put("things/c", {"n": 1}),
                Delete("things/d", "1795308979.000000001"),
                Delete("things/e"),
            ]
        )
    create, update, put, guarded, delete = (types.Write.pb(write) for write in sent[0].writes)
    assert create.current_document.WhichOneof("condition_type") == "exists"
    assert not create.current_document.exists
    assert update.current_document.update_time.ToNanoseconds() == 1795308979_905611001
    assert guarded.current_document.update_time.ToNanoseconds() == 1795308979_000000001
    assert not put.HasField("current_document")
    assert not delete.HasField("current_document")
    assert [one.delete for one in (guarded, delete)] == [f"{NAME}/things/d", f"{NAME}/things/e"]
    assert not any(one.HasField("update_mask") for one in (create, update, put))
    stamps = {one.update.fields["~stamp"].integer_value for one in (create, update, put)}
    assert len(stamps) == 3


@given(JSON)
def test_values_come_back_as_they_were(value: Any) -> None:
    stored = value_of({"value": value})
    back = decode(stored.map_value.fields)
    assert json.dumps(back, sort_keys=True) == json.dumps({"value": value}, sort_keys=True)
    assert acceptable(stored)


def acceptable(value: Any, in_list: bool = False) -> bool:
    """Whether Firestore takes it: no list in a list, no key that is empty or reserved."""
    if value.WhichOneof("value_type") == "array_value":
        return not in_list and all(acceptable(one, in_list=True) for one in value.array_value.values)
    fields = value.map_value.fields
    keys_fit = all(key and not re.fullmatch("__.*__", key) for key in fields)
    return keys_fit and all(acceptable(one) for one in fields.values())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T12:00:00.500000+02:00", "2026-03-01T10:00:00.500Z"),
        ("soon", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_document_that_says_when_it_expires_does_so_in_a_timestamp_too(given: Any, kept: str) -> None:
    seen: list[types.CommitRequest] = []

    def commit(request: types.CommitRequest) -> types.CommitResponse:
        seen.append(request)
        return types.CommitResponse(commit_time={"seconds": 1})

    with firestore(commit) as documents:
        documents.commit([Put("tokens/a", {"expires_at": given})])
    fields = types.CommitRequest.pb(seen[0]).writes[0].update.fields
    assert decode({"expires_at": fields["expires_at"]}) == {"expires_at": given}
    assert ("~expires" in fields) == bool(kept)
    if kept:
        assert fields["~expires"].timestamp_value.ToJsonString() == kept
