"""GET /pipeline/{id}/export: take away all that is known of a pipeline, with its files if wanted."""

from typing import Literal

from pydantic import Field

from common.domain.model import Model
from common.domain.pipeline import Pipeline
from common.http import audited, export
from common.http.call import Answer, Call, Empty
from common.http.pipelines import ended_badly, visible
from common.http.problem import Problem

RETRY_SECONDS = 30


class ExportQuery(Model):
    """In which form."""

    format: Literal["json", "csv", "zip"] = Field(
        default="json",
        description="json is everything, csv the main fields in one line, zip the video with its files and its log.",
    )


Query = ExportQuery
MEDIA_TYPE = ("application/json", "text/csv", "application/zip")
SENDS = ("Content-Disposition",)
PROBLEMS = ("not_finished", "pipeline_failed", "pipeline_cancelled", "files_gone", "export_too_large")


def handle(call: Call[Empty]) -> Answer:
    """A file to keep. json and csv tell what is known so far; zip needs a finished video, and is sent as a stream."""
    pipeline = visible(call, "result")
    form: Literal["json", "csv", "zip"] = call.query.format
    headers = {"Content-Disposition": f'attachment; filename="pipeline-{pipeline.id}.{form}"'}
    answer = _answer(call, pipeline, form, headers)
    audited.note(call, "EXPORT", actor=call.caller.id, subject=pipeline.id, format=form)
    return answer


def _answer(call: Call[Empty], pipeline: Pipeline, form: str, headers: dict[str, str]) -> Answer:
    if form == "json":
        return Answer(body=export.everything(call.context, pipeline), headers=headers)
    if form == "csv":
        return Answer(body=export.line(pipeline), headers=headers, media_type="text/csv; charset=utf-8; header=present")
    if problem := ended_badly(pipeline):
        raise problem
    if pipeline.status != "completed" or pipeline.result is None:
        raise Problem(
            409,
            "not_finished",
            f"Pipeline {pipeline.id} is {pipeline.status}, so there is no video to pack yet; "
            "format=json and format=csv tell what is known so far.",
            headers={"Retry-After": str(RETRY_SECONDS)},
            facts={"pipeline_status": pipeline.status},
        )
    # Accept-Ranges: an archive is written while it is sent, so a part of it cannot be asked for.
    headers["Accept-Ranges"] = "none"
    return Answer(body=export.archive(call.context, pipeline), headers=headers, media_type="application/zip")
