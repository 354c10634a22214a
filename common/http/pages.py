"""Pages for people, under the strictest policy that lets them work: everything from our own origin, no inline code.

The files of Swagger UI and Redoc come from a package that carries their builds, and are served under names that hold a
digest of their content, so that every cache may keep them for good.
"""

import hashlib
import importlib.util
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from markupsafe import Markup

from common.http.call import Answer
from common.http.problem import not_found

HTML = "text/html; charset=utf-8"
ONE_HOUR = "public, max-age=3600"
FOREVER = "public, max-age=31536000, immutable"

_PACKAGE = "fastapi_offline"
_OURS = Path(__file__).with_name("static")
_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_THEIRS = ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js")
# Redoc shows a logo of its maker's from their network; ours is a page that fetches from nobody.
_AWAY, _HERE = b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,"

_BASE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Of an empty style element: what a page's own script then puts into it by the object model, no policy forbids.
_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
PLAIN_POLICY = f"{_BASE}; style-src 'self'; img-src data:"
SWAGGER_POLICY = f"{_BASE}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"
# Of the scroll bar's style sheet, which Redoc carries; another release of it may need another.
_SCROLLBAR_STYLE = "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
REDOC_POLICY = (
    f"{_BASE}; script-src 'self'; style-src 'self' {_EMPTY_STYLE} {_SCROLLBAR_STYLE}; img-src 'self' data:; "
    "connect-src 'self'"
)


def page(
    title: str, body: Markup, policy: str, *, styles: tuple[str, ...] = (), scripts: tuple[str, ...] = ()
) -> Answer:
    """One HTML page. `styles` and `scripts` are names of files; `title` is escaped, `body` is markup already."""
    links = Markup("").join(
        Markup('<link rel="stylesheet" href="/docs/{}">\n').format(address(name)) for name in ("page.css", *styles)
    )
    code = Markup("").join(Markup('<script src="/docs/{}"></script>\n').format(address(name)) for name in scripts)
    text = Markup(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n<title>{}</title>\n{}</head>\n<body>\n{}\n{}</body>\n</html>\n'
    ).format(title, links, body, code)
    return Answer(
        body=str(text), media_type=HTML, headers={"Cache-Control": ONE_HOUR, "Content-Security-Policy": policy}
    )


def asset(name: str) -> Answer:
    """A file of the pages, by the name that they link it by; Problem 404 for any other."""
    file = _by_address().get(name)
    if file is None:
        raise not_found("The pages of this service have no such file.")
    return Answer(body=_content(file), media_type=_TYPES[Path(file).suffix], headers={"Cache-Control": FOREVER})


def address(name: str) -> str:
    """The name that a file is served under: with a digest of its content."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(_content(name)).hexdigest()[:16]}.{suffix}"


@cache
def _by_address() -> Mapping[str, str]:
    ours = sorted(path.name for path in _OURS.iterdir() if path.suffix in _TYPES)
    return {address(name): name for name in (*_THEIRS, *ours)}


@cache
def _content(name: str) -> bytes:
    folder = _carried() if name in _THEIRS else _OURS
    return (folder / name).read_bytes().replace(_AWAY, _HERE)


def _carried() -> Path:
    """The folder of the package that carries the builds; it is found, and never imported."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise RuntimeError(f"The package {_PACKAGE} is not installed; scripts/setup installs it.")
    return Path(found.submodule_search_locations[0]) / "static"
