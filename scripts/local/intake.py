"""What the command line names, as a request body: the text of a script, pictures and clips by content."""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from common.domain.plan import Media
from common.engine import assets
from common.media.media_file import UnreadableMedia, check_picture, check_sound, kind_of
from common.platform.objects import Objects
from scripts.local.refusal import Refusal

_PICTURE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)>\s]+)>?[^)]*\)")


def body(options: argparse.Namespace, objects: Objects) -> dict[str, Any]:
    """The body of POST /pipeline/run that the options ask for; Refusal for files that cannot be used."""
    if (options.prompt is None) == (options.script is None):
        raise Refusal("give either a PROMPT or --script FILE.")
    content = options.prompt if options.script is None else _text(Path(options.script))
    files = [Path(name) for name in options.media]
    if options.script is not None:
        folder = Path(options.script).resolve().parent
        files += [folder / name for name in _PICTURE.findall(content) if "://" not in name]
    brand = {"colours": options.colour or None, "font": options.font}
    fields = {
        "content": content,
        "title": options.title,
        "preset": options.preset,
        "duration_sec": options.duration,
        "aspect": options.aspect,
        "resolution": options.resolution,
        "fps": options.fps,
        "encoder": options.encoder,
        "captions": options.captions,
        "lang": options.lang,
        "budget": options.budget,
        "seed": options.seed,
        "approve": "force" if options.approve else "skip",
        "brand": {name: value for name, value in brand.items() if value} or None,
        "platform": options.platform,
        "media": [_media(path, objects).model_dump() for path in files] or None,
        "outputs": options.also or None,
        "logo": _stored(Path(options.logo), objects, check_picture).object if options.logo else None,
        "music": _stored(Path(options.music), objects, check_sound).object if options.music else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def output_of(options: argparse.Namespace, title: str) -> Path:
    """Where the video goes."""
    if options.output:
        return Path(options.output)
    slug = re.sub(r"[^\w]+", "-", title.casefold(), flags=re.UNICODE).strip("-")[:60] or "video"
    return Path(f"{slug}.mp4")


def check_output(path: Path) -> None:
    """Refuse an output path that could not be written, before anything is made."""
    if path.is_dir():
        raise Refusal(f"the output {path} is a folder; name a file in it.")
    folder = path.parent
    if not folder.is_dir():
        raise Refusal(f"the folder of the output {path} does not exist; make it, or choose another.")
    probe = folder / f".{path.name}.aiprod"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Refusal(f"the output {path} cannot be written ({error.strerror}); choose another place.") from error
    if path.exists() and not path.is_file():
        raise Refusal(f"the output {path} is no ordinary file; choose another.")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"the script {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"the script {path} is no UTF-8 text; save it as UTF-8 and try again.") from error


def _media(path: Path, objects: Objects) -> Media:
    found = _stored(path, objects, kind_of)
    return Media(object=found.object, type=found.kind or "image", sha256=found.sha256)


@dataclass(frozen=True)
class _Stored:
    object: str
    sha256: str
    kind: Literal["image", "clip"] | None


def _stored(path: Path, objects: Objects, check: Callable[[Path], Literal["image", "clip"] | None]) -> _Stored:
    if not path.is_file():
        raise Refusal(f"the file {path} does not exist.")
    try:
        kind = check(path)
    except UnreadableMedia as unreadable:
        raise Refusal(str(unreadable)) from unreadable
    return _Stored(*assets.keep(objects, path), kind)
