"""The README says what the code does: its tables are made from it, and its links lead somewhere."""

import re

from common.domain.presets import PRESETS
from common.domain.repairs import MAKES_AGAIN
from functions.catalogue import CATALOGUE
from scripts.local import docs
from scripts.local.cli import parser

TEXT = docs.README.read_text(encoding="utf-8")


def test_generated_tables_are_up_to_date() -> None:
    assert docs.rendered(TEXT) == TEXT, "run scripts/docs"


def test_every_endpoint_and_step_is_mentioned() -> None:
    for entry in CATALOGUE.values():
        if entry.kind != "upkeep":
            assert f"{entry.module.replace('.', '/')}.py" in TEXT, entry.name


def test_every_link_leads_to_a_file() -> None:
    root = docs.README.parent
    for target in re.findall(r"(?<!!\[)\]\(([^)#]+)\)", TEXT):
        assert (root / target).exists(), target


def test_presets_are_described_as_they_are() -> None:
    for preset in PRESETS.values():
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| {preset.id} "))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells == [
            preset.id,
            f"{preset.max_duration_sec} s",
            str(preset.quality_threshold),
            "yes" if preset.allow_icc else "–",
            "twice" if preset.multi_review else "once",
            f"${preset.max_cost_per_minute:.2f}",
        ]


def test_every_command_is_shown() -> None:
    actions = next(action for action in parser()._actions if action.dest == "command")
    assert actions.choices is not None
    for command in actions.choices:
        assert f"scripts/aiprod {command}" in TEXT, command


def test_two_commands_start_a_fresh_machine() -> None:
    first = re.search(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    assert first is not None
    assert [line.split()[0] for line in first[1].splitlines()] == ["./scripts/aiprod", "./scripts/test"]


def test_every_fault_that_is_looked_for_is_in_the_guide() -> None:
    guide = (docs.README.parent / ".github/docs/guide.md").read_text(encoding="utf-8")
    section = guide.partition("## What is checked\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")
    ]
    said = {"generate_visual": {"the scene's picture"}, "generate_narration": {"the scene's voice"}}
    alone = {"the scene's part of the film", "the sound", "the file"}
    assert {code.strip("`") for code, _, _ in rows} == set(MAKES_AGAIN)
    for code, _, again in rows:
        assert again.split("; ")[0] in said.get(MAKES_AGAIN[code.strip("`")], alone), code
