"""The prompts that the look of films is judged by, as requests."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from common.domain.request import PipelineRequest

_TABLE = Path(__file__).with_name("prompts.yaml")


def prompts() -> Mapping[str, PipelineRequest]:
    """The requests by name, in order."""
    table = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {name: PipelineRequest(**fields) for name, fields in table.items()}
