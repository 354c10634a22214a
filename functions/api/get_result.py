"""GET /pipeline/{id}/result: the finished video, or that it is still being made."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from common.http.call import Answer, Call, Empty
from common.http.pipelines import VIEW_EXAMPLE, PipelineView, ended_badly, view, visible

# Long enough to download, short enough for a link that went astray; asking again gives fresh ones.
LINKS_LIVE = timedelta(hours=1)
RETRY_SECONDS = 5


class Result(PipelineView):
    """The finished video: links to its files, and what it is."""

    files: dict[str, str] = Field(
        description="Link by name: video.mp4, captions.srt, ..., what `outputs` asked for, evidence-1.jpg of a fault."
    )
    links_expire_at: datetime = Field(description="Until then the links work; ask again for fresh ones.")
    seconds: float = Field(description="Length of the video.")
    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    fps: int = Field(description="Frames per second.")
    bytes: int = Field(description="Size of video.mp4.")
    sha256: str = Field(description="Checksum of video.mp4, in hex.")
    quality: float = Field(description="0 to 1, as judged by the review.")
    degraded: bool = Field(description="Whether something is missing or at fault; notes say what.")
    notes: list[str] = Field(description="In what the video differs from what was asked.")
    segments: int = Field(description="Parts that the film is joined of.")
    rendered: int = Field(description="Parts that were encoded for it; the others were there already.")


_SIGNED = "https://storage.example.com/delivery/5f0c6ad1b2e94c7783d0"

Reply = Result
REPLIES = {202: PipelineView}
STATUS = (200, 202)
SENDS = ("Retry-After",)
PROBLEMS = ("pipeline_failed", "pipeline_cancelled")
REPLY_EXAMPLE: dict[str, Any] = {
    **VIEW_EXAMPLE,
    "status": "completed",
    "stage": "deliver",
    "progress": 1.0,
    "files": {
        "video.mp4": f"{_SIGNED}/video.mp4?expires=1772360400&signature=mPn4",
        "captions.srt": f"{_SIGNED}/captions.srt?expires=1772360400&signature=Zk3a",
    },
    "links_expire_at": "2026-03-01T10:31:04+00:00",
    "seconds": 20.0,
    "width": 1080,
    "height": 1920,
    "fps": 30,
    "bytes": 4829114,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "quality": 0.91,
    "degraded": False,
    "notes": [],
    "segments": 5,
    "rendered": 5,
}
REPLY_EXAMPLES = {202: {**VIEW_EXAMPLE, "status": "processing", "stage": "render", "progress": 0.42}}


def handle(call: Call[Empty]) -> Answer:
    """200 with links to the files when completed, 202 with the pipeline while it runs, 409 with the reason if never."""
    pipeline = visible(call, "result")
    if problem := ended_badly(pipeline):
        raise problem
    shown = view(call.context, pipeline).model_dump(mode="json")
    if pipeline.status != "completed" or pipeline.result is None:
        return Answer(202, shown, {"Retry-After": str(RETRY_SECONDS)})
    seconds = int(LINKS_LIVE.total_seconds())
    links = {
        name: call.context.objects.signed_url(key, seconds=seconds) for name, key in pipeline.result["files"].items()
    }
    expire = (call.context.clock.now() + LINKS_LIVE).isoformat(timespec="seconds")
    return Answer(body={**pipeline.result, **shown, "files": links, "links_expire_at": expire})
