"""Terraform and the code say the same: names, settings, roles and keys that both of them know.

What Terraform makes of the catalogue is held by its own tests (terraform/modules/system/tests). Here stands what only
the code can say. The files are read as text, for a parser of HCL takes longer than all of these tests.
"""

import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from common.domain import profiles
from common.domain.settings import Settings
from common.http import push_identity
from common.http.push_identity import Stranger
from common.platform import seal
from common.platform.google.callers import GoogleCallers
from common.platform.google.tasks import DISPATCH_DEADLINE
from common.runtime import gcp
from functions.catalogue import CATALOGUE
from functions.upkeep import rotate_keys

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "terraform"
ENVIRONMENTS = ("dev", "production", "staging")
URL = "https://{function}-1.europe-west1.run.app"
FILES = sorted(path for path in TERRAFORM.rglob("*.tf") if ".terraform" not in path.parts)


def text(path: str) -> str:
    return (TERRAFORM / path).read_text(encoding="utf-8")


def strings(source: str, name: str) -> list[str]:
    """The strings of the first list or map that is assigned to a name."""
    found = re.search(rf"^ *{name} += ([\[{{])", source, re.MULTILINE)
    assert found, f"nothing is assigned to {name}"
    end = source.index({"[": "]", "{": "}"}[found[1]], found.end())
    return re.findall(r'"([^"]*)"', source[found.end() : end])


def default(source: str, variable: str) -> str:
    """What follows the default of a variable."""
    block = re.search(rf'^variable "{variable}" {{\n(.*?)^}}', source, re.MULTILINE | re.DOTALL)
    assert block, f"there is no variable {variable}"
    return block[1][block[1].index("default") :]


def test_the_order_of_the_catalogue_is_read_from_its_lines():
    pattern = re.search(r'regexall\("(.*?)", local\.text\)', text("modules/catalogue/main.tf"))
    assert pattern
    source = (ROOT / "functions" / "catalogue.yaml").read_text(encoding="utf-8")
    assert re.findall(pattern[1], source) == list(CATALOGUE)
    assert yaml.safe_load(source)["functions"].keys() == CATALOGUE.keys()


def test_services_get_settings_that_the_code_knows_and_all_that_it_insists_on():
    given = set(re.findall(r"\bAIPROD_([A-Z_]+)\b", "".join(path.read_text(encoding="utf-8") for path in FILES)))
    known = {field.name.upper() for field in dataclasses.fields(Settings)}
    assert given <= known
    missing = re.findall(r"AIPROD_([A-Z_]+) is missing", str(_refusal()))
    assert missing
    assert set(missing) <= given


def _refusal() -> Exception:
    with pytest.raises(profiles.InvalidSettings) as refused:
        profiles.check(Settings(profile="gcp"), {})
    return refused.value


def test_every_use_stands_for_a_role_and_every_role_for_a_use():
    variables = text("modules/identity/variables.tf")
    known = set(re.findall(r'"((?:firestore|identity|pubsub|run|secrets|storage|tasks):\w+)"', variables))
    used = {use for entry in CATALOGUE.values() for use in entry.uses if not use.startswith("secret:")}
    job = set(strings(variables, "default"))
    assert known == used | job
    uses = text("modules/identity/uses.tf")
    granted = {use for name in ("project_roles", "bucket_roles") for use in _keys(uses, name)}
    assert known - granted == {"run:jobs", "secrets:rotate"}  # granted beside the job and the secrets themselves


def _keys(source: str, name: str) -> list[str]:
    block = source[source.index(f"  {name} = {{") :]
    return re.findall(r'^ +"([a-z:]+)" +=', block[: block.index("\n  }")], re.MULTILINE)


def test_keys_that_are_made_and_rotated_are_those_of_the_code():
    variables = text("modules/secrets/variables.tf")
    assert set(strings(default(variables, "made"), "default")) == {profiles.ACCESS_KEY, profiles.PAGE_KEY, seal.SECRET}
    assert set(strings(default(variables, "signing"), "default")) == set(rotate_keys.SIGNING)
    assert "service-key-${service}" in text("modules/secrets/main.tf")
    assert rotate_keys.rotation.secret_of("x") == "service-key-x"


