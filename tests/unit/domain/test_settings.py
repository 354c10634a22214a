import dataclasses
from pathlib import Path

import pytest

from common.domain.settings import InvalidSettings, Settings, read


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read({}) == Settings()


def test_values_are_read_by_their_type() -> None:
    settings = read({"AIPROD_HOME": "/tmp/x", "AIPROD_WORKERS": "3", "AIPROD_POLL_SECONDS": "0.1", "PATH": "/bin"})
    assert (settings.home, settings.workers, settings.poll_seconds) == (Path("/tmp/x"), 3, 0.1)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AIPROD_WORKERS": "many"}, "AIPROD_WORKERS is 'many', but must be of type int"),
        ({"AIPROD_WORKERS": "0"}, "use 1 or more"),
        ({"AIPROD_ACCESS_TOKEN_TTL": "59"}, "AIPROD_ACCESS_TOKEN_TTL is 59; use 60 to 3600 seconds"),
        ({"AIPROD_ACCESS_TOKEN_TTL": "3601"}, "use 60 to 3600 seconds"),
        ({"AIPROD_REFRESH_TOKEN_TTL": "899"}, "use AIPROD_ACCESS_TOKEN_TTL to 2592000 seconds"),
        ({"AIPROD_REFRESH_TOKEN_TTL": "2592001"}, "AIPROD_REFRESH_TOKEN_TTL is 2592001"),
        ({"AIPROD_PROFILE": "cloud"}, "use embedded, emulators or gcp"),
        ({"AIPROD_HOMES": "x"}, "AIPROD_HOMES is no setting"),
    ],
)
def test_what_does_not_fit_is_named(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidSettings, match=said):
        read(environ)


def test_settings_survive_the_way_to_another_process() -> None:
    settings = Settings(home=Path("state"), workers=3, poll_seconds=0.1, fail_at="after_work:render")
    there = read(settings.environment())
    assert there == dataclasses.replace(settings, home=Path("state").absolute())


def test_origins_are_read_one_by_one() -> None:
    settings = read({"AIPROD_ALLOWED_ORIGINS": "https://app.test, http://localhost:3000"})
    assert settings.origins == {"https://app.test", "http://localhost:3000"}
    assert read({}).origins == frozenset()


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://app.test/", "app.test", "https://APP.test", "https://*.app.test", "file://x"]
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InvalidSettings, match="AIPROD_ALLOWED_ORIGINS"):
        read({"AIPROD_ALLOWED_ORIGINS": origin})


def test_on_google_cloud_two_proxies_stand_before_us() -> None:
    assert read({"AIPROD_PROFILE": "gcp"}).trusted_proxies == 2
    assert read({"AIPROD_PROFILE": "gcp", "AIPROD_TRUSTED_PROXIES": "1"}).trusted_proxies == 1
    with pytest.raises(InvalidSettings, match="AIPROD_TRUSTED_PROXIES"):
        read({"AIPROD_TRUSTED_PROXIES": "-1"})
