"""Plant one fault at a time into a good film and find exactly it, at its scene and time."""

from collections.abc import Callable, Mapping
from pathlib import Path

import ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from common.domain.findings import Finding
from common.domain.frame import Size
from common.domain.speech import Narration
from common.media import ffmpeg as program
from common.media.assemble import assemble
from common.media.caption_look import caption_look
from common.media.captioner import Captioner
from common.media.captions import cues_of
from common.media.checks import stretches
from common.media.checks.inspect import Script, inspect
from common.media.checks.picture import Picture
from common.media.checks.watch import Plane
from common.media.encoder import PROFILES
from common.media.loudness import integrated
from common.media.render import render_all
from common.media.segments import Studio
from common.media.source import FrameSource
from common.media.timeline import Recipe, Timeline, lay_out
from tests.unit.media.films import Bars, Black, Shelf, Still, plan, scene, spoken

SIZE = Size(width=320, height=180)
PLAN = plan(scene("a", 60), scene("b", 105), scene("c", 45))
SPOKEN = {"a": spoken("one two three four"), "b": spoken("five six seven eight nine ten")}
LOOK = caption_look(SIZE, "en")
RATE = 48_000
Tone = npt.NDArray[np.float64]
Voice = Callable[[Tone], Tone]
Sources = Callable[[str], FrameSource]


def good(scene_id: str) -> Bars:
    return Bars({"a": 60, "b": 110, "c": 160}[scene_id], SIZE)


class From:
    """One picture up to a frame, another in a stretch after it."""

    def __init__(self, first: FrameSource, then: FrameSource, start: int, frames: int) -> None:
        self.first, self.then, self.start, self.frames = first, then, start, frames

    def frame(self, number: int, /) -> object:
        source = self.then if self.start <= number < self.start + self.frames else self.first
        return source.frame(number)

    def close(self) -> None:
        pass


def in_b(then: Bars, start: int, frames: int) -> Sources:
    return lambda name: From(good(name), then, start, frames) if name == "b" else good(name)  # type: ignore[return-value]


def laid_out(captioner: Captioner) -> Timeline:
    cues = cues_of(PLAN, SPOKEN, LOOK.columns)
    recipe = Recipe(encoder="e", painter="1")
    made = lay_out(PLAN, {s.id: s.id for s in PLAN.scenes}, cues, recipe, captioner.key)
    return made.model_copy(update={"size": SIZE})


CAPTIONER = Captioner(LOOK)
TIMELINE = laid_out(CAPTIONER)
SHELVES: dict[str, Shelf] = {}


def same(samples: Tone) -> Tone:
    return samples


def sound(folder: Path, voice: Voice, seconds: float, gain: float = 1.0) -> Path:
    """A tone at the right loudness, changed by `voice`."""
    tone = np.sin(2 * np.pi * 440 * np.arange(int(RATE * seconds)) / RATE)
    tone *= 10 ** ((-14 - integrated(np.stack([tone, tone], 1).astype(np.float32), RATE)) / 20)
    samples = (np.clip(voice(tone * gain), -1, 1) * 32767).astype("<i2")
    (folder / "a.raw").write_bytes(np.repeat(samples, 2).tobytes())
    graph = ffmpeg.input(str(folder / "a.raw"), f="s16le", ar=RATE, ac=2)
    program.run(
        graph.output(str(folder / "a.m4a"), acodec="aac", aac_coder="fast", audio_bitrate="192k"), "encode a tone"
    )
    return folder / "a.m4a"


