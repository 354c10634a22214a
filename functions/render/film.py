"""From a plan and its assets to the finished film: segments, sound, captions, poster, one MP4."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from common.domain.model import digest
from common.domain.outputs import CODECS
from common.domain.pacing import LEAD_IN
from common.domain.plan import Plan
from common.engine import artefacts, production
from common.engine.artefacts import Artefact, Made
from common.engine.task import Task
from common.media import captions, encoder, ffmpeg, fonts, mix, subtitles, timeline
from common.media.assemble import assemble
from common.media.branded import caption_look
from common.media.captioner import Captioner
from common.media.composition import Clip, Composition
from common.media.painter import Painter
from common.media.poster import poster
from common.media.render import ALONE, Share, render_all
from common.media.segments import Studio
from common.media.timeline import Segment, Timeline
from common.media.track import encode_master
from functions.render import hls, outputs
from functions.render.kept import ObjectSegments

PAINTER = "3"  # grows when equal compositions are painted differently
JOIN = "2"  # grows when equal segments are joined differently
CAPTIONS = "1"  # grows when equal cues are written differently
MIX = "3"  # grows when equal sounds are mixed differently


@dataclass(frozen=True)
class Film:
    """What a render made: artefacts by what they are, and how much of the picture was new."""

    made: tuple[Artefact, ...]
    segments: int
    rendered: int
    why: dict[str, str]
    encoder: str


def lay_out(
    task: Task, plan: Plan, compositions: Mapping[str, Composition]
) -> tuple[Timeline, Captioner, encoder.Profile]:
    """The timeline of the film, in frames of the video, with the key of every segment."""
    plan = plan.at(plan.rate)
    narrations = production.narrations_of(task)
    takes = task.input.get("scenes", {})
    pictures = {scene: _key(composition, takes.get(scene, 0)) for scene, composition in compositions.items()}
    look = caption_look(plan)
    cues = captions.cues_of(plan, narrations, look.columns)
    captioner = Captioner(look)
    profile = encoder.choose(task.request.encoder)
    recipe = timeline.Recipe(encoder=profile.key, painter=PAINTER)
    clips = {scene for scene, shown in compositions.items() if any(isinstance(layer, Clip) for layer in shown.layers)}
    line = timeline.lay_out(plan, pictures, cues, recipe, captioner.key, clips)
    return line.model_copy(update={"codec": CODECS[profile.name]}), captioner, profile


def make(task: Task, share: Share = ALONE) -> Film:
    """Make what is missing of the film and join it. Every segment is kept as soon as it is encoded."""
    with tempfile.TemporaryDirectory(prefix="film-") as name:
        folder = Path(name)
        plan, line, studio = _studio(task, folder)
        sound = _sound(task, plan, folder)  # first, as a stream plays it with the first segment
        texts = _captions(task, plan, line)
        variants = _variants(task, line, folder)
        stream = variants and hls.Growing(task, plan, line, variants, sound, texts, folder)
        why, rendered = _segments(task, line, studio, folder, share, stream.add if stream else None)
        video = _video(task, plan, line, sound, folder)
        others = outputs.make(task, line, video, folder)
        streamed = stream.close(folder) if stream else ()
    made = (sound, video, texts, *others, *streamed)
    return Film(made, len(line.segments), rendered, why, studio.profile.name)


def help_out(task: Task, share: Share) -> None:
    """Make segments that are missing, as a further task of the job whose first one makes the film."""
    with tempfile.TemporaryDirectory(prefix="film-") as name:
        folder = Path(name)
        _, line, studio = _studio(task, folder)
        variants = _variants(task, line, folder)
        _segments(task, line, studio, folder, share, variants.keep if variants else None)


def _variants(task: Task, line: Timeline, folder: Path) -> hls.Variants | None:
    """What encodes the segments in further sizes, where the film is to be streamed."""
    return hls.Variants(task, line, folder) if "hls" in task.request.outputs else None


def _studio(task: Task, folder: Path) -> tuple[Plan, Timeline, Studio]:
    plan = production.plan_of(task)
    compositions = production.pictures_of(task)
    line, captioner, profile = lay_out(task, plan, compositions)
    return plan, line, Studio(plan.size, plan.rate, sources(task, plan, compositions, folder), profile, captioner)


def sources(task: Task, plan: Plan, compositions: Mapping[str, Composition], folder: Path) -> Callable[[str], Painter]:
    """What paints each scene; the user's own files that it needs are fetched into `folder`."""
    media = production.media_of(task, compositions, folder)
    return lambda scene: Painter(compositions[scene], media, plan.size, plan.rate)


