"""The film as HTTP Live Streaming, which plays while later scenes still render.

A segment's variants are encoded right after it, by the worker that rendered it, and kept by key: an edit encodes those
of changed segments alone. As soon as the film's first segments are there, they are shown, and the list grows with them.
The finished stream is an artefact: one file for each size and for the sound, and playlists of their byte ranges.
"""

import threading
from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common.domain.ladder import ladder
from common.domain.model import digest
from common.domain.plan import Plan
from common.engine import artefacts, production, streams
from common.engine.artefacts import Artefact, Made
from common.engine.task import Task
from common.media import ffmpeg
from common.media.encoder import TIMESCALE
from common.media.ffmpeg import FFmpegFailed
from common.media.hls import playlists, sound, variants
from common.media.hls.boxes import boxes
from common.media.hls.codecs import codec_of
from common.media.hls.stream import Part, Stream, Track
from common.media.timeline import Segment, Timeline
from functions.render.kept import ObjectSegments

VERSION = "1"  # grows when equal fragments become other files
_PAUSE = 1.0  # seconds between two growths of the stream that are shown, unless it has doubled meanwhile
_SLACK = 0.05  # seconds by which a segment of the sound may be longer than the picture's


class Variants:
    """Segments of a film in every size of its ladder."""

    def __init__(self, task: Task, line: Timeline, folder: Path):
        self.rungs = ladder(line.size)
        self._store = ObjectSegments(task, folder)
        self._task, self._folder, self._stopped = task, folder, task.stop.is_set

    def key(self, segment: Segment) -> str:
        """What the variants of a segment are kept by."""
        return variants.variants_key(segment.key, self.rungs)

    def keep(self, segment: Segment) -> None:
        """See that the variants of a kept segment are kept, too: encoded now, unless they are. No file is left."""
        key = self.key(segment)
        if not self._store.has(key):
            with TemporaryDirectory(prefix="variants-", dir=self._folder) as name:
                folder = Path(name)
                source = ObjectSegments(self._task, folder).fetch(segment.key)
                target = folder / "variants.mp4"
                self._store.put(key, variants.encode(source, self.rungs, target, cancelled=self._stopped))

    def fetch(self, segment: Segment) -> Path:
        """A local path of a kept segment's variants, one behind the other; kept first, unless they are."""
        self.keep(segment)
        return self._store.fetch(self.key(segment))


