"""A Secret Manager of one process, as published: numbered versions, states, an alias for the newest, pages."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import google_crc32c
import grpc
from google.cloud import secretmanager_v1 as manager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)

from tests.protocol.grpc_service import Methods, Refused, serving

SERVICE = "google.cloud.secretmanager.v1.SecretManagerService"
PAGE = 4  # small, so that clients have to page

_State = manager.SecretVersion.State


@dataclass
class SecretManager:
    """Secrets by resource name, each with the states and values of its versions, oldest first.

    `refuse` answers the next calls of a method with a status; `damage` sends wrong checksums; `may_create` is the
    permission to make secrets, and `may_list` to list versions.
    """

    secrets: dict[str, list[tuple[_State, bytes]]] = field(default_factory=dict)
    refuse: dict[str, list[grpc.StatusCode]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    damage: bool = False
    may_create: bool = True
    may_list: bool = True
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def methods(self) -> Methods:
        return {
            "CreateSecret": (manager.CreateSecretRequest, self._create),
            "AddSecretVersion": (manager.AddSecretVersionRequest, self._add),
            "AccessSecretVersion": (manager.AccessSecretVersionRequest, self._access),
            "DisableSecretVersion": (manager.DisableSecretVersionRequest, self._disable),
            "DestroySecretVersion": (manager.DestroySecretVersionRequest, self._destroy),
            "ListSecretVersions": (manager.ListSecretVersionsRequest, self._list),
        }

    def _create(self, request: manager.CreateSecretRequest) -> manager.Secret:
        with self._called("CreateSecret"):
            name = f"{request.parent}/secrets/{request.secret_id}"
            if not self.may_create:
                raise Refused(grpc.StatusCode.PERMISSION_DENIED, "Permission 'secretmanager.secrets.create' denied")
            if name in self.secrets:
                raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"Secret [{name}] already exists.")
            self.secrets[name] = []
            return manager.Secret(name=name, replication=request.secret.replication)

    def _add(self, request: manager.AddSecretVersionRequest) -> manager.SecretVersion:
        with self._called("AddSecretVersion"):
            versions = self._versions(request.parent)
            if request.payload.data_crc32c != google_crc32c.value(request.payload.data):
                raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "The checksum does not match the payload.")
            versions.append((_State.ENABLED, request.payload.data))
            return self._row(request.parent, len(versions))

    def _access(self, request: manager.AccessSecretVersionRequest) -> manager.AccessSecretVersionResponse:
        with self._called("AccessSecretVersion"):
            parent, number = self._find(request.name)
            state, data = self.secrets[parent][number - 1]
            if state != _State.ENABLED:
                raise Refused(
                    grpc.StatusCode.FAILED_PRECONDITION,
                    f"Secret Version [{parent}/versions/{number}] is in {state.name} state.",
                )
            checksum = google_crc32c.value(data) ^ self.damage
            payload = manager.SecretPayload(data=data, data_crc32c=checksum)
            return manager.AccessSecretVersionResponse(name=f"{parent}/versions/{number}", payload=payload)

    def _disable(self, request: manager.DisableSecretVersionRequest) -> manager.SecretVersion:
        with self._called("DisableSecretVersion"):
            parent, number = self._find(request.name)
            state, data = self.secrets[parent][number - 1]
            if state == _State.DESTROYED:
                raise Refused(grpc.StatusCode.FAILED_PRECONDITION, "The version is destroyed.")
            self.secrets[parent][number - 1] = (_State.DISABLED, data)
            return self._row(parent, number)

    def _destroy(self, request: manager.DestroySecretVersionRequest) -> manager.SecretVersion:
        with self._called("DestroySecretVersion"):
            parent, number = self._find(request.name)
            self.secrets[parent][number - 1] = (_State.DESTROYED, b"")
            return self._row(parent, number)

    def _list(self, request: manager.ListSecretVersionsRequest) -> manager.ListSecretVersionsResponse:
        with self._called("ListSecretVersions"):
            if not self.may_list:
                raise Refused(grpc.StatusCode.PERMISSION_DENIED, "Permission 'secretmanager.versions.list' denied")
            wanted = request.filter.removeprefix("state:")
            versions = self._versions(request.parent)
            rows = [self._row(request.parent, number) for number in range(len(versions), 0, -1)]
            rows = [row for row in rows if wanted in ("", row.state.name)]
            start = int(request.page_token or 0)
            more = str(start + PAGE) if start + PAGE < len(rows) else ""
            return manager.ListSecretVersionsResponse(versions=rows[start : start + PAGE], next_page_token=more)

    @contextmanager
    def _called(self, method: str) -> Iterator[None]:
        with self._lock:
            self.calls.append(method)
            if refusals := self.refuse.get(method):
                raise Refused(refusals.pop(0), "told to refuse")
            yield

    def _versions(self, parent: str) -> list[tuple[_State, bytes]]:
        if parent not in self.secrets:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Secret [{parent}] not found.")
        return self.secrets[parent]

    def _find(self, name: str) -> tuple[str, int]:
        parent, _, version = name.partition("/versions/")
        versions = self._versions(parent)
        number = len(versions) if version == "latest" else int(version)
        if not 1 <= number <= len(versions):
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Secret Version [{name}] not found.")
        return parent, number

    def _row(self, parent: str, number: int) -> manager.SecretVersion:
        return manager.SecretVersion(name=f"{parent}/versions/{number}", state=self.secrets[parent][number - 1][0])


@contextmanager
def secret_manager() -> Iterator[tuple[SecretManager, manager.SecretManagerServiceClient]]:
    """A server and Google's own client of it."""
    served = SecretManager()
    with serving({SERVICE: served.methods()}) as channel:
        transport = SecretManagerServiceGrpcTransport(channel=channel)
        yield served, manager.SecretManagerServiceClient(transport=transport)
