"""What each profile builds, what it imports for that, and where it refuses to start."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from common import runtime
from common.domain.settings import InvalidSettings, Settings, read
from common.platform.clock import SystemClock
from common.platform.embedded.identity import DevelopmentIdentity
from common.platform.embedded.jobs import SubprocessJobs
from common.platform.embedded.secrets import FolderSecrets
from common.platform.identity import InvalidToken
from functions.catalogue import CATALOGUE

ROOT = Path(runtime.__file__).parents[2]
PRODUCTION = {
    "AIPROD_PROFILE": "gcp",
    "AIPROD_PROJECT": "aiprod-live",
    "AIPROD_REGION": "europe-west1",
    "AIPROD_BUCKET": "aiprod-live-objects",
    "AIPROD_FUNCTIONS_URL": "https://{function}-1234.europe-west1.run.app",
    "AIPROD_INVOKER": "invoker@aiprod-live.iam.gserviceaccount.com",
    "AIPROD_PUBLIC_URL": "https://aiprod.example",
}


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a production process, with the key of a service account that no Google knows."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    account = {
        "type": "service_account",
        "project_id": "aiprod-live",
        "private_key": key.decode(),
        "client_email": "function@aiprod-live.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    credentials = tmp_path / "credentials.json"
    credentials.write_text(json.dumps(account))
    environ = {
        **PRODUCTION,
        "AIPROD_HOME": str(tmp_path / "state"),
        "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
    }
    for name in [name for name in os.environ if "EMULATOR" in name or name.startswith("AIPROD_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def test_jobs_get_the_settings_of_the_process_that_starts_them(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "state", workers=3)
    context = runtime.build(CATALOGUE, settings)
    assert isinstance(context.jobs, SubprocessJobs)
    environment = {name: value for name, value in context.jobs._environment.items() if name.startswith("AIPROD_")}
    assert read(environment) == settings
    context.documents.close()  # type: ignore[attr-defined]


def test_the_embedded_profile_imports_nothing_of_googles(tmp_path: Path) -> None:
    code = (
        "import sys; from common import runtime; from common.domain.settings import Settings; "
        "from functions.catalogue import CATALOGUE; from pathlib import Path; "
        f"runtime.build(CATALOGUE, Settings(home=Path({str(tmp_path)!r})), lambda *_: 204); "
        "import functions.main as main; main.analyze; main.sweep; main.run_pipeline; "
        "print(*[n for n, m in sys.modules.items() if getattr(m, '__file__', None)"  # not mere name spaces
        " and n.startswith(('google.', 'grpc', 'firebase_admin', 'redis', 'common.platform.google'))])"
    )
    assert _python(code, {}).stdout.split() == []


def test_a_production_function_starts_without_the_clients_that_it_has_not_used(production: dict[str, str]) -> None:
    code = (
        "import sys; from common import runtime; from functions.catalogue import CATALOGUE; runtime.build(CATALOGUE); "
        "print(*[n for n in sys.modules if n.startswith(('google.cloud.', 'google.pubsub')) or n in ('firebase_admin',"
        " 'redis', 'grpc')])"
    )
    assert _python(code, production).stdout.split() == []


def test_production_ports_are_googles(production: dict[str, str]) -> None:
    context = runtime.build(CATALOGUE)
    calls = {
        "documents": "get",
        "messages": "publish",
        "tasks": "enqueue",
        "objects": "stat",
        "secrets": "read",
        "jobs": "state",
        "identity": "verify",
        "callers": "verify",
        "cache": "get",
    }
    found = {port: type(getattr(getattr(context, port), call).__self__).__name__ for port, call in calls.items()}
    assert found == {
        "documents": "FirestoreDocuments",
        "messages": "PubSubMessages",
        "tasks": "CloudTasks",
        "objects": "StorageObjects",
        "secrets": "SecretManagerSecrets",
        "jobs": "CloudRunJobs",
        "identity": "FirebaseIdentity",
        "callers": "GoogleCallers",
        "cache": "MemoryCache",
    }
    context.documents.close()  # type: ignore[attr-defined]
    context.identity.close()  # type: ignore[attr-defined]


def test_production_accepts_no_development_token(production: dict[str, str], tmp_path: Path) -> None:
    keys = FolderSecrets(tmp_path / "development")
    token = DevelopmentIdentity(keys, SystemClock()).issue("ann", "admin", timedelta(hours=1))
    context = runtime.build(CATALOGUE)
    with pytest.raises(InvalidToken):
        context.identity.verify(token)
    context.identity.close()  # type: ignore[attr-defined]
    with pytest.raises(InvalidSettings, match="accepts no development tokens"):
        runtime.development_identity(context.settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRESTORE_EMULATOR_HOST", "127.0.0.1:8080"),
        ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099"),
        ("AIPROD_FAIL_AT", "after_claim"),
        ("AIPROD_GEMINI_URL", "http://127.0.0.1:1"),
        ("RUNWAY_API_KEY", "changeme"),
    ],
)
def test_a_production_process_ends_at_its_start_and_says_why(production: dict[str, str], name: str, value: str) -> None:
    words = ["-m", "functions_framework", "--target", "health", "--source", "functions/main.py", "--port", "0"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**_environ(production), name: value},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert f"{name} " in done.stderr
    assert "refuses to start" in done.stderr


def test_a_production_process_refuses_the_state_of_a_development_machine(production: dict[str, str]) -> None:
    FolderSecrets(Path(production["AIPROD_HOME"]) / "secrets").add("development-tokens", "0123456789abcdef")
    with pytest.raises(InvalidSettings, match="The secret development-tokens is one that development makes"):
        runtime.build(CATALOGUE)


def test_a_production_function_that_asks_who_calls_needs_the_key_of_access_tokens(
    production: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = FolderSecrets(tmp_path / "kept")
    monkeypatch.setattr("common.platform.google.clients.secrets", lambda _settings: kept)
    monkeypatch.setenv("FUNCTION_TARGET", "get_pipeline")
    with pytest.raises(InvalidSettings, match="could prove who calls, for the secret access-token-key has no enabled"):
        runtime.build(CATALOGUE)
    monkeypatch.setenv("FUNCTION_TARGET", "presets")
    runtime.build(CATALOGUE)
    kept.add("access-token-key", "0123456789abcdef0123456789abcde")
    monkeypatch.setenv("FUNCTION_TARGET", "get_pipeline")
    with pytest.raises(InvalidSettings, match="access-token-key has less than 32 characters"):
        runtime.build(CATALOGUE)
    kept.add("access-token-key", "0123456789abcdef0123456789abcdef")
    assert runtime.build(CATALOGUE).access_keys.newest() == ("2", "0123456789abcdef0123456789abcdef")


def test_processes_of_one_machine_make_one_key_of_access_tokens(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from common import runtime; from common.domain.settings import Settings; "
        f"print(runtime.secrets(Settings(home=Path({str(tmp_path)!r}))).read('access-token-key'))"
    )
    words = [sys.executable, "-c", code]
    started = [subprocess.Popen(words, env=_environ({}), stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(keys) == 1
    assert len(keys.pop()) >= 48
    assert runtime.secrets(Settings(home=tmp_path)).versions("access-token-key") == ["1"]


def test_nobody_hosts_production_on_a_machine_of_his_own(production: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="runs on Google Cloud"):
        runtime.build(CATALOGUE, deliver=lambda *_: 204)


def test_the_emulators_profile_does_not_start_without_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    settings = read({"AIPROD_PROFILE": "emulators", "AIPROD_HOME": str(tmp_path)})
    for start in (lambda: runtime.build(CATALOGUE, settings), lambda: runtime.documents(settings)):
        with pytest.raises(InvalidSettings, match="FIRESTORE_EMULATOR_HOST is not set"):
            start()


def _environ(more: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def _python(code: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env=_environ(environ), capture_output=True, text=True, check=True, timeout=60
    )
