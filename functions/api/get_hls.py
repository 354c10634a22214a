"""GET /pipeline/{id}/hls/{part}: playlists and segments of a video, as far as it is rendered.

Bytes come from here, not by a redirect to the storage: the request that follows one from another origin would have lost
its own (Origin: null, Fetch standard), which a bucket's CORS rules cannot name. Playlists name their parts relative to
themselves, so that a playlist's lines never change, as links that expire would.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from common.domain.outputs import PLAYLIST
from common.domain.pipeline import Pipeline
from common.domain.request import PipelineRequest
from common.engine import streams
from common.http.archive import BLOCK
from common.http.call import Answer, Call, Empty
from common.http.pipelines import ended_badly, visible
from common.http.problem import Problem, not_found
from common.media.hls import playlists
from common.media.hls.boxes import find
from common.media.hls.stream import Stream, Track
from common.platform.objects import ObjectMissing, Objects

MEDIA_TYPE = (PLAYLIST, "video/mp4", "audio/mp4", "text/vtt")
PROBLEMS = ("not_found", "pipeline_failed", "pipeline_cancelled", "files_gone")
RETRY_SECONDS = 2

_MASTER = "master.m3u8"
_PART = re.compile(r"([0-9a-f]{16})-([a-z0-9]{1,8})(?:-(\d{1,5}))?\.(m3u8|mp4|m4s|vtt)")
_FOREVER = "private, max-age=31536000, immutable"  # what a film's name stands before never changes


def handle(call: Call[Empty]) -> Answer:
    """`master.m3u8` is where a player starts; 404 with Retry-After while there is nothing to play yet."""
    pipeline = visible(call, "result")
    if problem := ended_badly(pipeline):
        raise problem
    wanted = call.params["part"]
    named = _PART.fullmatch(wanted)
    found: Answer | None = None
    if wanted == _MASTER:
        stream = streams.current(call.context, pipeline)
        found = _playlist(playlists.master(stream, _addresses(stream))) if stream else None
    elif named:
        film, name, number, kind = named.groups()
        stream = streams.current(call.context, pipeline, film)
        found = _part(call, stream, name, None if number is None else int(number), kind) if stream else None
    if found is None:
        raise _missing(pipeline, wanted)
    return found


def _part(call: Call[Empty], stream: Stream, name: str, number: int | None, kind: str) -> Answer | None:
    """A playlist, init segment or media segment of a rendition; None for what is none of the stream's, or not yet."""
    track, address = stream.track(name), _addresses(stream)
    match kind:
        case "m3u8" if track and number is None:
            return _playlist(playlists.growing(stream, track, address))
        case "m3u8" if name == "captions" and number is None:
            return _playlist(playlists.captions(stream, address))
        case "vtt" if name == "captions" and number is None:
            return _lasting(_found(call, lambda objects: objects.read(stream.captions)), "text/vtt")
        case "mp4" if track and number is None:
            return _lasting(_range(call, track.init.key, track.init.at, track.init.size), _media_type(track))
        case "m4s" if track and number is not None and number < len(track.parts):
            return _lasting(_segment(call, track, number), _media_type(track))
    return None


def _segment(call: Call[Empty], track: Track, number: int) -> Iterator[bytes]:
    """A media segment in its place, block by block, as Cloud Run sends more than 32 MiB in chunks only."""
    part = track.parts[number]
    end = part.at + part.size
    first = _range(call, part.key, part.at, min(BLOCK, part.size))  # before the answer begins, as it may be gone
    moof = find(first, "moof").end  # a few bytes for each frame
    rest = (
        call.context.objects.read_range(part.key, at=at, size=min(BLOCK, end - at))
        for at in range(part.at + BLOCK, end, BLOCK)
    )
    return chain([track.placed(number, first[:moof]), first[moof:]], rest)


def _addresses(stream: Stream) -> Callable[[str], str]:
    return lambda name: f"{stream.film}-{name}"


def _playlist(text: str) -> Answer:
    return Answer(body=text, media_type=PLAYLIST)


def _lasting(data: bytes | Iterator[bytes], media_type: str) -> Answer:
    return Answer(body=data, media_type=media_type, headers={"Cache-Control": _FOREVER})


def _media_type(track: Track) -> str:
    return "video/mp4" if track.width else "audio/mp4"


def _range(call: Call[Empty], key: str, at: int, size: int) -> bytes:
    return _found(call, lambda objects: objects.read_range(key, at=at, size=size))


def _found(call: Call[Empty], read: Callable[[Objects], bytes]) -> bytes:
    try:
        return read(call.context.objects)
    except ObjectMissing:
        raise _gone(call.params["id"]) from None


def _missing(pipeline: Pipeline, wanted: str) -> Problem:
    if "hls" not in PipelineRequest.model_validate(pipeline.request).outputs:
        return not_found(f"Pipeline {pipeline.id} is not streamed: its request does not name hls among the outputs.")
    if pipeline.settled:
        return not_found(f"The stream of pipeline {pipeline.id} has no {wanted[:80]!r}; start at {_MASTER}.")
    text = f"Pipeline {pipeline.id} has no {wanted[:80]!r} to play yet; it comes while the video is rendered."
    return Problem(404, "not_found", text, headers={"Retry-After": str(RETRY_SECONDS)})


def _gone(pipeline_id: str) -> Problem:
    return Problem(410, "files_gone", f"The stream of pipeline {pipeline_id} was deleted, so it plays no more.")
