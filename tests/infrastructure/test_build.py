"""The release is a pipeline whose steps can be read, are in order, and know each other's names."""

import ast
import itertools
import os
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
LOCKED = ["fetch", "plan", "policy", "share", "canary", "watch", "apply", "sign-in", "smoke", "keep"]
GIVEN = {"BUILD_ID", "COMMIT_SHA", "PROJECT_ID", "PATH", "PWD"}  # by Cloud Build itself, or the shell
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
    assert set(BUILD["options"]) <= {
        "automapSubstitutions",
        "substitutionOption",
        "logging",
        "machineType",
        "dynamicSubstitutions",
    }
    assert BUILD["options"]["automapSubstitutions"] is True
    # Substitutions that scripts alone use would be refused otherwise when a build is started by hand.
    assert BUILD["options"]["substitutionOption"] == "ALLOW_LOOSE"
    assert BUILD["options"]["logging"] == "CLOUD_LOGGING_ONLY"  # an account of ours writes no other
    assert all(isinstance(value, str) for value in BUILD["substitutions"].values())
    assert len(STEPS) == len(BUILD["steps"])
    for step in BUILD["steps"]:
        assert set(step) <= {"id", "name", "waitFor", "timeout", "script", "env", "allowFailure"}
        assert {"id", "name", "waitFor", "timeout", "script"} <= set(step)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_waits_for_steps_that_stand_before_it(step: str):
    order = list(STEPS)
    for other in STEPS[step]["waitFor"]:
        assert other == "-" or order.index(other) < order.index(step)


def test_a_release_goes_through_every_gate_in_order():
    chain = ["push", *LOCKED, "finish"]
    for earlier, later in itertools.pairwise(chain):
        assert earlier in before(later)
    assert {"test", "configuration", "build", "scan"} <= before("push")
    assert before("finish") == set(STEPS) - {"finish"}


def test_whatever_fails_while_the_lock_is_held_comes_to_the_last_step():
    assert {step for step in STEPS if STEPS[step].get("allowFailure")} == set(LOCKED)
    # Each of them goes on only where the one before said that it was done; the last one looks for the last word.
    for step in LOCKED:
        assert STEPS[step]["script"].rstrip().endswith(f"touch release/{step}.done") or step == "smoke"
    for earlier, later in itertools.pairwise(LOCKED):
        assert f"test -e release/{earlier}.done\n" in STEPS[later]["script"]
    finish = STEPS["finish"]["script"]
    assert finish.index("release/keep.done") < finish.index("scripts/release apply") < finish.index("storage rm")


def test_the_limits_of_steps_leave_time_to_roll_back():
    def ends(step: str) -> int:
        """The latest second at which a step is over."""
        waited = [ends(other) for other in STEPS[step]["waitFor"] if other != "-"]
        return max(waited, default=0) + int(STEPS[step]["timeout"].removesuffix("s"))

    assert ends("finish") <= int(BUILD["timeout"].removesuffix("s"))
    assert int(STEPS["finish"]["timeout"].removesuffix("s")) >= 1800
    for name, step in STEPS.items():
        if "scripts/release" in step["script"]:  # Terraform is told to stop before it is killed with its lock held
            [limit] = re.findall(r"LIMIT=(\d+)", step["script"])
            assert int(limit) + 60 <= int(step["timeout"].removesuffix("s")), name


def test_terraform_changes_something_by_one_guarded_script_alone():
    for name, step in STEPS.items():
        assert not re.search(r"terraform\b.* (apply|destroy|import|state)\b", step["script"]), name
    script = (ROOT / "scripts" / "release").read_text()
    assert script.count("bounded apply ") == 1
    assert script.index("scripts/delivery/guard.py") < script.index("bounded apply ")
    # What is applied is the plan that was looked at.
    assert re.search(r'bounded apply .* "\$plan"\n', script)


def test_the_smoke_tests_token_is_gone_before_anything_is_kept():
    kept = STEPS["keep"]["script"]
    assert "> release/token" in STEPS["sign-in"]["script"]
    assert kept.index("rm -f release/token\n") < kept.index("test -e")


@pytest.mark.parametrize("step", STEPS)
def test_images_of_steps_have_whole_versions(step: str):
    assert re.search(r":\d+\.\d+\.\d+(-[a-z]+)?$", STEPS[step]["name"])


@pytest.mark.parametrize("step", STEPS)
def test_scripts_can_be_read_and_know_their_variables(step: str):
    script, name = STEPS[step]["script"], STEPS[step]["name"]
    shell = script.splitlines()[0].removeprefix("#!").split()[-1].rpartition("/")[2]
    # Alpine has no bash.
    assert shell == ("sh" if name.startswith(("hashicorp/", "docker:")) else "bash")
    for variable in re.findall(r"\$\{?(_[A-Z_]+|[A-Z][A-Z_]+)", script):
        assert variable in DECLARED | GIVEN
    for value in STEPS[step].get("env", []):
        assert set(re.findall(r"\$(\w+)", value)) <= DECLARED
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "set -eu" in script


def test_what_is_called_is_there():
    scripts = "".join(step["script"] for step in BUILD["steps"])
    for path in set(re.findall(r"(?<![\w/.])scripts/[\w/]+(?:\.py)?", scripts)):
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
    needed = {name for name, value in BUILD["substitutions"].items() if value == "" and "CANARY" not in name} - {
        "_DELETES"
    }
    assert needed <= given


def test_both_images_are_made_of_one_and_run_as_nobody_else():
    functions, render = instructions("functions"), instructions("render")
    bases = [base for word, base in functions if word == "FROM"]
    assert {base.split()[0] for base in bases} == {"${BASE}"}
    [base] = [what for word, what in functions if word == "ARG"]
    assert re.fullmatch(r"BASE=python:3\.11\.\d+-slim-bookworm", base)
    # The build gives it by digest, which is kept with the release.
    assert "sed -n 's/^ARG BASE=//p' functions/Dockerfile" in STEPS["build"]["script"]
    assert '--build-arg BASE="$(cat release/base)"' in STEPS["build"]["script"]
    assert [base for word, base in render if word == "FROM"] == ["${FUNCTIONS}"]
    assert [user for word, user in functions + render if word == "USER"] == ["10001"]
    copied = [what for word, what in functions + render if word == "COPY" and not what.startswith("--from")]
    assert copied == ["functions/requirements.lock /tmp/requirements.lock", "common common", "functions functions"]
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
    assert {".git", ".terraform/", "*.tfvars", "*.tfstate*", "*.tfplan*"} <= set(sent)


@pytest.mark.parametrize(
    "path",
    [
        "terraform/environments/dev/terraform.tfvars",
        "terraform/environments/dev/.terraform/modules/modules.json",
        "terraform/environments/dev/terraform.tfstate.backup",
        "terraform/environments/dev/release.tfplan.json",
        "images.tfvars",
    ],
)
def test_values_state_and_plans_of_an_environment_are_not_committed(path: str, tmp_path: Path):
    # A repository of its own: the source of a build comes without one.
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    ignored = ["git", "-c", f"core.excludesFile={os.devnull}", "check-ignore", "--no-index", "--quiet", path]
    assert subprocess.run(ignored, cwd=tmp_path, check=False).returncode == 0