def test_the_render_job_has_the_name_that_the_code_starts():
    assert f'name                = "{gcp.JOBS["render"]}"' in text("modules/render/main.tf")


def test_the_code_uses_queues_schedules_and_jobs_of_its_home():
    """Terraform makes them in every region that could be home, or moves them: the setting alone says where."""
    assert re.search(r"AIPROD_REGION +=.* var\.home$", text("modules/system/main.tf"), re.MULTILINE)
    clients = (ROOT / "common" / "platform" / "google" / "clients.py").read_text(encoding="utf-8")
    for made in ("CloudTasks(", "CloudRunJobs(", "CloudSchedules("):
        assert re.search(rf"return {re.escape(made)}.*settings\.project, settings\.region,", clients)
    assert "environment = local.settings" in re.sub(" +", " ", text("modules/system/functions.tf"))


def test_dead_letters_have_the_topic_that_their_function_takes():
    topic = re.search(r'"(\w+)"', default(text("modules/messaging/variables.tf"), "dead_letters"))
    assert topic
    assert CATALOGUE["dead_letter"].topic == topic[1]


def test_only_what_sets_gauges_is_kept_awake():
    assert strings(text("modules/catalogue/main.tf"), "gauges") == ["sweep"]
    setting = {
        path.name for path in (ROOT / "common" / "engine").glob("*.py") if "metrics.QUEUE_DEPTH.set" in path.read_text()
    }
    assert setting == {"sweep.py"}


def test_what_everybody_waits_for_is_kept_warm_and_may_grow_to_twenty():
    """OPT-5.9, at least 2 and at most 20: of what a client waits for. All else may grow as far and sleeps meanwhile.

    Two instances of each of the others in two regions would cost many times as much.
    """
    warm = {name: entry.min for name, entry in CATALOGUE.items() if entry.min}
    assert warm == {"get_pipeline": 2, "health": 2, "login": 1, "refresh_token": 1, "run_pipeline": 2}
    assert {entry.max for entry in CATALOGUE.values()} == {20}
    assert re.search(r"default += 0\.7$", text("modules/functions/variables.tf"), re.MULTILINE)


def test_no_call_of_a_queue_takes_longer_than_its_dispatch():
    paced = [entry for entry in CATALOGUE.values() if entry.task or (entry.step and entry.step.queue)]
    assert paced
    assert all(entry.timeout <= DISPATCH_DEADLINE for entry in paced)


def test_live_functions_are_served_by_their_own_entry_point():
    assert '["-m", "functions.asgi"]' in text("modules/functions/main.tf")
    assert (ROOT / "functions" / "asgi.py").is_file()


@pytest.mark.parametrize("name", ["outputs.tf", "terraform.tf", "variables.tf"])
def test_environments_are_made_alike(name):
    assert len({text(f"environments/{environment}/{name}") for environment in ENVIRONMENTS}) == 1


def test_what_holds_data_is_protected_and_nothing_that_a_region_or_a_rollback_takes_away():
    """What is kept is in neither: the database and the bucket span regions, and no release adds another one."""
    protecting = re.compile(r"^ +(\w+) += .*var\.protection\b", re.MULTILINE)
    found = {
        (path.parent.name, path.stem): sorted(protecting.findall(path.read_text(encoding="utf-8")))
        for path in sorted((TERRAFORM / "modules").rglob("*.tf"))
        if path.parent.name != "system" and protecting.search(path.read_text(encoding="utf-8"))
    }
    assert found == {
        ("data", "bucket"): ["deletion_policy", "force_destroy", "retention_duration_seconds"],
        ("data", "database"): ["delete_protection_state", "deletion_policy"],
        ("observability", "records"): ["delete_contents_on_destroy"],
    }
    assert not [path for path in FILES if re.search(r"prevent_destroy|deletion_protection += true", path.read_text())]


def test_environments_name_the_very_release_of_every_provider():
    """Of all that a module asks for: each release of ours is planned and applied by the same ones."""
    asked = {name for path in FILES for name in re.findall(r'source += "(hashicorp/[\w-]+)"', path.read_text())}
    for environment in ENVIRONMENTS:
        pinned = re.findall(
            r'source += "(hashicorp/[\w-]+)"\n +version += "(\d+\.\d+\.\d+)"',
            text(f"environments/{environment}/terraform.tf"),
        )
        assert {name for name, _version in pinned} == asked


