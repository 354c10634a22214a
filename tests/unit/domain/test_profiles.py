"""What keeps production from emulators and development, and emulators from production."""

import dataclasses
from typing import Any

import pytest

from common.domain import profiles
from common.domain.settings import InvalidSettings, Settings, read

PRODUCTION = Settings(
    profile="gcp",
    project="aiprod-live",
    region="europe-west1",
    bucket="aiprod-live-objects",
    functions_url="https://{function}-1234.europe-west1.run.app",
    invoker="invoker@aiprod-live.iam.gserviceaccount.com",
    public_url="https://aiprod.example",
    redis_url="redis://:wIvZ0r6dQ2m8@10.0.0.3:6379",
)
EMULATED = Settings(profile="emulators", project="demo-aiprod", region="local", bucket="aiprod")
HOSTS = {
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:8001",
    "PUBSUB_EMULATOR_HOST": "localhost:8002",
    "STORAGE_EMULATOR_HOST": "http://[::1]:8003",
}


def test_a_right_production_start_is_accepted() -> None:
    environ = {"PATH": "/bin", "K_SERVICE": "health", "SUNO_API_KEY": "b37cdb6a01d2", "PUBSUB_EMULATOR_HOST": ""}
    profiles.check(PRODUCTION, environ, {"gemini-api-key": "AIzaSy-something-long"})


@pytest.mark.parametrize(
    "name",
    [
        "FIRESTORE_EMULATOR_HOST",
        "PUBSUB_EMULATOR_HOST",
        "STORAGE_EMULATOR_HOST",
        "FIREBASE_AUTH_EMULATOR_HOST",
        "FIREBASE_STORAGE_EMULATOR_HOST",
        "FIREBASE_EMULATOR_HUB",
        "DATASTORE_EMULATOR_HOST",
        "DATASTORE_EMULATOR_HOST_PATH",
        "CLOUD_TASKS_EMULATOR_HOST",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB",
        "API_ENDPOINT_OVERRIDE",
    ],
)
def test_production_refuses_every_variable_that_leads_elsewhere(name: str) -> None:
    with pytest.raises(InvalidSettings, match=rf"{name} is set, .*; unset it"):
        profiles.check(PRODUCTION, {name: "127.0.0.1:8001"})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"project": ""}, "AIPROD_PROJECT is missing; set it"),
        ({"project": "demo-aiprod"}, "AIPROD_PROJECT is 'demo-aiprod', a name for emulators"),
        ({"region": ""}, "AIPROD_REGION is missing"),
        ({"bucket": ""}, "AIPROD_BUCKET is missing"),
        ({"functions_url": ""}, "AIPROD_FUNCTIONS_URL is missing"),
        ({"functions_url": "http://{function}.run.app"}, "AIPROD_FUNCTIONS_URL is no https URL"),
        ({"functions_url": "https://run.app"}, r"AIPROD_FUNCTIONS_URL lacks \{function\}"),
        ({"invoker": ""}, "AIPROD_INVOKER is missing"),
        ({"invoker": "somebody"}, "AIPROD_INVOKER is no e-mail address"),
        ({"public_url": Settings.public_url}, "AIPROD_PUBLIC_URL is no https URL"),
        ({"public_url": "https://127.0.0.1"}, "AIPROD_PUBLIC_URL is no https URL of another machine"),
        ({"gemini_url": "http://gemini.example"}, "AIPROD_GEMINI_URL is no https URL"),
        ({"fail_at": "after_claim"}, "AIPROD_FAIL_AT is set, .*; unset it"),
        ({"webhook_loopback": 1}, "AIPROD_WEBHOOK_LOOPBACK is set, .*; unset it"),
        ({"redis_url": "redis://:changeme@10.0.0.3"}, "AIPROD_REDIS_URL has a default or guessable password"),
    ],
)
def test_production_refuses_wrong_settings(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        profiles.check(dataclasses.replace(PRODUCTION, **changed), {})


def test_every_url_that_keys_or_tokens_are_sent_to_has_to_be_https() -> None:
    urls = [field.name for field in dataclasses.fields(Settings) if field.name.endswith("_url")]
    for name in set(urls) - {"redis_url"}:
        plain = dataclasses.replace(PRODUCTION, **{name: "http://elsewhere.example/{function}"})  # type: ignore[arg-type]
        with pytest.raises(InvalidSettings, match=f"AIPROD_{name.upper()} is no https URL"):
            profiles.check(plain, {})


@pytest.mark.parametrize("value", ["changeme", "secret", " TEST ", "password", "xxxxxxxxxxxx", "your-api-key-here"])
def test_production_refuses_guessable_secrets_wherever_they_are(value: str) -> None:
    with pytest.raises(InvalidSettings, match="RUNWAY_API_KEY holds a default or guessable value; set a real one"):
        profiles.check(PRODUCTION, {"RUNWAY_API_KEY": value})
    with pytest.raises(InvalidSettings, match="The secret gemini-api-key holds a default or guessable value"):
        profiles.check(PRODUCTION, {}, {"gemini-api-key": value})


def test_a_refusal_never_says_the_value() -> None:
    with pytest.raises(InvalidSettings) as refused:
        profiles.check(PRODUCTION, {"SOME_TOKEN": "insecure"}, {"gemini-api-key": "k3y"})
    assert "insecure" not in str(refused.value)
    assert "k3y" not in str(refused.value)


@pytest.mark.parametrize("name", profiles.DEVELOPMENT_SECRETS)
def test_production_refuses_what_development_signs_with(name: str) -> None:
    with pytest.raises(InvalidSettings, match=f"The secret {name} is one that development makes"):
        profiles.check(PRODUCTION, {}, {name: "5b5bb5f2c1c94cbbdb0b6b8b6d1d4a53"})


def test_production_refuses_a_short_key_of_access_tokens() -> None:
    profiles.check(PRODUCTION, {}, {profiles.ACCESS_KEY: "5b5bb5f2c1c94cbbdb0b6b8b6d1d4a53"})
    with pytest.raises(InvalidSettings, match="access-token-key has less than 32 characters; add a version with more"):
        profiles.check(PRODUCTION, {}, {profiles.ACCESS_KEY: "5b5bb5f2c1c94cbbdb0b6b8b6d1d4a5"})


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidSettings) as refused:
        profiles.check(Settings(profile="gcp", fail_at="after_claim"), HOSTS)
    said = str(refused.value)
    assert said.startswith("The profile gcp refuses to start.")
    assert all(name in said for name in [*HOSTS, "AIPROD_FAIL_AT", "AIPROD_PROJECT", "AIPROD_INVOKER"])


