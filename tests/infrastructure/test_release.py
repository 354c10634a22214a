"""A release played through: the build's own scripts, with stand-ins for Terraform, Docker, gcloud and the smoke test.

The bucket of Terraform's state is a folder. Only `test`, `configuration` and `policy` are left out, which look at the
code and not at the environment.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
BUILD: dict[str, Any] = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
LEFT_OUT = {"test", "configuration", "policy"}
pytestmark = pytest.mark.slow  # each plays a whole build

TOPIC = "module.system.google_pubsub_topic.topic"

# The log has what each was asked; $BROKEN and $FAILING name what goes wrong.
GCLOUD = """
echo "$*" >> "$WORLD/gcloud.log"
at() { case $1 in gs://*) echo "$WORLD/${1#gs://}" ;; *) echo "$1" ;; esac; }
[ "$*" != "$BROKEN" ] || { echo "ERROR: (gcloud) HTTPError 503" >&2; exit 1; }
verb="$1 $2"
shift 2
case $verb in
  "storage cp")
    if [ "$1" = --if-generation-match=0 ]; then
      shift
      [ ! -e "$(at "$2")" ] || { echo "ERROR: HTTPError 412: a pre-condition did not hold" >&2; exit 1; }
    fi
    mkdir -p "$(dirname "$(at "$2")")" && cp "$(at "$1")" "$(at "$2")" ;;
  "storage ls") ls "$(at "$1")" | sed "s,^,$1," ;;
  "storage cat") cat "$(at "$1")" ;;
  "storage buckets") [ "$1" != list ] || cat "$WORLD/buckets" ;;
  "storage rm") rm "$(at "$1")" ;;
  "artifacts docker")
    case "$1 $2" in
      "images list-vulnerabilities") echo "[]" ;;
      "images describe") [ -e "$WORLD/tag-${3##*/}" ] ;;
      "tags add")
        [ ! -e "$WORLD/tag-${4##*/}" ] || { echo "ERROR: 403: artifactregistry.tags.delete" >&2; exit 1; }
        touch "$WORLD/tag-${4##*/}" ;;
    esac ;;
esac
"""

TERRAFORM = """
folder=${1#-chdir=}
shift
echo "${folder%%/*} $*" >> "$WORLD/terraform.log"
for last; do case $last in -out=*) out=${last#-out=} ;; esac; done
name=$(basename "$last")
case $1 in
  plan) cp "$WORLD/plans/$(basename "$out")" "$out" 2>/dev/null || echo "{}" > "$out" ;;
  show) cat "$last" ;;
  apply) case " $FAILING " in *" $name "*) exit 1 ;; esac ;;
  output) printf https://video.example.com ;;
esac
"""

DOCKER = """
for name; do :; done
case $1 in
  pull) case " $IMAGES python " in *" ${name%%:3.11*} "*) ;; *) echo "manifest unknown" >&2; exit 1 ;; esac ;;
  image) echo "${name%%:*}@sha256:$(printf %s "$name" | sha256sum | cut -c 1-64)" ;;
