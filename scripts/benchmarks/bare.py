"""What the API is measured against: FastAPI with nothing in front of it, answering the same JSON from memory."""

import json
import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from scripts.benchmarks.servers import ANSWERS

app = FastAPI()
_answers: dict[str, Any] = json.loads(Path(os.environ[ANSWERS]).read_text())


class Content(BaseModel):
    """The least that a request for a video says."""

    content: str


@app.get("/health")
def health() -> Any:
    """The service is up."""
    return _answers["health"]


@app.get("/presets")
def presets() -> Any:
    """Every preset."""
    return _answers["presets"]


@app.get("/pipeline/{pipeline_id}")
def get_pipeline(pipeline_id: str) -> Any:  # noqa: ARG001 - FastAPI reads it
    """A pipeline, whichever is asked for."""
    return _answers["get_pipeline"]


@app.post("/pipeline/run", status_code=202)
def run_pipeline(body: Content) -> Any:  # noqa: ARG001 - FastAPI validates it
    """A pipeline that was never made."""
    return _answers["run_pipeline"]