class Growing:
    """The stream of a film whose segments are being made; for any number of threads."""

    def __init__(
        self,
        task: Task,
        plan: Plan,
        line: Timeline,
        made: Variants,
        track: Artefact,
        texts: Artefact,
        folder: Path,
    ):
        self._task, self._line, self._variants = task, line, made
        self._tracks: dict[str, Track] = {}  # of the picture, without parts
        self._inits: dict[str, bytes] = {}
        self._parts: dict[str, Sequence[Part]] = {}  # by segment, in the order of the rungs
        self._growing = threading.Lock()
        self._shown, self._shown_at = 0, task.context.clock.now()
        self._sound = _sound(task, line, track, folder)
        longest = max(segment.frames for segment in line.segments) / line.fps
        self._bare = Stream(
            film=digest([[made.key(one) for one in line.segments], self._sound.key, texts.key, VERSION])[:16],
            fps=line.fps,
            target=max(1, int(longest + _SLACK + 0.5)),
            lang=plan.lang,
            seconds=line.frames / line.fps,
            captions=texts.files["captions.vtt"],
            sound=_sound_track(self._sound),
            video=(),
        )

    def add(self, segment: Segment) -> None:
        """Make the variants of a kept segment, and show how far the film has come by it."""
        data = self._read(segment)
        with self._growing:
            self._parts[segment.key] = self._split(segment, data)
            ready = sum(1 for _ in takewhile(lambda one: one.key in self._parts, self._line.segments))
            now = self._task.context.clock.now()
            rested = (now - self._shown_at).total_seconds() >= _PAUSE
            if ready > self._shown and (rested or ready >= 2 * self._shown):  # kept ones come in a burst
                streams.publish(self._task, self._stream(ready))
                self._shown, self._shown_at = ready, now

    def close(self, folder: Path) -> tuple[Artefact, ...]:
        """Put the whole stream together, once every segment was added, and show that it has ended."""
        stream = self._stream(len(self._line.segments))
        inputs = {"engine": ["hls", f"{VERSION}+{ffmpeg.version()}"], "film": stream.film}
        package = artefacts.make(self._task, "hls", inputs, lambda: self._package(stream, folder))
        video = tuple(_moved(track, package.files[f"hls/{track.name}.mp4"]) for track in stream.video)
        streams.publish(self._task, stream.model_copy(update={"video": video, "ended": True}))
        return self._sound, package

    def _read(self, segment: Segment) -> bytes:
        path = self._variants.fetch(segment)
        data = path.read_bytes()
        path.unlink()  # the disk may be memory
        return data

    def _split(self, segment: Segment, data: bytes) -> list[Part]:
        """Where each fragment of a segment lies in the object of its variants, which all begin with an init segment."""
        key = ObjectSegments.name(self._variants.key(segment))
        ticks = segment.frames * TIMESCALE // self._line.fps
        found, parts = list(boxes(data)), []
        for rung, at in zip(self._variants.rungs, range(0, len(found), 4), strict=True):
            ftyp, _moov, moof, mdat = found[at : at + 4]
            init = data[ftyp.start : moof.start]
            if self._inits.setdefault(rung.name, init) != init:
                raise FFmpegFailed(f"FFmpeg encoded {segment.label} in {rung.name} by other parameters than the rest.")
            if rung.name not in self._tracks:
                self._tracks[rung.name] = Track(
                    name=rung.name,
                    codec=codec_of(init),
                    timescale=TIMESCALE,
                    init=Part(key=key, at=ftyp.start, size=len(init)),
                    width=rung.size.width,
                    height=rung.size.height,
                )
            parts.append(Part(key=key, at=moof.start, size=mdat.end - moof.start, ticks=ticks))
        return parts

    def _stream(self, ready: int) -> Stream:
        """The first segments of the film in every rendition."""
        rows = [self._parts[segment.key] for segment in self._line.segments[:ready]]
        columns = zip(*rows, strict=True)
        tracks = zip(self._variants.rungs, columns, strict=True)
        video = [self._tracks[rung.name].model_copy(update={"parts": parts}) for rung, parts in tracks]
        sound = self._bare.sound
        return self._bare.model_copy(
            update={"video": tuple(video), "sound": sound.model_copy(update={"parts": sound.parts[:ready]})}
        )

    def _package(self, stream: Stream, folder: Path) -> Made:
        """One file for each size, written segment by segment, and the playlists of all."""
        files: dict[str, bytes | Path] = {
            "hls/master.m3u8": playlists.master(stream, str).encode(),
            "hls/captions.m3u8": playlists.captions(stream, str).encode(),
            "hls/captions.vtt": self._task.context.objects.read(stream.captions),
        }
        for track in (*stream.video, stream.sound):
            files[f"hls/{track.name}.m3u8"] = playlists.whole(stream, track).encode()
        paths = {track.name: folder / f"hls-{track.name}.mp4" for track in stream.video}
        for name, path in paths.items():
            path.write_bytes(self._inits[name])
            files[f"hls/{name}.mp4"] = path
        for number, segment in enumerate(self._line.segments):
            data = self._read(segment)
            for track in stream.video:
                part = track.parts[number]
                with paths[track.name].open("ab") as file:
                    file.write(track.placed(number, data[part.at : part.at + part.size]))
        return Made(files)


def _sound(task: Task, line: Timeline, track: Artefact, folder: Path) -> Artefact:
    """The sound as a file of fragments, with the sizes and lengths that tell where they lie."""
    ends = [segment.end / line.fps for segment in line.segments]
    inputs = {"engine": ["hls_sound", f"{VERSION}+{ffmpeg.version()}"], "sound": track.key, "ends": ends}

    def produce() -> Made:
        source = production.fetch(task, track.files, "sound.m4a", folder)
        init = sound.init_of(source, cancelled=task.stop.is_set)
        pieces = sound.cut(source, ends)
        facts = {
            "codec": codec_of(init),
            "init": len(init),
            "sizes": [len(data) for data, _ in pieces],
            "ticks": [ticks for _, ticks in pieces],
        }
        placed = _track_of(facts, "")
        data = b"".join(placed.placed(number, data) for number, (data, _) in enumerate(pieces))
        return Made({"hls/sound.mp4": init + data}, facts)

    return artefacts.make(task, "hls_sound", inputs, produce)


def _sound_track(made: Artefact) -> Track:
    return _track_of(made.facts, made.files["hls/sound.mp4"])


def _track_of(facts: Mapping[str, Any], key: str) -> Track:
    lengths = zip(facts["sizes"], facts["ticks"], strict=True)
    track = Track(
        name="sound",
        codec=facts["codec"],
        timescale=sound.RATE,
        init=Part(key=key, at=0, size=facts["init"]),
        parts=tuple(Part(key=key, at=0, size=size, ticks=ticks) for size, ticks in lengths),
        lead=sound.LEAD,
    )
    return _moved(track, key)


def _moved(track: Track, key: str) -> Track:
    """The same track, its parts lying behind its init segment in one file."""
    starts = accumulate((part.size for part in track.parts), initial=track.init.size)
    parts = [part.model_copy(update={"key": key, "at": at}) for part, at in zip(track.parts, starts, strict=False)]
    init = track.init.model_copy(update={"key": key, "at": 0})
    return track.model_copy(update={"init": init, "parts": tuple(parts)})
