"""What every Secrets adapter promises."""

import pytest

from common.platform.secrets import SecretMissing, Secrets


def test_an_unknown_secret_is_missing(secrets: Secrets) -> None:
    assert secrets.versions("api-key") == []
    with pytest.raises(SecretMissing, match="api-key"):
        secrets.read("api-key")


def test_the_latest_version_is_read_unless_one_is_named(secrets: Secrets) -> None:
    first, second = secrets.add("api-key", "one"), secrets.add("api-key", "zwei ü\n")
    assert secrets.read("api-key") == "zwei ü\n"
    assert secrets.read("api-key", first) == "one"
    assert secrets.versions("api-key") == [second, first]


def test_versions_are_ordered_by_age_beyond_nine(secrets: Secrets) -> None:
    added = [secrets.add("api-key", str(number)) for number in range(11)]
    assert secrets.versions("api-key") == added[::-1]
    assert secrets.read("api-key") == "10"


def test_a_disabled_version_cannot_be_read_and_its_number_does_not_return(secrets: Secrets) -> None:
    first, second = secrets.add("api-key", "old value"), secrets.add("api-key", "new value")
    secrets.disable("api-key", second)
    with pytest.raises(SecretMissing) as caught:
        secrets.read("api-key", second)
    assert "value" not in str(caught.value)
    assert secrets.read("api-key") == "old value"
    assert secrets.versions("api-key") == [first]
    assert secrets.add("api-key", "newest") not in {first, second}
    secrets.disable("api-key", first)


def test_secrets_are_apart(secrets: Secrets) -> None:
    secrets.add("a", "1")
    with pytest.raises(SecretMissing):
        secrets.read("b")
    with pytest.raises(SecretMissing, match="b"):
        secrets.disable("b", "1")


@pytest.mark.parametrize("version", ["2", "0", "", "../a/1", "1.disabled", "newest"])
def test_a_version_that_does_not_exist_is_missing(secrets: Secrets, version: str) -> None:
    secrets.add("a", "1")
    with pytest.raises(SecretMissing):
        secrets.read("a", version)
    with pytest.raises(SecretMissing):
        secrets.disable("a", version)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a b", "é", "x" * 256])
def test_a_name_no_store_takes_is_refused(secrets: Secrets, name: str) -> None:
    with pytest.raises(ValueError, match="secret name"):
        secrets.add(name, "x")
    with pytest.raises(ValueError, match="secret name"):
        secrets.read(name)