def test_emulators_on_this_machine_are_accepted() -> None:
    profiles.check(EMULATED, HOSTS)
    profiles.check(read({"AIPROD_PROFILE": "emulators"}), HOSTS)


@pytest.mark.parametrize("name", profiles.NEEDED)
def test_the_emulators_profile_never_starts_without_its_emulators(name: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is not set; start one with scripts/emulators"):
        profiles.check(EMULATED, {**HOSTS, name: ""})


@pytest.mark.parametrize("name", [*profiles.NEEDED, "FIREBASE_AUTH_EMULATOR_HOST"])
@pytest.mark.parametrize("host", ["firestore.example:443", "10.0.0.1:80", "http://emulator:80", "127.0.0.1.example"])
def test_an_emulator_of_another_machine_is_refused(name: str, host: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{name} is .*, which is not this machine"):
        profiles.check(EMULATED, {**HOSTS, name: host})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"project": "aiprod-live"}, "AIPROD_PROJECT is 'aiprod-live', which may exist"),
        ({"redis_url": "redis://10.0.0.3:6379"}, "AIPROD_REDIS_URL leads to another machine"),
        ({"functions_url": "https://{function}.run.app"}, "AIPROD_FUNCTIONS_URL leads to another machine"),
    ],
)
def test_the_emulators_profile_refuses_what_may_be_production(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        profiles.check(dataclasses.replace(EMULATED, **changed), HOSTS)


def test_the_embedded_profile_has_no_outside_world_to_refuse() -> None:
    profiles.check(Settings(), {**HOSTS, "API_KEY": "changeme"})
