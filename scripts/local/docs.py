"""The parts of README.md that the code says: endpoints from the catalogue, settings from their definition."""

import re
from dataclasses import fields
from pathlib import Path

from common.domain import settings
from common.domain.catalogue import Catalogue
from common.domain.settings import Settings
from functions.catalogue import CATALOGUE

README = Path(__file__).resolve().parents[2] / "README.md"


def endpoints(catalogue: Catalogue) -> str:
    """A table of what clients can call."""
    rows = ["| call | does | for |", "| --- | --- | --- |"]
    for entry in catalogue.endpoints():
        assert entry.http is not None
        who = "everyone" if entry.roles == "public" else ", ".join(entry.roles)
        link = f"[`{entry.http.method} {entry.http.path}`]({entry.module.replace('.', '/')}.py)"
        rows.append(f"| {link} | {entry.summary} | {who} |")
    return "\n".join(rows)


def settings_table() -> str:
    """A table of the environment variables."""
    said = dict(re.findall(r"    # (.+)\n    (\w+):", Path(settings.__file__).read_text(encoding="utf-8")))
    meaning = {name: text for text, name in said.items()}
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for field in fields(Settings):
        default = f"`{field.default}`" if str(field.default) else "–"
        rows.append(f"| `AIPROD_{field.name.upper()}` | {default} | {meaning[field.name]} |")
    return "\n".join(rows)


def rendered(text: str) -> str:
    """The page with its generated parts brought up to date."""
    for name, table in (("endpoints", endpoints(CATALOGUE)), ("settings", settings_table())):
        pattern = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)
    return text


if __name__ == "__main__":
    README.write_text(rendered(README.read_text(encoding="utf-8")), encoding="utf-8")
