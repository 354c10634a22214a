"""`scripts/aiprod`: the words of the command line, and which module does what they ask."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, get_args

from common.domain import settings as settings_module
from common.domain.brand import Font
from common.domain.outputs import CODECS, OUTPUTS
from common.domain.platforms import Platform
from common.domain.settings import InvalidSettings
from common.platform.documents import Unavailable
from common.platform.objects import StorageUnavailable
from scripts.local.refusal import Refusal

LOCAL = ("embedded", "emulators")  # profiles that this machine can be
LANGS = "en, fr, es, de, it, pt, ja, zh or ko"


class Parser(argparse.ArgumentParser):
    """Argparse that answers a wrong call with one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where the words are explained."""
        print(f"aiprod: {message}. See `{self.prog} --help`.", file=sys.stderr)
        sys.exit(2)


def parser() -> Parser:
    """Every command with its options."""
    top = Parser(prog="aiprod", description="A prompt or a script becomes a finished, narrated video on this machine.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)

    run = commands.add_parser("run", help="make a video", description="Make a video from a prompt or a script.")
    run.add_argument("prompt", nargs="?", metavar="PROMPT", help="what the video is about, or what it says")
    run.add_argument("--script", metavar="FILE", help="a script in plain text or Markdown instead of a prompt")
    run.add_argument("--media", metavar="FILE", action="append", default=[], help="picture or clip to show; repeatable")
    run.add_argument("--logo", metavar="FILE", help="picture in the corner of every scene")
    run.add_argument("--colour", metavar="#RRGGBB", action="append", default=[], help="of your brand; up to three")
    run.add_argument("--font", metavar="NAME", help=f"of your brand: {', '.join(get_args(Font))}")
    run.add_argument("--platform", help=f"{', '.join(get_args(Platform))}: texts keep clear of what it draws")
    run.add_argument("--music", metavar="FILE", help="your own music in place of composed one")
    run.add_argument("--title", help="title; default: taken from the content")
    run.add_argument("--preset", help="quick_social (default), brand_campaign or premium_spot")
    run.add_argument("--duration", type=int, metavar="SECONDS", help="default: 30, or what the script takes to speak")
    run.add_argument("--aspect", help="16:9 (default), 9:16, 1:1 or 4:5")
    run.add_argument("--resolution", help="480p, 720p, 1080p (default) or 2160p")
    run.add_argument("--fps", type=int, help="24, 25, 30 (default), 50 or 60 frames a second")
    run.add_argument("--encoder", help=f"{', '.join(CODECS)}; default: x264, also where another cannot run")
    run.add_argument("--captions", help="words (default), phrase, plain or off: how they stand in the picture")
    run.add_argument("--lang", help=f"{LANGS}; default: en")
    run.add_argument("--budget", type=float, metavar="DOLLARS", help="cap; 0 runs free engines only")
    run.add_argument("--seed", type=int, help="another number, another look; default: 0")
    run.add_argument("--approve", action="store_true", help="show the plan and ask before anything is made")
    run.add_argument("--also", metavar="KIND", action="append", default=[], help=f"{', '.join(OUTPUTS)}; repeatable")
    run.add_argument("--output", metavar="FILE", help="where the video goes; default: its title, in this folder")
    run.add_argument("--profile", choices=LOCAL, help="default: AIPROD_PROFILE, or embedded")
    run.add_argument("--json", action="store_true", help="end standard output with one JSON object")

    serve = commands.add_parser("serve", help="host the API on this machine")
    serve.add_argument("--port", type=int, default=8080, help="default: 8080")
    serve.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
    serve.add_argument("--profile", choices=LOCAL, help="default: AIPROD_PROFILE, or embedded")

    token = commands.add_parser("token", help="print a development ID token")
    token.add_argument("--role", default="user", choices=("admin", "user", "viewer", "service"))
    token.add_argument("--user", default="developer", metavar="NAME")

    explain = commands.add_parser("explain", help="say why each step ran or was reused")
    explain.add_argument("id", nargs="?", metavar="ID", help="pipeline id; default: the last one")

    audit = commands.add_parser("audit", help="list what failed inside or is stuck, and the command that comes next")
    audit.add_argument("--json", action="store_true", help="print one JSON object instead")

    replay = commands.add_parser("replay", help="take up again a failed or stuck pipeline, or a dead letter")
    replay.add_argument("id", metavar="ID", help="of the pipeline or of the dead letter, as `aiprod audit` names it")
    replay.add_argument("--dismiss", action="store_true", help="only note that its dead letters were seen")
    replay.add_argument("--json", action="store_true", help="end standard output with one JSON object")

    secret = commands.add_parser("secret", help="keep a provider's key, read from standard input")
    secret.add_argument("name", metavar="NAME", help="gemini-api-key or runway-api-key")

    commands.add_parser("doctor", help="speak a word, encode a frame, burn a caption, report versions")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        profile = getattr(options, "profile", None)
        settings = settings_module.read({**os.environ, **({"AIPROD_PROFILE": profile} if profile else {})})
        # Each command imports what it needs alone: `token` must not wait for a voice model.
        if options.command == "run":
            from scripts.local.run import run

            return run(options, settings)
        if options.command == "serve":
            from scripts.local.serve import serve

            return serve(options.port, options.host, settings)
        if options.command == "token":
            from scripts.local.token import token

            return token(options.role, options.user, settings)
        if options.command == "explain":
            from scripts.local.explain import explain

            return explain(options.id, settings)
        if options.command == "audit":
            from scripts.local.audit import audit

            return audit(settings, as_json=options.json)
        if options.command == "replay":
            from scripts.local.replay import replay

            return replay(options.id, settings, dismiss=options.dismiss, as_json=options.json)
        if options.command == "secret":
            from scripts.local.secret import secret

            return secret(options.name, settings)
        from scripts.local.doctor import doctor

        return doctor(settings)
    except (Refusal, InvalidSettings) as refusal:
        print(f"aiprod: {refusal}", file=sys.stderr)
        return getattr(refusal, "code", 2)
    except KeyboardInterrupt:
        print("aiprod: stopped.", file=sys.stderr)
        return 130
    except (Unavailable, StorageUnavailable) as away:
        print(f"aiprod: {str(away).rstrip('.')}.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as error:
        name = f" {error.filename}" if error.filename else ""
        print(f"aiprod: the machine refused:{name} {error.strerror}.", file=sys.stderr)
        return 1


def leave(code: int) -> NoReturn:
    """End the process at once: a worker inside a library's code must not see the interpreter taken apart around it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    try:
        leave(main())
    except SystemExit as wrong:  # argparse has said why
        leave(wrong.code if isinstance(wrong.code, int) else int(bool(wrong.code)))
