"""Refuse a plan of Terraform that would lose what cannot be made again.

A release deletes no data. Whoever means to names what may go: an address, or a type for all of it. What the release
itself has made may go, too, when it is rolled back. It reads what `terraform show -json` says of a plan.
"""

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

# What holds data or messages, or a name and an address that others rely on. Indexes and settings of fields of Firestore
# are not among them, for they are made again from the documents; nor are queues: the sweep sends again for every task.
KEPT = frozenset(
    {
        "google_artifact_registry_repository",
        "google_bigquery_dataset",
        "google_certificate_manager_dns_authorization",
        "google_compute_global_address",
        "google_firestore_database",
        "google_pubsub_subscription",
        "google_pubsub_topic",
        "google_secret_manager_secret",
        "google_storage_bucket",
    }
)
# Of those, what Terraform writes again whole: the address of a region's Redis, which goes with its region.
REMADE = ("module.system.module.network.google_secret_manager_secret.redis[",)


def lost(plan: dict[str, Any], may_go: Collection[str] = ()) -> list[str]:
    """Addresses of what the plan deletes or replaces, though it has to be kept and is not among what may go."""
    return [
        change["address"]
        for change in plan.get("resource_changes", [])
        if change["type"] in KEPT
        and "delete" in change["change"]["actions"]
        and not {change["address"], change["type"]} & set(may_go)
        and not change["address"].startswith(REMADE)
    ]


def made(plan: dict[str, Any]) -> Iterator[str]:
    """Addresses of what was not there before the plan."""
    return (one["address"] for one in plan.get("resource_changes", []) if one["change"]["actions"] == ["create"])


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python3 scripts/delivery/guard.py", description=__doc__)
    parser.add_argument("plan", type=Path, help="the plan, as JSON")
    parser.add_argument("--deletes", default="", help="addresses or types that may go, with ; between them")
    parser.add_argument("--made", type=Path, help="plan of the release that is rolled back, as JSON")
    given = parser.parse_args(words)
    may_go = {word.strip() for word in given.deletes.split(";") if word.strip()}
    if given.made:
        may_go.update(made(json.loads(given.made.read_text(encoding="utf-8"))))
    gone = lost(json.loads(given.plan.read_text(encoding="utf-8")), may_go)
    if gone:
        print(
            f"This plan would delete {', '.join(gone)}, and what {'they hold' if len(gone) > 1 else 'it holds'}. "
            f"Nothing was changed. Where that is meant, say so: _DELETES='{';'.join(gone)}' for a build, "
            "DELETES for scripts/release.",
            file=sys.stderr,
        )
    return int(bool(gone))


if __name__ == "__main__":
    sys.exit(main())
