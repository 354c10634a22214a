"""What is made again where quality control finds a fault, so that the scene is repaired and not the video."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from common.domain.findings import Finding

MOST = 2  # times that a video is repaired

Remedy = Literal["generate_visual", "generate_narration", "render"]

# Where a fault is mended. A scene goes through its step again, and the film is rendered again in any case: `render`
# alone is for what was drawn and spoken rightly, and went wrong in the film. It encodes the scene anew, or joins all.
MAKES_AGAIN: Mapping[str, Remedy] = MappingProxyType(
    {
        "black": "generate_visual",
        "freeze": "generate_visual",
        "missing_scene": "generate_visual",
        "media": "generate_visual",
        "headline": "generate_visual",
        "silence": "generate_narration",
        "drift": "generate_narration",
        "clipping": "generate_narration",
        "text": "render",
        "captions": "render",
        "scene_order": "render",
        "scene_length": "render",
        "scene_count": "render",
        "true_peak": "render",
        "loudness": "render",
        "duration": "render",
        "aspect": "render",
        "container": "render",
    }
)


def remedies(findings: Iterable[Finding]) -> dict[Remedy, list[str]]:
    """The scenes that go through each step again; empty where no finding has a remedy.

    Warnings are not repaired, nor what lies in the plan itself, such as its subject or language.
    """
    found: dict[Remedy, set[str]] = {}
    for finding in findings:
        remedy = MAKES_AGAIN.get(finding.code)
        if remedy is None or finding.severity != "error":
            continue
        again = found.setdefault("render", set())
        if finding.scene and remedy != "generate_narration":
            again.add(finding.scene)
        if finding.scene and remedy != "render":
            found.setdefault(remedy, set()).add(finding.scene)
    return {remedy: sorted(scenes) for remedy, scenes in found.items()}
