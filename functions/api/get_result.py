"""GET /pipeline/{id}/result: the finished video, or that it is still being made."""

from datetime import timedelta

from common.http.call import Answer, Call, Empty
from common.http.pipelines import ended_badly, view, visible

# Long enough to download, short enough for a link that went astray; asking again gives fresh ones.
LINKS_LIVE = timedelta(hours=1)
RETRY_SECONDS = 5


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
