"""`scripts/sheets FOLDER [NAME...]`: one PNG for each prompt, and a line that says which templates it shows."""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from scripts.contact.prompts import prompts
from scripts.contact.sheet import compositions_of, plan_of, sheet


def main() -> int:
    """Write the sheets; 2 for a name that no prompt has."""
    asked = argparse.ArgumentParser(prog="sheets", description="Make contact sheets of prompts of many kinds.")
    asked.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures go")
    asked.add_argument("names", nargs="*", metavar="NAME", help="prompts to show; default: all of them")
    options = asked.parse_args()
    known = prompts()
    if missing := [name for name in options.names if name not in known]:
        print(f"sheets: there is no prompt {missing[0]!r}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    options.folder.mkdir(parents=True, exist_ok=True)
    photo = _photo(options.folder / "photo.png")
    for name in options.names or known:
        plan = plan_of(known[name])
        files = {media.object: photo for media in known[name].media}
        target = options.folder / f"{name}.png"
        cv2.imwrite(str(target), sheet(plan, files))
        made = compositions_of(plan)
        print(f"{target}  {plan.seconds:.0f} s  {plan.look}  {' '.join(one.template for one in made)}")
        for note in dict.fromkeys(note for one in made for note in one.notes):
            print(f"    {note}")
    return 0


def _photo(path: Path) -> Path:
    """A picture that stands for the user's own: hills under an evening sky, as busy as a photograph."""
    down, across = np.mgrid[0:900, 0:1600].astype(np.float32)
    sky = np.stack([150 - down / 9, 130 + down / 12, 200 + down / 20], axis=-1)
    noise = np.random.default_rng(1).normal(0, 9, sky.shape[:2]).astype(np.float32)
    for at, (height, wave, colour) in enumerate(
        ((420, 230, (120, 90, 70)), (560, 170, (80, 70, 40)), (700, 120, (40, 45, 25)))
    ):
        ridge = height + 60 * np.sin(across / wave + at) + 24 * np.sin(across / (wave / 5) + 2 * at)
        sky[down > ridge] = colour
    cv2.imwrite(str(path), np.clip(sky + noise[..., None], 0, 255).astype(np.uint8))
    return path


if __name__ == "__main__":
    sys.exit(main())
