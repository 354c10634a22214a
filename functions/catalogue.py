"""The catalogue as loaded values."""

from pathlib import Path

from common.domain.catalogue import Catalogue, parse

CATALOGUE: Catalogue = parse(Path(__file__).with_name("catalogue.yaml").read_text(encoding="utf-8"))
