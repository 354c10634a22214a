"""What the images install, each package with its version and the hash of its one file, from a report of pip's.

scripts/lock runs it. The platform is part of the answer, so a report from another one than the images' is refused.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PLATFORM = {"python_version": "3.11", "sys_platform": "linux", "platform_machine": "x86_64"}
HEAD = (
    "# Written by scripts/lock from requirements.txt: what the images install, for Linux on x86_64 with Python 3.11.\n"
)


def locked(report: Mapping[str, Any]) -> str:
    """The text of requirements.lock."""
    here = {name: report["environment"][name] for name in PLATFORM}
    if here != PLATFORM:
        raise ValueError(f"The images run on {PLATFORM}, and this was resolved on {here}: run scripts/lock there.")
    lines = []
    for one in report["install"]:
        name, version = one["metadata"]["name"].lower().replace("_", "-").replace(".", "-"), one["metadata"]["version"]
        origin = one["download_info"]
        digest = origin.get("archive_info", {}).get("hashes", {}).get("sha256")
        if not digest or not origin["url"].startswith("https://"):
            raise ValueError(f"{name} {version} came from {origin['url']}, of which the index told no hash.")
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    return HEAD + "".join(sorted(lines))


def main(words: Sequence[str]) -> int:
    """The command: the report's path; the text goes to standard output."""
    try:
        print(locked(json.loads(Path(words[0]).read_text(encoding="utf-8"))), end="")
    except ValueError as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