esac
"""

FAILING = 'import os, sys; sys.exit(int("{name}" in os.environ.get("FAILING", "").split()))'


@dataclass
class Outcome:
    """How a build ended."""

    good: bool
    said: str
    applied: list[str]  # what Terraform applied, in order: configuration and plan


class World:
    """A project whose state bucket outlives builds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bucket = folder, folder / "state"
        self.number = 0
        self.regions = "    us-west1 = {}\n"  # further lines of the environment
        self.bucket.mkdir()
        (self.bucket / "dev.tfvars").write_text('project_id = "p"\n')
        self.plan()
        tools = folder / "tools"
        tools.mkdir()
        python = f'exec {sys.executable} -I -S "$@"\n'
        stand_ins = {"gcloud": GCLOUD, "terraform": TERRAFORM, "docker": DOCKER, "sleep": "", "python3": python}
        for name, program in stand_ins.items():
            (tools / name).write_text(f"#!/bin/sh\n{program}")
            (tools / name).chmod(0o755)
        self.path = f"{tools}:{os.environ['PATH']}"

    def plan(self, **plans: list[tuple[str, str]]) -> None:
        """What Terraform will plan at plan, share, canary, apply and rollback: addresses and actions."""
        shutil.rmtree(self.folder / "plans", ignore_errors=True)
        (self.folder / "plans").mkdir()
        for name, changes in plans.items():
            told = [
                {"address": address, "type": address.split(".")[2], "change": {"actions": actions.split("+")}}
                for address, actions in changes
            ]
            (self.folder / "plans" / name).write_text(json.dumps({"resource_changes": told}))

    @property
    def locked(self) -> bool:
        return (self.bucket / "releases" / "dev.lock").exists()

    def build(self, failing: str = "", broken: str = "", images: str = "", **substitutions: str) -> Outcome:
        """Run the steps as Cloud Build does: a failure ends the build, but where a step may fail."""
        self.number += 1
        work = self.folder / f"workspace-{self.number}"
        work.mkdir()
        for part in ("scripts/release", "scripts/delivery", "functions/Dockerfile", "functions/catalogue.yaml"):
            (work / part).parent.mkdir(exist_ok=True)
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, work / part)
        (work / "terraform" / "environments" / "dev").mkdir(parents=True)
        dev = (ROOT / "terraform/environments/dev/main.tf").read_text()
        (work / "terraform/environments/dev/main.tf").write_text(f"{dev}\n# regions\n{self.regions}")
        (work / "cloudbuild.yaml").write_text((ROOT / "cloudbuild.yaml").read_text())
        (work / "scripts" / "delivery" / "sign_in.py").write_text(FAILING.format(name="sign-in") + "\n")
        (work / "scripts" / "delivery" / "watch.py").write_text(FAILING.format(name="watch") + "\n")
        (work / "scripts" / "validate").write_text('#!/bin/sh\ncase " $FAILING " in *" smoke "*) exit 1 ;; esac\n')
        (work / "scripts" / "validate").chmod(0o755)
        known = {
            **BUILD["substitutions"],
            "_REGISTRY": "europe-docker.pkg.dev/p/aiprod",
            "_STATE_BUCKET": "state",
            "_DEPLOYER": "deployer@p",
            "PROJECT_ID": "p",
            "BUILD_ID": f"build-{self.number}",
            "COMMIT_SHA": f"commit-{self.number}",
            **substitutions,
        }
        more = {"PATH": self.path, "WORLD": str(self.folder), "FAILING": failing, "BROKEN": broken, "IMAGES": images}
        log = self.folder / "terraform.log"
        log.write_text("")
        said, good = "", True
        for step in BUILD["steps"]:
            if step["id"] == "policy":
                if (work / "release" / "plan.done").exists():
                    (work / "release" / "policy.done").touch()
            elif step["id"] not in LEFT_OUT:
                program = work / "step"
                program.write_text(step["script"])
                program.chmod(0o755)
                ran = subprocess.run([program], cwd=work, env=known | more, capture_output=True, text=True, check=False)
                said += f"== {step['id']}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
                if ran.returncode and not step.get("allowFailure"):
                    good = False
                    break
        words = [line.split() for line in log.read_text().splitlines()]
        applied = [f"{word[0]} {Path(word[-1]).name}" for word in words if word[1] == "apply"]
        return Outcome(good, said, applied)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def released(world: World) -> World:
    """A world with a release that is good."""
    outcome = world.build()
    assert outcome.good, outcome.said
    return world


CANARY = {"_CANARY_REGION": "us-west1", "_CANARY_WEIGHTS": '{"us-west1":10}'}


def test_a_first_release_is_applied_and_kept_with_what_it_was_made_of(world):
    outcome = world.build()
    assert outcome.good, outcome.said
    assert outcome.applied == ["terraform apply"]
    assert not world.locked
    with tarfile.open(world.bucket / "releases" / "dev.tgz") as kept:
        names = set(kept.getnames())
        made_with = kept.extractfile("made_with.txt").read().decode()  # type: ignore[union-attr]
    assert {"images.tfvars", "functions/catalogue.yaml", "terraform/environments/dev/terraform.tfvars"} <= names
    assert (world.bucket / "releases" / "dev" / "commit-1.tgz").exists()
    assert set(re.findall(r"(?m)^(\S+)@sha256:[0-9a-f]{64}$", made_with)) == {
        "python",
        *(step["name"].rpartition(":")[0] for step in BUILD["steps"]),
    }