def _segments(
    task: Task,
    line: Timeline,
    studio: Studio,
    folder: Path,
    share: Share,
    streamed: Callable[[Segment], object] | None = None,
) -> tuple[dict[str, str], int]:
    """Every segment, each handed to `streamed` as soon as it is kept; then the film's beginning is made first."""
    store = ObjectSegments(task, folder)
    new: list[Segment] = []
    done = 0

    def on_done(segment: Segment, reused: bool) -> None:
        nonlocal done
        if streamed:
            streamed(segment)
        done += segment.frames
        if not reused:
            new.append(segment)
        task.report(0.9 * done / line.frames)

    rendered = render_all(
        line.segments,
        studio,
        store,
        workers=task.context.settings.workers,
        cancelled=task.stop.is_set,
        on_done=on_done,
        share=share,
        early=streamed is not None,
    )
    why = {f"frames {one.start}-{one.end - 1}": _shown(one) for one in sorted(new, key=lambda one: one.start)}
    return why, rendered


def _shown(segment: Segment) -> str:
    return segment.shows.scene if segment.into is None else f"{segment.shows.scene} to {segment.into.scene}"


def _sound(task: Task, plan: Plan, folder: Path) -> Artefact:
    """Voices, ducked music and effects, mastered once and encoded once."""
    voices = production.work_of(task, "generate_narration")
    beds = {
        name: production.work_of(task, step).get("")
        for name, step in (("music", "generate_music"), ("effects", "generate_effects"))
    }
    inputs = {
        "voices": {scene: work["artefact"] for scene, work in voices.items()},
        "starts": dict(zip((scene.id for scene in plan.scenes), plan.starts(), strict=True)),
        "beds": {name: work and work["artefact"] for name, work in beds.items()},
        "seconds": plan.seconds,
        "engine": ["mix", f"{MIX}+{ffmpeg.version()}"],
        **_again(task),
    }

    def produce() -> Made:
        placed = []
        for scene, start in zip(plan.scenes, plan.starts(), strict=True):
            if scene.id in voices:
                wav = task.context.objects.read(voices[scene.id]["files"]["narration.wav"])
                placed.append(mix.Placed(start=start / plan.fps + LEAD_IN, wav=wav))
        found = {
            name: task.context.objects.read(work["files"][f"{name}.wav"]) if work else None
            for name, work in beds.items()
        }
        master = mix.mix(placed, found["music"], found["effects"], plan.seconds)
        task.check()
        return Made({"sound.m4a": encode_master(master, folder / "sound.m4a", cancelled=task.stop.is_set)})

    return artefacts.make(task, "sound", inputs, produce)


def _video(task: Task, plan: Plan, line: Timeline, sound: Artefact, folder: Path) -> Artefact:
    inputs = {
        "engine": ["join", f"{JOIN}+{ffmpeg.version()}"],
        "picture": line,  # whole, since it is kept beside the video, and names scenes that pixels do not tell
        "sound": sound.key,
        "title": plan.title,
        "language": plan.lang,
        **_again(task),
    }

    def produce() -> Made:
        store = ObjectSegments(task, folder)
        parts = [store.fetch(segment.key) for segment in line.segments]
        track = production.fetch(task, sound.files, "sound.m4a", folder)
        target = folder / "video.mp4"
        assemble(
            parts,
            track,
            target,
            frames=line.frames,
            fps=line.fps,
            title=plan.title,
            lang=plan.lang,
            cancelled=task.stop.is_set,
        )
        image = folder / "poster.jpg"
        poster(target, line, image)
        return Made(
            {"video.mp4": target, "poster.jpg": image, "timeline.json": line.model_dump_json().encode()},
            {"bytes": target.stat().st_size},
        )

    return artefacts.make(task, "video", inputs, produce)


def _captions(task: Task, plan: Plan, line: Timeline) -> Artefact:
    narrations = production.narrations_of(task)
    inputs = {
        "cues": list(line.cues),
        "fps": line.fps,
        "narrations": narrations,
        "starts": list(plan.starts()),
        "language": plan.lang,
        "engine": ["captions", CAPTIONS],
    }

    def produce() -> Made:
        return Made(
            {
                "captions.srt": subtitles.srt(line.cues, line.fps).encode(),
                "captions.vtt": subtitles.vtt(line.cues, line.fps).encode(),
                "words.json": subtitles.words(plan, narrations).encode(),
            }
        )

    return artefacts.make(task, "captions", inputs, produce)


def _key(composition: Composition, take: int) -> str:
    """What a scene's pixels depend on. A scene that is repaired is encoded again, even if it is drawn the same."""
    known = [composition, fonts.fonts_digest(fonts.font_path(key) for key in composition.fonts())]
    return digest([*known, take] if take else known)


def _again(task: Task) -> dict[str, int]:
    """What tells apart the sound and the file of a repaired film, which are made again, too."""
    take = int(task.input.get("take", 0))
    return {"take": take} if take else {}
