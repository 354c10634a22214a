"""What terraform/README.md tells to type can be typed: ten commands at most, in order, about what there is."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from functions.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
README = (ROOT / "terraform" / "README.md").read_text()
SECTION = README.partition("## First deployment\n")[2].partition("\n## ")[0]
FIRST = SECTION.partition("```sh\n")[2].partition("```")[0]
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
VARIABLES = {
    name
    for path in (ROOT / "terraform" / "environments" / "dev").glob("variables.tf")
    for name in re.findall(r'^variable "(\w+)"', path.read_text(), re.MULTILINE)
}


def commands(block: str) -> list[str]:
    """The commands of a block, as a shell divides it."""
    whole = re.sub(r"\\\n\s*", "", block)
    whole = re.sub(r"<<EOF(.*?\nEOF)", lambda found: "<<EOF" + found[1].replace("\n", " "), whole, flags=re.DOTALL)
    return [line for line in whole.splitlines() if line.strip()]


def test_a_first_deployment_takes_ten_numbered_commands_at_most():
    values, *numbered = commands(FIRST)
    assert values.startswith("export ")
    assert len(numbered) <= 10
    for number, command in enumerate(numbered, 1):
        assert re.search(rf"# {number}\b", command), command
        before = re.sub(r"\$\([^()]*\)", "", command.partition(" #")[0])
        assert not re.search(r"&&|;|\bdo\b|\|\|", before), f"{number} is more than one command"


def test_every_value_is_filled_in_before_it_is_used():
    values, *numbered = commands(FIRST)
    given = set(re.findall(r"\b([A-Z])=", values))
    assert set(re.findall(r"\$\{?([A-Z]+)\b", "".join(numbered))) <= given


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_to_be_typed_can_be_read_by_a_shell(block: str):
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    for script in re.findall(r"(?<![\w/.])scripts/\w+", block):
        assert (ROOT / script).is_file()


def test_values_of_an_environment_are_those_that_it_has():
    [told] = re.findall(r"<<EOF.*?\n(.*?)\nEOF", FIRST, re.DOTALL)
    named = set(re.findall(r"^(\w+) *=", told, re.MULTILINE))
    assert {"project_id", "project_number", "domain", "alert_emails", "billing_account", "firebase_key"} == named
    assert named <= VARIABLES


def test_the_build_reads_its_source_where_the_builder_may_and_gets_all_it_needs():
    [submit] = [command for command in commands(FIRST) if "builds submit" in command]
    assert '--gcs-source-staging-dir "gs://$P-terraform/source"' in submit
    build = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
    given = set(re.findall(r"\b(_?[A-Z_]{6,})=", submit))
    assert given - {"COMMIT_SHA"} <= set(build["substitutions"])
    assert {"_ENVIRONMENT", "_REGISTRY", "_STATE_BUCKET", "_DEPLOYER", "_FIREBASE_KEY", "COMMIT_SHA"} == given
    assert "--gcs-source-staging-dir gs://STATE_BUCKET/source" in (ROOT / "cloudbuild.yaml").read_text()


def test_the_first_admin_gets_the_claim_that_the_service_reads():
    [update] = [command for command in commands(FIRST) if "accounts:update" in command]
    body = re.search(r'--data ("(?:[^"\\]|\\.)*")', update)[1]  # type: ignore[index]
    sent = subprocess.run(["bash", "-c", f"U=u1; printf %s {body}"], capture_output=True, text=True, check=True).stdout
    told = json.loads(sent)
    assert told["localId"] == "u1"
    assert json.loads(told["customAttributes"]) == {"role": "admin"}


def test_quotas_are_named_as_the_catalogue_needs_them():
    endpoints = sum(1 for entry in CATALOGUE.values() if entry.http)
    accounts = (ROOT / "terraform/modules/identity/accounts.tf").read_text()
    others = len(re.findall(r'^    [\w-]+ +="?', accounts.partition("for_each = {")[2].partition("}")[0], re.MULTILINE))
    words = " ".join(SECTION.split())
    assert f"{endpoints} backend services and {endpoints} network endpoint groups" in words
    assert f"{len(CATALOGUE) + others} of 100 service accounts" in words


def test_a_cache_is_cleared_by_paths_that_are_taken():
    paths = re.findall(r"invalidate-cdn-cache .*--path '([^']*)'", README)
    assert paths
    assert all("*" not in path or path.endswith("/*") for path in paths)


def test_nothing_is_typed_that_goes_past_the_guard():
    for block in BLOCKS:
        assert not re.search(r"(?m)^\s*terraform\b.* (apply|destroy)\b", block)


def test_a_runbook_of_a_lost_region_moves_all_that_works_at_home():
    [runbook] = [block for block in BLOCKS if "home = " in block]
    assert "releases/production.tgz" in runbook
    assert "STATE_BUCKET=" in runbook
    for target in ('module.functions["us-west1"]', 'module.render["us-west1"]', "module.messaging"):
        assert target in runbook
    # The line that it changes is there.
    change, new = re.findall(r"s/(.*?)/(.*?)/'", runbook)[0]
    text = (ROOT / "terraform/environments/production/main.tf").read_text()
    assert len(re.findall(change, text)) == 1
    assert new == 'home = "us-west1"'


def test_nothing_unmeasured_is_told_as_a_fact():
    assert not re.search(r"about \d+ minutes|takes up to an hour", README)
    assert "is not in `gcloud` 528" in README
