"""What a renderer asks of a picture: frames by number."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from common.domain.frame import Size

Frame = npt.NDArray[np.uint8]  # contiguous planar yuv420p, BT.709, tv range, width * height * 3 // 2 bytes


class FrameSource(Protocol):
    """One scene's picture. Frame 0 is the scene's first; transitions ask for a few before it and after its end."""

    def frame(self, number: int, /) -> Frame:
        """The picture at a local frame; the buffer is the caller's until the next call."""

    def close(self) -> None:
        """Let go of open files."""


def frame_bytes(size: Size) -> int:
    """Bytes of one yuv420p frame."""
    return size.width * size.height * 3 // 2
