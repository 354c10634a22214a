"""The film by moviepy 2, as its documentation would have it: clips, effects, one composite, one `write_videofile`.

`python -m scripts.benchmarks.film.moviepy_film SPECIFICATION TARGET`, a process of its own, for it is measured whole.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from moviepy import (
    AudioFileClip,
    ColorClip,
    CompositeAudioClip,
    CompositeVideoClip,
    ImageClip,
    TextClip,
    vfx,
)
from moviepy.Clip import Clip
from PIL import Image, ImageDraw, ImageFont

from common.media.ffmpeg import executable

FADE_SECONDS = 16 / 30
BELOW_THE_VOICE = 10 ** (-14 / 20)
LOUDNESS = {"I": -14, "TP": -1.5, "LRA": 11}


def make(asked: dict[str, Any], target: Path) -> None:
    """Make the film that is asked for."""
    size, fps = (asked["width"], asked["height"]), asked["fps"]
    clips: list[Any] = []
    for number, scene in enumerate(asked["scenes"]):
        clip = _scene(scene, size, asked["font"])
        clips.append(clip.with_effects([vfx.CrossFadeIn(FADE_SECONDS)]) if number else clip)
    captions = [_caption(event, asked) for event in asked["captions"]]
    film = CompositeVideoClip([*clips, *captions], size=size).with_duration(asked["seconds"])
    film = film.with_audio(_sound(asked))
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.mp4"
        film.write_videofile(
            str(raw),
            fps=fps,
            codec="libx264",
            preset="veryfast",
            ffmpeg_params=["-crf", "20", "-pix_fmt", "yuv420p"],
            audio_fps=48_000,
            audio_codec="pcm_s16le",
            temp_audiofile=str(Path(folder) / "sound.wav"),
            remove_temp=False,
            logger=None,
        )
        _master(raw, Path(folder) / "sound.wav", target)


def _scene(scene: dict[str, Any], size: tuple[int, int], font: str) -> Clip:
    """A picture under a moving camera, a shade, and the headline that fades in over it."""
    seconds, (first, last) = scene["seconds"] + FADE_SECONDS / 2, scene["zoom"]
    still = ImageClip(scene["picture"]).with_duration(seconds)
    cover = max(size[0] / still.w, size[1] / still.h)

    def zoom(t: float) -> float:
        return float(cover * first * (last / first) ** (t / seconds))

    def place(t: float) -> tuple[float, float]:
        (x0, y0), (x1, y1) = scene["focus"]
        part, scale = t / seconds, zoom(t)
        across, down = still.w * scale - size[0], still.h * scale - size[1]
        return -(x0 + (x1 - x0) * part) * across, -(y0 + (y1 - y0) * part) * down

    moved = still.resized(zoom).with_position(place)
    shade = ColorClip((int(size[0] * 0.6), size[1]), color=(5, 7, 10)).with_opacity(0.5).with_duration(seconds)
    words = TextClip(
        font=font, text=scene["headline"], font_size=size[1] // 10, color="white", method="caption",
        size=(int(size[0] * 0.5), None), text_align="left", duration=seconds,
    )  # fmt: skip
    words = words.with_position((int(size[0] * 0.06), int(size[1] * 0.3))).with_effects([vfx.CrossFadeIn(0.5)])
    return CompositeVideoClip([moved, shade, words], size=size).with_duration(seconds).with_start(scene["start"])


def _caption(event: dict[str, Any], asked: dict[str, Any]) -> Clip:
    """The words on their plate, one of them lit, drawn once."""
    font = ImageFont.truetype(asked["font"], asked["em"])
    lines = ["".join(line) for line in event["lines"]]
    width = int(max(font.getlength(line) for line in lines)) + asked["em"]
    height = int(1.24 * asked["em"] * len(lines)) + asked["em"] // 2
    plate = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), asked["em"] * 0.42, fill=(11, 14, 19, 194))
    number = 0
    for row, line in enumerate(event["lines"]):
        x = (width - font.getlength("".join(line))) / 2
        for word in line:
            fill = (255, 216, 77) if number == event["lit"] else (255, 255, 255)
            draw.text((x, asked["em"] * (0.15 + 1.24 * row)), word, font=font, fill=fill)
            x += font.getlength(word)
            number += 1
    clip = ImageClip(np.array(plate)).with_start(event["start"]).with_duration(event["seconds"])
    return clip.with_position(("center", asked["bottom"] - height))


def _sound(asked: dict[str, Any]) -> CompositeAudioClip:
    """Voices at their places, and the music lower while one of them speaks."""
    voices = [AudioFileClip(voice["path"]).with_start(voice["start"]) for voice in asked["voices"]]
    spoken = [(voice.start, voice.end) for voice in voices]

    def quieter(get: Any, t: Any) -> Any:
        times = np.asarray(t)
        away = np.min([np.maximum(np.maximum(start - times, times - end), 0) for start, end in spoken], axis=0)
        gain = BELOW_THE_VOICE + (1 - BELOW_THE_VOICE) * np.clip(away / 0.6, 0, 1)
        return get(t) * (gain[..., None] if gain.ndim else gain)

    music = AudioFileClip(asked["music"])
    music = music.subclipped(0, min(music.duration, asked["seconds"])).transform(quieter)
    return CompositeAudioClip([music, *voices])


def _master(raw: Path, sound: Path, target: Path) -> None:
    """What moviepy has no part for: loudness in two passes, and the file that begins to play at once."""
    measure = ffmpeg.input(str(sound)).filter("loudnorm", print_format="json", **LOUDNESS).output("-", format="null")
    _, said = measure.run(cmd=executable(), capture_stderr=True, quiet=True)
    found = json.loads(said[said.rindex(b"{") : said.rindex(b"}") + 1])
    measured = {f"measured_{name}": found[f"input_{word}"] for name, word in
                (("I", "i"), ("TP", "tp"), ("LRA", "lra"), ("thresh", "thresh"))}  # fmt: skip
    voice = ffmpeg.input(str(sound)).filter("loudnorm", **LOUDNESS, **measured, offset=found["target_offset"])
    options = {"vcodec": "copy", "acodec": "aac", "audio_bitrate": "192k", "ar": 48_000, "movflags": "+faststart"}
    ffmpeg.output(ffmpeg.input(str(raw))["v"], voice, str(target), **options).run(
        cmd=executable(), quiet=True, overwrite_output=True
    )


if __name__ == "__main__":
    make(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
