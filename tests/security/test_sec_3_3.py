"""SEC-3.3: no secrets in the code, no insecure constructs, every dependency pinned, each change looked at by bandit."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ("functions/requirements.txt", "requirements-dev.txt")
# What keys look like that somebody else issued. Parts are joined here, so that this file has none.
SECRETS = {
    "a private key": r"-----BEGIN (?:RSA |EC |OPENSSH |DSA )?PRIVATE" + r" KEY-----\n[A-Za-z0-9+/=\n]{200,}",
    "a key of Google's": r"\bAIza" + r"[0-9A-Za-z_-]{35}\b",
    "a token of Google's": r"\bya29\." + r"[0-9A-Za-z_-]{40,}",
    "a service account": r'"private_key_id":\s*"[0-9a-f]' + r'{40}"',
    "a key of AWS": r"\b(?:AKIA|ASIA)" + r"[0-9A-Z]{16}\b",
    "a token of GitHub": r"\bgh[pousr]_" + r"[0-9A-Za-z]{36}\b",
    "a token of Slack": r"\bxox[abprs]-" + r"[0-9A-Za-z-]{20,}",
    "a key of Stripe": r"\b[sr]k_live_" + r"[0-9A-Za-z]{24,}",
    "a key of a model's provider": r"\bsk-(?:proj-|ant-)?" + r"[0-9A-Za-z]{32,}",
}


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return [
            path for folder in ("common", "functions", "scripts", "tests") for path in (ROOT / folder).rglob("*.py")
        ]
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_sec_3_3_no_secret_stands_in_any_file() -> None:
    found = []
    for path in tracked():
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {what}" for what, looks in SECRETS.items() if re.search(looks, text)]
    assert found == []


@pytest.mark.parametrize("what", SECRETS)
def test_sec_3_3_a_secret_would_be_seen(what: str) -> None:
    samples = {
        "a private key": "-----BEGIN PRIVATE" + " KEY-----\n" + "A" * 300,
        "a key of Google's": "AI" + "za" + "b" * 35,
        "a token of Google's": "ya" + "29." + "b" * 60,
        "a service account": '"private_key' + '_id": "' + "a" * 40 + '"',
        "a key of AWS": "AK" + "IA" + "B" * 16,
        "a token of GitHub": "gh" + "p_" + "b" * 36,
        "a token of Slack": "xo" + "xb-" + "b" * 30,
        "a key of Stripe": "sk" + "_live_" + "b" * 30,
        "a key of a model's provider": "sk" + "-" + "b" * 40,
    }
    assert re.search(SECRETS[what], samples[what])


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_sec_3_3_every_dependency_has_one_version(name: str) -> None:
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        wanted = line.partition("#")[0].strip()
        if wanted and not wanted.startswith("-r "):
            assert re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z0-9,_-]+\])?==[0-9][0-9A-Za-z.]*( *;.*)?", wanted), line


def test_sec_3_3_no_code_is_made_of_text() -> None:
    """The worst of it at once, in what is delivered; scripts/check has bandit look for the rest."""
    banned = {"eval", "exec", "pickle.loads", "pickle.load", "marshal.loads", "os.system", "yaml.unsafe_load"}
    for folder in ("common", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    assert ast.unparse(node.func) not in banned, (path, node.lineno)
                    shell = [word for word in node.keywords if word.arg == "shell"]
                    assert not any(ast.unparse(word.value) == "True" for word in shell), (path, node.lineno)


@pytest.mark.slow
def test_sec_3_3_bandit_finds_nothing() -> None:
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", ".bandit.yaml", "--recursive"]
    found = subprocess.run([*command, "common", "functions", "scripts"], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_sec_3_3_the_check_of_every_change_runs_bandit() -> None:
    assert "bandit" in (ROOT / "scripts/check").read_text(encoding="utf-8")