@pytest.fixture(scope="module", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Segments of the good film, rendered once."""
    SHELVES["good"] = Shelf(tmp_path_factory.mktemp("good"))
    return SHELVES["good"].folder


def film(
    folder: Path,
    sources: Sources = good,
    voice: Voice = same,
    *,
    timeline: Timeline = TIMELINE,
    captioner: Captioner | None = CAPTIONER,
    gain: float = 1.0,
    seconds: float | None = None,
) -> Path:
    shelf = SHELVES["good"] if sources is good and captioner is CAPTIONER else Shelf(folder / "shelf")
    render_all(timeline.segments, Studio(SIZE, 30, sources, PROFILES["x264"], captioner), shelf)
    plain = voice is same and gain == 1 and seconds is None
    made = SHELVES["good"].folder / "a.m4a"
    if not plain or not made.exists():
        made = sound(made.parent if plain else folder, voice, seconds or timeline.frames / 30, gain)
    parts = [shelf.fetch(segment.key) for segment in timeline.segments]
    frames = sum(segment.frames for segment in timeline.segments)
    return assemble(parts, made, folder / "film.mp4", frames=frames, fps=30)


def found(
    path: Path, narrations: Mapping[str, Narration] = SPOKEN, timeline: Timeline = TIMELINE, painted: Sources = good
) -> list[Finding]:
    script = Script(PLAN, timeline, narrations, painted=lambda name, _size: painted(name))
    return inspect(path, script, path.parent)


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_a_good_film_has_no_findings(tmp_path: Path) -> None:
    assert found(film(tmp_path)) == []


def test_a_black_second(tmp_path: Path) -> None:
    shown = in_b(Black(0, SIZE), 30, 30)
    path = film(tmp_path, shown)
    [finding] = found(path)
    assert finding.code == "black"
    assert finding.scene == "b"
    assert finding.at == pytest.approx(3.0)
    assert finding.seconds == pytest.approx(1.0)
    filmed = TIMELINE.model_copy(update={"footage": ("b",)})
    assert found(path, timeline=filmed, painted=shown) == [], "a user's clip may be black"


def test_a_single_black_frame(tmp_path: Path) -> None:
    [finding] = [f for f in found(film(tmp_path, in_b(Black(0, SIZE), 60, 1))) if f.code == "black"]
    assert finding.scene == "b"
    assert finding.at == pytest.approx(4.0)


def test_a_frozen_stretch_even_under_moving_captions(tmp_path: Path) -> None:
    shown = in_b(Still(110, SIZE), 10, 85)
    path = film(tmp_path, shown)
    [finding] = found(path)
    assert (finding.code, finding.scene) == ("freeze", "b")
    assert finding.at == pytest.approx(2 + 10 / 30, abs=0.05)
    assert finding.seconds == pytest.approx(85 / 30, abs=0.1)
    resting = TIMELINE.model_copy(update={"stills": ("b",)})
    assert found(path, timeline=resting, painted=shown) == [], "a planned still is no fault"


def test_a_voice_that_falls_silent(tmp_path: Path) -> None:
    def mute(samples: Tone) -> Tone:
        samples[int(2.3 * RATE) : int(3.6 * RATE)] = 0
        return samples

    [finding] = found(film(tmp_path, voice=mute))
    assert (finding.code, finding.scene) == ("silence", "b")
    assert finding.at == pytest.approx(2.35, abs=0.1)


def test_a_voice_that_is_only_read_is_not_missed(tmp_path: Path) -> None:
    def mute(samples: Tone) -> Tone:
        samples[int(2.3 * RATE) : int(4.5 * RATE)] = 0
        return samples

    read = {**SPOKEN, "b": SPOKEN["b"].model_copy(update={"engine": "silence"})}
    assert found(film(tmp_path, voice=mute), read) == []


def test_a_wrong_loudness(tmp_path: Path) -> None:
    assert codes(found(film(tmp_path, gain=0.8))) == ["loudness"]


def test_clipping(tmp_path: Path) -> None:
    def click(samples: Tone) -> Tone:
        samples[RATE : RATE + 400] = 1.0
        return samples

    findings = found(film(tmp_path, voice=click))
    assert {"clipping", "true_peak"} <= set(codes(findings))
    clipped = next(finding for finding in findings if finding.code == "clipping")
    assert clipped.scene == "a"
    assert clipped.at == pytest.approx(1.0, abs=0.05)


def test_a_film_that_ends_too_soon(tmp_path: Path) -> None:
    short = TIMELINE.model_copy(update={"segments": TIMELINE.segments[:-1]})
    path = film(tmp_path, timeline=short, seconds=short.segments[-1].end / 30)
    findings = [f for f in found(path) if f.code in ("duration", "missing_scene")]
    assert codes(findings) == ["duration", "missing_scene"]
    assert findings[1].scene == "c"


def test_sound_longer_than_the_picture(tmp_path: Path) -> None:
    assert "drift" in codes(found(film(tmp_path, seconds=7.2)))


def test_a_scene_that_shows_the_one_before(tmp_path: Path) -> None:
    findings = found(film(tmp_path, lambda name: good(name) if name == "a" else Still(110, SIZE)))
    assert [finding.scene for finding in findings if finding.code == "missing_scene"] == ["c"]


def test_captions_that_were_not_burned(tmp_path: Path) -> None:
    findings = found(film(tmp_path, captioner=None))
    assert set(codes(findings)) == {"captions"}
    assert len(findings) == len(TIMELINE.cues)
    assert "does not show" in findings[0].detail


def test_captions_that_nobody_wanted_in_the_picture(tmp_path: Path) -> None:
    path = film(tmp_path, captioner=None)
    assert found(path, timeline=TIMELINE.model_copy(update={"captioned": False})) == []


def test_captions_that_say_something_else(tmp_path: Path) -> None:
    [finding] = found(film(tmp_path), {**SPOKEN, "a": spoken("one two tree four")})
    assert (finding.code, finding.scene) == ("captions", "a")
    assert "is not what is said" in finding.detail


def test_captions_that_come_late(tmp_path: Path) -> None:
    late = tuple(cue.model_copy(update={"first": cue.first + 4}) for cue in TIMELINE.cues)
    findings = found(film(tmp_path), timeline=TIMELINE.model_copy(update={"cues": late, "captioned": False}))
    assert [(f.code, f.scene) for f in findings] == [("captions", "a"), ("captions", "b"), ("captions", "b")]


def test_what_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    assert codes(found(tmp_path / "a.mp4")) == ["container"]


class Known:
    """Stretches in memory, and how often one was asked for that is there."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.hits = 0

    def has(self, key: str) -> bool:
        self.hits += key in self.keys
        return key in self.keys

    def add(self, key: str) -> None:
        self.keys.add(key)


def watched(path: Path, known: Known, monkeypatch: pytest.MonkeyPatch, painted: Sources = good) -> list[Finding]:
    """What is found by an inspection that knows some stretches; `SEEN` are the frames that were looked at."""
    inner = Picture.see

    def see(self: Picture, number: int, luma: Plane) -> None:
        SEEN.append(number)
        inner(self, number, luma)

    SEEN.clear()
    with monkeypatch.context() as patch:
        patch.setattr(Picture, "see", see)
        script = Script(PLAN, TIMELINE, SPOKEN, painted=lambda name, _size: painted(name))
        return inspect(path, script, path.parent, watched=known)


SEEN: list[int] = []


def test_what_was_watched_is_not_watched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known()
    assert watched(film(tmp_path), known, monkeypatch) == []
    assert list(range(TIMELINE.frames)) == SEEN
    assert len(known.keys) == len(TIMELINE.segments)
    assert watched(film(tmp_path), known, monkeypatch) == []
    assert SEEN == []


def test_other_bytes_are_watched_whoever_says_they_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known()
    watched(film(tmp_path), known, monkeypatch)
    monkeypatch.setattr(stretches, "AROUND_SECONDS", 0.2)
    watched(film(tmp_path), known, monkeypatch)  # as far around as that, too
    shown = in_b(Black(0, SIZE), 30, 30)
    faulty = film(tmp_path, shown)
    for _ in range(2):  # a stretch with a fault is never known
        [finding] = watched(faulty, known, monkeypatch, shown)
        assert (finding.code, finding.scene, finding.at) == ("black", "b", pytest.approx(3.0))
        assert known.hits > 0
        assert min(SEEN) > 40
        assert {90, 119} <= set(SEEN)


def test_a_freeze_that_begins_in_what_was_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known()
    watched(film(tmp_path), known, monkeypatch)
    shown = in_b(Still(110, SIZE), 10, 80)
    [finding] = watched(film(tmp_path, shown), known, monkeypatch, shown)
    assert (finding.code, finding.scene) == ("freeze", "b")
