"""The release is a pipeline whose steps can be read, are in order, and know each other's names."""

import ast
import itertools
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BUILD: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
DECLARED = set(BUILD["substitutions"])
GIVEN = {"BUILD_ID", "COMMIT_SHA", "PROJECT_ID"}  # by Cloud Build itself
IMAGES = {"functions": ROOT / "functions" / "Dockerfile", "render": ROOT / "functions" / "render" / "Dockerfile"}


def before(step: str) -> set[str]:
    """Every step that is over when this one begins."""
    waited = set(STEPS[step]["waitFor"]) - {"-"}
    return waited.union(*(before(other) for other in waited))


def instructions(image: str) -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", "", re.sub(r"(?m)^#.*\n", "", IMAGES[image].read_text()))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def test_the_build_has_only_fields_that_cloud_build_knows():
    assert set(BUILD) == {"substitutions", "options", "timeout", "steps"}
    assert set(BUILD["options"]) <= {"automapSubstitutions", "logging", "machineType", "dynamicSubstitutions"}
    assert BUILD["options"]["automapSubstitutions"] is True
    assert BUILD["options"]["logging"] == "CLOUD_LOGGING_ONLY"  # an account of ours writes no other
    assert all(isinstance(value, str) for value in BUILD["substitutions"].values())
    assert len(STEPS) == len(BUILD["steps"])
    for step in BUILD["steps"]:
        assert set(step) <= {"id", "name", "waitFor", "script", "env", "allowFailure"}
        assert {"id", "name", "waitFor", "script"} <= set(step)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_waits_for_steps_that_stand_before_it(step: str):
    order = list(STEPS)
    for other in STEPS[step]["waitFor"]:
        assert other == "-" or order.index(other) < order.index(step)


def test_a_release_goes_through_every_gate_in_order():
    chain = [
        "push",
        "fetch",
        "plan",
        "guard",
        "share",
        "canary",
        "watch",
        "apply",
        "sign-in",
        "smoke",
        "keep",
        "finish",
    ]
    for earlier, later in itertools.pairwise(chain):
        assert earlier in before(later)
    assert {"test", "configuration", "build", "scan"} <= before("push")
    assert "policy" in before("share")
    assert before("finish") == set(STEPS) - {"finish"}


def test_whatever_fails_after_the_first_change_comes_to_the_rollback():
    changing = list(STEPS)[list(STEPS).index("share") : list(STEPS).index("finish")]
    assert {step for step in STEPS if STEPS[step].get("allowFailure")} == set(changing)
    # Each of them goes on only where the one before said that it was done; the last one looks for the last word.
    for earlier, later in itertools.pairwise(changing):
        said = "release/token" if earlier == "sign-in" else f"release/{earlier}.done"
        assert re.search(rf"(touch|>) .*{re.escape(said)}", STEPS[earlier]["script"])
        assert (
            f"test -e {'/workspace/' if STEPS[later]['name'].startswith('hashicorp') else ''}{said}"
            in STEPS[later]["script"]
        )
    finish = STEPS["finish"]["script"]
    assert finish.index("release/keep.done") < finish.index("terraform apply")
    assert finish.rstrip().endswith("exit 1")


def test_steps_that_a_secret_comes_through_leave_none():
    kept = STEPS["keep"]["script"]
    for file in re.findall(r"release/(?:token|custom|ask\.json|signed-in\.json)", STEPS["sign-in"]["script"]):
        assert file in kept
    assert kept.index("rm -f") < kept.index("test -e")


@pytest.mark.parametrize("step", STEPS)
def test_scripts_can_be_read_and_know_their_variables(step: str):
    script, name = STEPS[step]["script"], STEPS[step]["name"]
    shell = script.splitlines()[0].removeprefix("#!").split()[-1].rpartition("/")[2]
    # Terraform's image is Alpine: it has no bash.
    assert shell == {"hashicorp": "sh"}.get(name.partition("/")[0], shell)
    for variable in re.findall(r"\$\{?(_[A-Z_]+|[A-Z][A-Z_]+)", script) + re.findall(r'environ\["(\w+)"\]', script):
        assert variable in DECLARED | GIVEN
    for value in STEPS[step].get("env", []):
        assert set(re.findall(r"\$(\w+)", value)) <= DECLARED
    if shell == "python3":
        ast.parse(script)
        return
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "set -eu" in script
    for inner in re.findall(r"<<'PYTHON'\n(.*?)\nPYTHON\n", script, re.DOTALL):
        ast.parse(inner)


def test_what_is_called_is_there():
    scripts = "".join(step["script"] for step in BUILD["steps"])
    for path in set(re.findall(r"(?<![\w/.])scripts/\w+", scripts)):
        assert (ROOT / path).is_file()
    for path in re.findall(r"--file (functions/\S+)", scripts):
        assert (ROOT / path) in IMAGES.values()
    assert (ROOT / ".checkov.yaml").is_file()
    for environment in ("dev", "staging", "production"):
        folder = ROOT / "terraform" / "environments" / environment
        text = "".join(path.read_text() for path in folder.glob("*.tf"))
        for variable in ("image", "render_image", "region_weights"):
            assert f'variable "{variable}"' in text
        assert 'output "url"' in text
        assert 'module "system"' in text


def test_a_trigger_gives_values_that_the_build_takes():
    text = (ROOT / "terraform" / "modules" / "delivery" / "main.tf").read_text()
    given = set(re.findall(r"^ +(_[A-Z_]+) +=", text, re.MULTILINE))
    assert given <= DECLARED
    needed = {name for name, value in BUILD["substitutions"].items() if value == "" and "CANARY" not in name}
    assert needed <= given


def test_both_images_are_made_of_one_and_run_as_nobody_else():
    functions, render = instructions("functions"), instructions("render")
    bases = [base for word, base in functions if word == "FROM"]
    assert {base.split()[0] for base in bases} == {"python:3.11-slim-bookworm"}
    assert [base for word, base in render if word == "FROM"] == ["${FUNCTIONS}"]
    assert [user for word, user in functions + render if word == "USER"] == ["10001"]
    copied = [what for word, what in functions + render if word == "COPY" and not what.startswith("--from")]
    assert copied == ["functions/requirements.txt /tmp/requirements.txt", "common common", "functions functions"]
    assert not {word for word, _ in functions + render} & {"ADD", "MAINTAINER"}
    assert "apt-get" not in "".join(what for _, what in functions + render)


def test_images_start_what_the_code_offers():
    [command] = [what for word, what in instructions("functions") if word == "CMD"]
    assert ast.literal_eval(command) == ["functions-framework", "--source", "functions/main.py"]
    [entry] = [what for word, what in instructions("render") if word == "ENTRYPOINT"]
    assert ast.literal_eval(entry) == ["python", "-m", "functions.render.job"]
    assert (ROOT / "functions" / "main.py").is_file()
    assert (ROOT / "functions" / "render" / "job.py").is_file()


@pytest.mark.parametrize("image", IMAGES)
def test_the_programs_inside_the_images_can_be_read(image: str):
    inner = [program for _, what in instructions(image) for program in re.findall(r'-c "(.*?)"', what)]
    assert inner
    for program in inner:
        ast.parse(program)


def test_an_image_gets_the_code_and_nothing_else():
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert [rule for rule in rules if rule.startswith("!")] == ["!common", "!functions"]
    sent = (ROOT / ".gcloudignore").read_text().splitlines()
    for ignored in ((ROOT / ".gitignore").read_text()).splitlines():
        assert ignored in sent
    assert {".git", "*.tfvars", "*.tfstate*"} <= set(sent)