def test_environments_differ_in_data_only():
    assert {path.name for path in (TERRAFORM / "environments").iterdir() if path.is_dir()} == set(ENVIRONMENTS)
    said = {}
    for environment in ENVIRONMENTS:
        main = text(f"environments/{environment}/main.tf")
        assert f'environment = "{environment}"' in re.sub(" +", " ", main)
        assert len(re.findall(r"^(module|resource|data|locals)\b", main, re.MULTILINE)) == 1
        said[environment] = set(re.findall(r"^  (\w+) +=", main, re.MULTILINE))
    assert said["dev"] == said["staging"] == said["production"]


def test_no_environment_pays_for_a_gpu_that_nothing_encodes_on():
    """The profile is kept whole (modules/system/tests); data asks for it once the renderer asks for NVENC."""
    film = (ROOT / "functions" / "render" / "film.py").read_text(encoding="utf-8")
    idle = 'encoder.choose("x264")' in film
    for environment in ENVIRONMENTS:
        said = set(re.findall(r"\bgpu = (\w+)", text(f"environments/{environment}/main.tf")))
        assert said <= ({"false"} if idle else {"false", "true"})
        assert said


@pytest.mark.parametrize(("environment", "days"), [("production", 7), ("staging", 30)])
def test_keys_are_rotated_weekly_in_production_and_every_30_days_in_staging(environment, days):
    assert re.search(rf"key_rotation_days += {days}$", text(f"environments/{environment}/main.tf"), re.MULTILINE)
    assert CATALOGUE["rotate_keys"].schedule


def test_every_variable_and_output_is_described():
    block = re.compile(r'^((?:variable|output) "\w+") {\n(.*?)^}', re.MULTILINE | re.DOTALL)
    found = [(path, *one) for path in FILES for one in block.findall(path.read_text(encoding="utf-8"))]
    assert found
    silent = [
        (path, name) for path, name, body in found if not re.search(r'^  description += ".+\."$', body, re.MULTILINE)
    ]
    assert not silent


def test_nothing_is_open_to_everybody_and_nobody_has_a_basic_role_or_an_exported_key():
    open_ = re.compile(
        r"allUsers|allAuthenticatedUsers|invoker_iam_disabled|roles/(owner|editor|viewer)\"|google_service_account_key"
    )
    found = {
        (path.relative_to(TERRAFORM).as_posix(), match[0])
        for path in FILES
        for match in open_.finditer(re.sub(r"#.*", "", path.read_text(encoding="utf-8")))
    }
    # Cloud Run asks nobody for a token, because the process does; who gets as far as that, the door says.
    assert found == {("modules/functions/main.tf", "invoker_iam_disabled")}
    doors = re.findall(
        r'ingress += each\.value\.kind == "endpoint" \? "(\w+)" : "(\w+)"', text("modules/functions/main.tf")
    )
    assert doors == [("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_INTERNAL_ONLY")]


def test_what_cloud_run_does_not_check_the_process_does():
    """Behind the load balancer's door are endpoints, with roles of their own; behind the other one, all else.

    With `invoker_iam_disabled` the invoker's signature is left to the process, which says so where it was taken off.
    """
    doors = {name: "edge" if entry.http else "project" for name, entry in CATALOGUE.items()}
    assert [name for name, entry in CATALOGUE.items() if doors[name] == "edge" and not entry.roles] == []
    assert {name for name, door in doors.items() if door == "project"} == {
        name for name, entry in CATALOGUE.items() if entry.step or entry.schedule or entry.topic or entry.task
    }
    production = SimpleNamespace(
        settings=Settings(profile="gcp", functions_url=URL, invoker="invoker@demo.iam.gserviceaccount.com"),
        callers=GoogleCallers(lambda: ({}, 3600.0)),
    )
    for name, door in doors.items():
        if door == "project":
            with pytest.raises(Stranger) as refused:
                push_identity.check(production, CATALOGUE[name], "Bearer e30.e30.SIGNATURE_REMOVED_BY_GOOGLE")  # type: ignore[arg-type]
            assert "invoker_iam_disabled" in refused.value.detail
