from typing import get_args

import pytest
from pydantic import ValidationError

from common.domain.frame import Size
from common.domain.outputs import ALWAYS, ASKED, OUTPUTS, Output, files_of
from common.domain.request import PipelineRequest

SIZE = Size(width=854, height=480)


def test_every_output_has_its_files() -> None:
    assert set(ASKED) == set(OUTPUTS) == set(get_args(Output))
    for output in OUTPUTS:
        extra = dict(files_of([output], ["s1", "s2"], SIZE)).keys() - ALWAYS.keys()
        assert extra, output


def test_files_have_names_of_their_own() -> None:
    names = [name for name, _ in files_of(OUTPUTS, ["s1", "s2"], SIZE)]
    assert len(set(names)) == len(names)
    assert {"video.mp4", "thumbnail-s1.jpg", "thumbnail-s2.jpg", "preview.gif", "audio.m4a"} <= set(names)


def test_a_stream_has_a_playlist_and_a_file_for_each_of_its_sizes() -> None:
    names = {name for name, _ in files_of(["hls"], [], SIZE)} - ALWAYS.keys()
    sizes = {f"hls/{rung}.{kind}" for rung in ("480p", "360p") for kind in ("m3u8", "mp4")}
    assert names == {*sizes, *ASKED["hls"]}


def test_a_request_names_known_outputs_only() -> None:
    assert PipelineRequest(content="Why cats purr", outputs=("gif", "webm")).outputs == ("gif", "webm")
    with pytest.raises(ValidationError, match="outputs"):
        PipelineRequest.model_validate({"content": "Why cats purr", "outputs": ["avi"]})
