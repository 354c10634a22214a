import traceback
from collections.abc import Iterator

import grpc
import pytest
from google.cloud import secretmanager_v1 as manager

from common.platform.google.secrets import SecretManagerSecrets
from common.platform.secrets import SecretMissing, SecretsUnavailable
from tests.protocol.secret_manager import SecretManager, secret_manager

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def service() -> Iterator[tuple[SecretManager, manager.SecretManagerServiceClient]]:
    with secret_manager() as found:
        yield found


@pytest.fixture
def served(service: tuple[SecretManager, manager.SecretManagerServiceClient]) -> SecretManager:
    return service[0]


@pytest.fixture
def secrets(service: tuple[SecretManager, manager.SecretManagerServiceClient]) -> SecretManagerSecrets:
    return SecretManagerSecrets(service[1], "a-project", patience=1)


def test_an_enabled_newest_version_is_read_with_one_call(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    secrets.add("api-key", "one")
    served.calls.clear()
    assert secrets.read("api-key") == "one"
    assert served.calls == ["AccessSecretVersion"]


def test_a_destroyed_newest_version_is_passed_over(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    first, second = secrets.add("api-key", "one"), secrets.add("api-key", "two")
    name = f"projects/a-project/secrets/api-key/versions/{second}"
    served._destroy(manager.DestroySecretVersionRequest(name=name))
    assert secrets.read("api-key") == "one"
    assert secrets.versions("api-key") == [first]
    secrets.disable("api-key", second)
    secrets.disable("api-key", first)
    with pytest.raises(SecretMissing, match="add one, or enable one"):
        secrets.read("api-key")


def test_a_short_absence_is_waited_out(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    secrets.add("api-key", "one")
    served.refuse["AccessSecretVersion"] = [UNAVAILABLE, UNAVAILABLE]
    assert secrets.read("api-key") == "one"


def test_a_long_absence_is_no_missing_secret(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    secrets.add("api-key", "one")
    served.refuse["AccessSecretVersion"] = [UNAVAILABLE] * 1000
    with pytest.raises(SecretsUnavailable, match="api-key"):
        secrets.read("api-key")
    served.refuse["ListSecretVersions"] = [grpc.StatusCode.INTERNAL]
    with pytest.raises(SecretsUnavailable, match="api-key"):
        secrets.versions("api-key")


def test_an_add_without_an_answer_is_not_repeated(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    secrets.add("api-key", "one")
    served.refuse["AddSecretVersion"] = [UNAVAILABLE]
    value = "the-" + "value"  # so that the source shown by a traceback does not hold it
    with pytest.raises(SecretsUnavailable) as caught:
        secrets.add("api-key", value)
    assert value not in "".join(traceback.format_exception(caught.value))
    assert secrets.versions("api-key") == ["1"]


def test_a_damaged_value_is_not_taken(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    secrets.add("api-key", "the-value")
    served.damage = True
    with pytest.raises(SecretsUnavailable, match="damaged") as caught:
        secrets.read("api-key")
    assert "the-value" not in "".join(traceback.format_exception(caught.value))


def test_a_secret_this_account_may_not_make_is_asked_for(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    served.may_create = False
    with pytest.raises(SecretMissing, match=r"no secret api-key.*terraform"):
        secrets.add("api-key", "one")


def test_what_is_not_granted_is_said(secrets: SecretManagerSecrets, served: SecretManager) -> None:
    first = secrets.add("api-key", "one")
    served.refuse["AccessSecretVersion"] = [grpc.StatusCode.PERMISSION_DENIED]
    with pytest.raises(SecretMissing, match=r"api-key.*grant"):
        secrets.read("api-key")
    secrets.disable("api-key", first)
    served.may_list = False
    with pytest.raises(SecretMissing, match=r"api-key.*grant"):
        secrets.read("api-key")