def test_a_failed_smoke_test_brings_the_release_before_back_and_frees_the_lock(released):
    outcome = released.build(failing="smoke")
    assert not outcome.good
    assert outcome.applied == ["terraform apply", "before rollback"]
    assert "was rolled back" in outcome.said
    assert not released.locked
    assert not (released.bucket / "releases" / "dev" / "commit-2.tgz").exists()


@pytest.mark.parametrize("failing", ["canary", "watch", "apply", "sign-in"])
def test_whatever_fails_after_the_first_change_is_rolled_back(released, failing):
    outcome = released.build(failing=failing, **CANARY)
    assert not outcome.good
    assert outcome.applied[0] == "before share"
    assert outcome.applied[-1] == "before rollback"
    assert not released.locked


def test_a_canary_gets_its_share_first_and_then_the_release_goes_everywhere(released):
    outcome = released.build(**CANARY)
    assert outcome.good, outcome.said
    assert outcome.applied == ["before share", "terraform canary", "terraform apply"]


@pytest.mark.parametrize(("before", "now"), [("    us-west1 = {}\n", ""), ("", "    us-west1 = {}\n")])
def test_a_region_that_comes_or_goes_gets_nothing_first(world, before, now):
    world.regions = before
    assert world.build().good
    world.regions = now
    outcome = world.build(**CANARY)
    assert outcome.good, outcome.said
    assert outcome.applied == ["terraform apply"]


def test_a_failed_rollback_says_so_and_frees_the_lock(released):
    outcome = released.build(failing="smoke rollback")
    assert not outcome.good
    assert "so did the rollback" in outcome.said
    assert not released.locked


def test_a_first_release_that_fails_has_nothing_to_go_back_to(world):
    outcome = world.build(failing="smoke")
    assert not outcome.good
    assert "none before it" in outcome.said
    assert outcome.applied == ["terraform apply"]
    assert not world.locked


def test_a_lock_that_is_ones_own_is_taken(released):
    (released.bucket / "releases" / "dev.lock").write_text("build-7\n")
    outcome = released.build(BUILD_ID="build-7")
    assert outcome.good, outcome.said
    assert not released.locked


def test_two_releases_of_an_environment_do_not_run_at_once(released):
    (released.bucket / "releases" / "dev.lock").write_text("build-of-somebody")
    outcome = released.build()
    assert not outcome.good
    assert outcome.applied == []
    assert "Another release of dev is under way" in outcome.said
    assert "build-of-somebody" in outcome.said
    assert released.locked, "the lock is somebody else's"


@pytest.mark.parametrize(
    "broken",
    [
        "storage ls gs://state/releases/",
        "storage cp gs://state/releases/dev.tgz release/before.tgz",
        "storage cp gs://state/dev.tfvars terraform/environments/dev/terraform.tfvars",
    ],
)
def test_an_error_is_not_taken_for_the_absence_of_a_release(released, broken):
    outcome = released.build(broken=broken)
    assert not outcome.good
    assert outcome.applied == []
    assert "before it changed anything" in outcome.said
    assert "There is no release before" not in outcome.said
    assert not released.locked


@pytest.mark.parametrize("plan", ["plan", "canary", "apply"])
def test_no_plan_that_loses_data_is_applied(released, plan):
    released.plan(**{plan: [(TOPIC, "delete")]})
    outcome = released.build(**CANARY)
    assert not outcome.good
    assert {"canary": "terraform canary", "apply": "terraform apply"}.get(plan) not in outcome.applied
    assert plan != "plan" or outcome.applied == []
    assert f"_DELETES='{TOPIC}'" in outcome.said
    outcome = released.build(**CANARY, _DELETES=TOPIC)
    assert outcome.good, outcome.said


