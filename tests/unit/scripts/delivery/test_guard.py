"""No plan takes away what cannot be made again, unless somebody said so or the release itself had made it."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.delivery import guard

PUSH = 'module.system.module.messaging.google_pubsub_subscription.push["plan"]'


def plan(*changes: tuple[str, str]) -> dict[str, Any]:
    """Changes as (address, actions with + between them)."""
    return {
        "resource_changes": [
            {
                "address": address,
                "type": next(part for part in address.split(".") if part.startswith("google_")),
                "change": {"actions": actions.split("+")},
            }
            for address, actions in changes
        ]
    }


def written(folder: Path, name: str, *changes: tuple[str, str]) -> str:
    (folder / name).write_text(json.dumps(plan(*changes)))
    return str(folder / name)


@pytest.mark.parametrize("kind", sorted(guard.KEPT))
@pytest.mark.parametrize("actions", ["delete", "delete+create", "create+delete"])
def test_what_is_kept_is_neither_deleted_nor_replaced(kind: str, actions: str):
    assert guard.lost(plan((f"module.system.{kind}.one", actions))) == [f"module.system.{kind}.one"]


def test_data_and_messages_are_kept():
    assert {
        "google_firestore_database",
        "google_storage_bucket",
        "google_secret_manager_secret",
        "google_pubsub_topic",
        "google_pubsub_subscription",
        "google_bigquery_dataset",
        "google_artifact_registry_repository",
    } <= guard.KEPT


def test_what_is_made_again_may_go():
    assert not guard.lost(
        plan(
            (PUSH, "update"),
            ("module.system.google_storage_bucket.objects", "forget"),
            ('module.system.module.data.google_firestore_index.this["pipelines owner"]', "delete"),
            ('module.system.module.data.google_firestore_field.expires["steps"]', "delete"),
            ('module.system.module.functions["us-west1"].google_cloud_run_v2_service.function["docs"]', "delete"),
            ('module.system.module.messaging.google_cloud_tasks_queue.queue["us-west1 webhooks"]', "delete"),
            ('module.system.module.network.google_secret_manager_secret.redis["us-west1"]', "delete"),
        )
    )


def test_whoever_means_it_names_an_address_or_a_type():
    gone = plan((PUSH, "delete"), ("module.system.google_pubsub_topic.topic", "delete"))
    assert guard.lost(gone, {PUSH}) == ["module.system.google_pubsub_topic.topic"]
    assert guard.lost(gone, {"google_pubsub_topic", "google_pubsub_subscription"}) == []
    assert len(guard.lost(gone, {"google_pubsub"})) == 2


def test_the_command_says_what_would_go_and_how_to_let_it(tmp_path, capsys):
    deleting = written(tmp_path, "plan.json", (PUSH, "delete"))
    assert guard.main([deleting]) == 1
    said = capsys.readouterr().err
    assert PUSH in said
    assert f"_DELETES='{PUSH}'" in said
    assert guard.main([deleting, "--deletes", f" {PUSH} ;"]) == 0


def test_a_rollback_takes_away_what_the_release_made_and_nothing_else(tmp_path):
    release = written(
        tmp_path, "plan.json", (PUSH, "create"), ("module.system.google_pubsub_topic.old", "delete+create")
    )
    back = written(tmp_path, "back.json", (PUSH, "delete"))
    assert guard.main([back, "--made", release]) == 0
    more = written(tmp_path, "more.json", (PUSH, "delete"), ("module.system.google_pubsub_topic.old", "delete"))
    assert guard.main([more, "--made", release]) == 1
