"""The program that the jobs under contract run: write, fail or wait."""

import os
import sys
import time
from pathlib import Path


def main(verb: str, word: str = "") -> None:
    """Do as told; what is written goes to the folder named by OUTPUT."""
    index, count, attempt = (os.environ[f"CLOUD_RUN_TASK_{name}"] for name in ("INDEX", "COUNT", "ATTEMPT"))
    if verb == "sleep":
        time.sleep(60)
    if verb == "fail-until" and int(attempt) < int(word):
        sys.stdout.write(f"attempt {attempt} fails\n")
        sys.exit(3)
    line = f"{word} {os.environ.get('COLOUR')} {index}/{count} {attempt}"
    Path(os.environ["OUTPUT"], f"{word}-{index}").write_text(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