def test_giving_the_canary_its_share_loses_nothing_either(released):
    released.plan(share=[(TOPIC, "delete")])
    outcome = released.build(**CANARY, _DELETES=TOPIC)
    assert not outcome.good
    assert "before share" not in outcome.applied


def test_a_rollback_deletes_what_the_release_added_and_nothing_more(released):
    secret = "module.system.google_secret_manager_secret.new"
    released.plan(plan=[(secret, "create")], rollback=[(secret, "delete")])
    outcome = released.build(failing="smoke")
    assert outcome.applied[-1] == "before rollback"
    released.plan(rollback=[(secret, "delete")])
    outcome = released.build(failing="smoke")
    assert outcome.applied == ["terraform apply"]
    assert "so did the rollback" in outcome.said


def test_an_environment_takes_the_images_that_another_has_released(world):
    staging = "europe-docker.pkg.dev/staging/aiprod"
    taken = {"_IMAGES_FROM": staging, "COMMIT_SHA": "abc"}
    outcome = world.build(**taken)
    assert not outcome.good
    assert f"There is no {staging}/functions:released-abc" in outcome.said
    outcome = world.build(**taken, images=f"{staging}/functions:released-abc {staging}/render:released-abc")
    assert outcome.good, outcome.said
    with tarfile.open(world.bucket / "releases" / "dev.tgz") as kept:
        images = kept.extractfile("images.tfvars").read().decode()  # type: ignore[union-attr]
    assert images.count(f'"{staging}/') == 2
    assert "tags add" not in (world.folder / "gcloud.log").read_text()


def test_a_new_project_gets_what_a_first_release_needs_and_may_get_it_again(world):
    work = world.folder / "clone"
    (work / "terraform" / "environments" / "dev").mkdir(parents=True)
    (work / "scripts").mkdir()
    for part in ("scripts/bootstrap", "scripts/release"):
        shutil.copy(ROOT / part, work / part)
    shutil.copytree(ROOT / "scripts" / "delivery", work / "scripts" / "delivery")
    known = {"PATH": world.path, "WORLD": str(world.folder), "BROKEN": "", "FAILING": ""}

    def bootstrap() -> subprocess.CompletedProcess[str]:
        command = [work / "scripts" / "bootstrap", "dev"]
        return subprocess.run(command, env=known, cwd="/", capture_output=True, text=True, check=False)

    assert "terraform.tfvars: write it first" in bootstrap().stderr
    (work / "terraform" / "environments" / "dev" / "terraform.tfvars").write_text('project_id     = "p"\n')
    for buckets, made in (("", 1), ("gs://p-terraform/\n", 0)):
        (world.folder / "buckets").write_text(buckets)
        (world.folder / "gcloud.log").write_text("")
        ran = bootstrap()
        assert ran.returncode == 0, ran.stderr
        assert (world.folder / "gcloud.log").read_text().count("buckets create gs://p-terraform") == made
    assert (world.folder / "p-terraform" / "dev.tfvars").exists()
    asked = (world.folder / "terraform.log").read_text()
    targets = set(re.findall(r"-target=module\.system\.module\.(\S+)", asked))
    assert targets == {
        "data",
        "identity",
        "secrets",
        "edge.google_compute_global_address.this",
        "edge.google_certificate_manager_dns_authorization.domain",
    }
    for target in targets:  # what Terraform does not know it would pass over without a word
        module, _, resource = target.partition(".")
        text = "".join(path.read_text() for path in (ROOT / "terraform" / "modules" / module).glob("*.tf"))
        kind, _, name = resource.partition(".")
        assert not resource or f'resource "{kind}" "{name}"' in text


def test_only_what_passed_its_smoke_test_is_offered_to_others(world):
    world.build(failing="smoke")
    assert "tags add" not in (world.folder / "gcloud.log").read_text()
    world.build()
    assert (world.folder / "gcloud.log").read_text().count("tags add") == 2


def test_a_commit_may_be_released_again(world):
    assert world.build(COMMIT_SHA="one").good
    outcome = world.build(COMMIT_SHA="one")
    assert outcome.good, outcome.said
