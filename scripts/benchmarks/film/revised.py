"""A film brought to its end, or another version of it, by the whole product in a process of its own.

`python -m scripts.benchmarks.film.revised PIPELINE [EDIT]`, the edit as the JSON body of PATCH /pipeline/ID/plan.
"""

import json
import os
import sys
import time

from common.domain import settings
from common.engine import control
from common.observability import logs
from scripts.local.run import USER
from scripts.local.world import World

LOOK_SECONDS = 0.1


def main(pipeline: str, edit: str = "") -> int:
    """Work until the pipeline, or its revision, is settled; 0 when it completed."""
    logs.configure()
    with World(settings.read(os.environ)) as world:
        if edit:
            answer = world.request("PATCH", f"/pipeline/{pipeline}/plan", json.loads(edit), user=USER)
            if answer.status_code != 202:
                print(f"The edit was refused: {answer.text}", file=sys.stderr)
                return 1
            pipeline = str(answer.get_json()["id"])
        while not (found := control.load(world.context, pipeline)).settled:
            time.sleep(LOOK_SECONDS)
    return 0 if found.status == "completed" else 1


if __name__ == "__main__":
    from scripts.local.cli import leave

    leave(main(*sys.argv[1:]))
