"""Secrets in Secret Manager. Nothing is kept in the process, so a disabled version is unreadable at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import google_crc32c
from google.api_core import exceptions, retry
from google.cloud import secretmanager_v1 as manager

from common.platform.secrets import SecretMissing, SecretsUnavailable

SECONDS = 5.0  # one request
PATIENCE = 15.0  # a request with its repetitions

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VERSION = re.compile(r"[1-9][0-9]{0,17}")
_AGAIN = retry.if_exception_type(
    exceptions.ServiceUnavailable, exceptions.ResourceExhausted, exceptions.Aborted, exceptions.DeadlineExceeded
)


class SecretManagerSecrets:
    """The secrets of one project. Terraform makes them; `add` makes one only where this account may."""

    def __init__(self, client: manager.SecretManagerServiceClient, project: str, *, patience: float = PATIENCE) -> None:
        self._client = client
        self._project = project
        self._retry = retry.Retry(predicate=_AGAIN, initial=0.1, maximum=2.0, timeout=patience)

    def read(self, name: str, version: str = "latest") -> str:
        """The value of a version, `latest` being the newest enabled one; SecretMissing."""
        path = self._path(name)
        if version != "latest":
            return self._access(path, name, version)
        try:
            return self._access(path, name, "latest")
        except _NotEnabled:
            pass  # Secret Manager's alias means the newest version, enabled or not: look for one that is
        for enabled in self.versions(name):
            try:
                return self._access(path, name, enabled)
            except _NotEnabled:
                continue  # disabled a moment ago
        raise SecretMissing(f"the secret {name} has no enabled version: add one, or enable one that it has")

    def add(self, name: str, value: str) -> str:
        """Add an enabled version and return its id; SecretMissing where it has to be made by somebody else first."""
        path = self._path(name)
        data = value.encode()
        payload = manager.SecretPayload(data=data, data_crc32c=google_crc32c.value(data))

        def add() -> manager.SecretVersion:
            # Not repeated by itself: an answer that was lost may have added the version.
            return self._client.add_secret_version(parent=path, payload=payload, retry=None, timeout=SECONDS)

        with _translated(name, "no version can be added"):
            try:
                made = add()
            except exceptions.NotFound:
                self._create(name)
                made = add()
        return str(made.name).rpartition("/")[2]

    def disable(self, name: str, version: str) -> None:
        """Make a version unreadable; SecretMissing when it does not exist."""
        path = f"{self._path(name)}/versions/{self._number(name, version)}"
        with _translated(name, f"there is no version {version}"):
            try:
                self._client.disable_secret_version(name=path, retry=self._retry, timeout=SECONDS)
            except exceptions.FailedPrecondition:
                return  # it was destroyed, which makes it no more readable

    def versions(self, name: str) -> list[str]:
        """Ids of the enabled versions, newest first."""
        request = manager.ListSecretVersionsRequest(parent=self._path(name), filter="state:ENABLED")
        with _translated(name, "its versions cannot be listed"):
            try:
                listed = list(self._client.list_secret_versions(request=request, retry=self._retry, timeout=SECONDS))
            except exceptions.NotFound:
                return []
        # The state is looked at again: a filter is the server's business, what is readable is ours.
        enabled = [row.name.rpartition("/")[2] for row in listed if row.state == manager.SecretVersion.State.ENABLED]
        return sorted(enabled, key=int, reverse=True)

    def _access(self, path: str, name: str, version: str) -> str:
        number = version if version == "latest" else self._number(name, version)
        with _translated(name, f"it has no enabled version {version}"):
            try:
                found = self._client.access_secret_version(
                    name=f"{path}/versions/{number}", retry=self._retry, timeout=SECONDS
                )
            except exceptions.FailedPrecondition as disabled:
                raise _NotEnabled(f"the secret {name} has no enabled version {version}: add one") from disabled
        payload = found.payload
        if payload.data_crc32c != google_crc32c.value(payload.data):
            raise SecretsUnavailable(f"the secret {name} arrived damaged: its checksum is another; try again")
        return bytes(payload.data).decode()

    def _create(self, name: str) -> None:
        replication = manager.Replication(automatic=manager.Replication.Automatic())
        try:
            self._client.create_secret(
                parent=f"projects/{self._project}",
                secret_id=name,
                secret=manager.Secret(replication=replication),
                retry=self._retry,
                timeout=SECONDS,
            )
        except exceptions.AlreadyExists:
            return
        except exceptions.PermissionDenied as denied:
            text = f"there is no secret {name} and this account may not make it: add it to terraform, then run it again"
            raise SecretMissing(text) from denied

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"the secret name {name!r} is not allowed: use letters, digits, - and _")
        return f"projects/{self._project}/secrets/{name}"

    def _number(self, name: str, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise SecretMissing(f"the secret {name} has no enabled version {version}: versions are numbers")
        return version


class _NotEnabled(SecretMissing):
    """The version exists, disabled or destroyed."""


@contextmanager
def _translated(name: str, what: str) -> Iterator[None]:
    """Say in the port's words what Secret Manager refused; its own text may quote a request, so it is not repeated."""
    try:
        yield
    except exceptions.NotFound as missing:
        raise SecretMissing(
            f"the secret {name} is missing or {what}: add it with `gcloud secrets versions add {name}`"
        ) from missing
    except exceptions.PermissionDenied as denied:
        text = f"the secret {name} may not be used by this account: grant it a Secret Manager role for that secret"
        raise SecretMissing(text) from denied
    except (exceptions.GoogleAPICallError, exceptions.RetryError) as away:
        raise SecretsUnavailable(
            f"Secret Manager did not answer about {name} ({type(away).__name__}); try again"
        ) from away
