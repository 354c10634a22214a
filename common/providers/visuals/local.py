"""The visuals engine that needs nothing: procedural backdrops, set type and drawn motifs, all from the seed."""

import math
import zlib

import numpy as np

from common.domain.plan import Plan
from common.media.composition import Backdrop, BackdropKind, Camera, Composition, Glow
from common.media.layout import safe_box
from common.media.palette import GLOW_STRENGTH, choose_look
from common.providers.visuals.port import Brief, brief_of
from common.providers.visuals.sheet import Sheet
from common.providers.visuals.templates import choose
from common.providers.visuals.timing import hurried, leaving

_KINDS: tuple[BackdropKind, ...] = (
    "mesh", "rings", "waves", "dots", "bokeh", "bands", "hills", "arcs", "rays", "grid", "paper",
)  # fmt: skip
_STRENGTH: dict[str, float] = {
    "rings": 0.10, "waves": 0.14, "dots": 0.16, "bokeh": 0.10, "bands": 0.09,
    "hills": 0.15, "arcs": 0.10, "rays": 0.08, "grid": 0.10, "paper": 0.16,
}  # fmt: skip


class LocalVisuals:
    """Composes every scene itself; equal briefs give equal compositions on every machine."""

    name = "local-visuals"
    version = "7"
    quality = 0.75
    paid = False

    def stage(self, plan: Plan, index: int, drawing: str | None = None) -> Composition:
        """The picture of the scene at `index`, with a drawing of that motif where its template has room for one."""
        return compose(brief_of(plan, index), drawing)


def compose(brief: Brief, drawing: str | None = None) -> Composition:
    """The composition of a brief. What had to be shortened or left out is in its notes."""
    template, sheet = laid_out(brief, drawing)
    kind = _KINDS[_place([brief.seed, 22], brief.index, len(_KINDS))]
    return Composition(
        width=brief.size.width,
        height=brief.size.height,
        fps=brief.fps,
        frames=brief.scene.frames,
        backdrop=_backdrop(brief, sheet, kind),
        layers=tuple(sheet.layers),
        template=template,
        notes=tuple(dict.fromkeys(sheet.notes)),
    )


def laid_out(brief: Brief, drawing: str | None = None) -> tuple[str, Sheet]:
    """The name of the template that shows a brief, and the sheet as it filled it."""
    scene = brief.scene
    look = choose_look(brief.mood, brief.seed, brief.look, brief.brand)
    tone = look.tones[_place([brief.seed, 21], brief.index, len(look.tones))]
    rng = np.random.default_rng([brief.seed, 31, brief.index, zlib.crc32(scene.id.encode()), scene.take])
    template, variant = choose(scene, brief.index, brief.seed)
    box = safe_box(brief.size, brief.platform, logo=brief.logo is not None)
    sheet = Sheet(scene, brief.size, brief.fps, brief.lang, look, tone, rng, box, brief.index, drawing)
    variant(sheet)
    sheet.mirror()
    sheet.layers = hurried(sheet.layers, scene.frames, brief.fps)
    if not brief.last:
        sheet.layers = leaving(sheet.layers, scene.frames)
    return template, sheet


def _place(seed: list[int], index: int, count: int) -> int:
    """Walk through a seeded order, so that neighbours always differ and each turn begins elsewhere."""
    return int(np.random.default_rng(seed).permutation(count)[index % count])


def _backdrop(brief: Brief, sheet: Sheet, kind: BackdropKind) -> Backdrop:
    tone, rng = sheet.tone, sheet.rng
    fps = brief.fps
    glows = tuple(
        Glow(
            colour=colour,
            strength=GLOW_STRENGTH,
            radius=float(rng.uniform(0.30, 0.38)),
            x=float(rng.uniform(0.25, 0.75)),
            y=float(rng.uniform(0.25, 0.75)),
            reach=float(rng.uniform(0.16, 0.22)),
            period=float(rng.uniform(9, 12)) * fps * (1 if place else -1),
            phase=float(rng.random()),
        )
        for place, colour in enumerate(tone.glows)
    )
    return Backdrop(
        kind=kind,
        colours=tone.grounds,
        mark=tone.mark,
        strength=_STRENGTH.get(kind, 0.1),
        emblem=sheet.watermark,
        emblem_strength=0.10,
        seed=int(rng.integers(2**31)),
        glows=glows,
        camera=_camera(brief, rng),
    )


def _camera(brief: Brief, rng: np.random.Generator) -> Camera:
    way = min(0.07, 0.011 * brief.scene.frames / brief.fps)  # share of the picture over the scene
    zoom = {"push_in": (1.0, 1 + way), "pull_out": (1 + way, 1.0)}.get(brief.scene.camera, (1.02, 1.02))
    shift = {"pan_left": -way, "pan_right": way}.get(brief.scene.camera, 0.0)
    orbit = 0.012 if brief.scene.camera == "still" else 0.022
    period = 2 * math.pi * orbit / 0.011 * brief.fps  # about one hundredth of the width a second
    return Camera(zoom=zoom, shift_x=shift, orbit=orbit, period=period, phase=float(rng.random()))
