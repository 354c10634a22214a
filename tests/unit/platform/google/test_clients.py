"""Where no credentials are found it is said so, in words that a caller knows what to do with."""

from typing import Any

import google.auth
import pytest
from google.auth.exceptions import DefaultCredentialsError

from common.domain.settings import Settings
from common.platform.documents import Unavailable
from common.platform.google import clients

SETTINGS = Settings(
    profile="gcp", project="p", region="r", bucket="b", functions_url="https://{function}.example", invoker="a@b"
)


@pytest.mark.parametrize(
    "name", ["documents", "messages", "subscriber", "objects", "tasks", "jobs", "secrets", "schedules", "identity"]
)
def test_without_credentials_google_cloud_is_unavailable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise DefaultCredentialsError("they were not found")

    monkeypatch.setattr(google.auth, "default", nobody)
    more = ({},) if name == "jobs" else ()
    with pytest.raises(Unavailable, match="gcloud auth application-default login"):
        getattr(clients, name)(SETTINGS, *more)
