"""A user's clip as frames at our rate and size: decoded in order, chosen by timestamp, cropped to fill the picture."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from common.media.raster import Plane, Planes

_UNSAID = 2  # AVCOL_SPC_UNSPECIFIED
# What libav raises over a damaged or foreign file: its own errors, and Python's for odd values in headers.
MEDIA_ERRORS = (av.FFmpegError, OSError, ValueError, IndexError, TypeError, ArithmeticError, AttributeError)

# What a user's file may be. Others, such as playlists and scripts, would have libav open what they name.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,ogg,flac,wav,mp3,aac,asf,flv,gif,image2,"
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,mjpeg,webp_anim,h264,hevc"
)


class UnreadableMedia(Exception):
    """A user's file that cannot be shown; the text says which and why, in one sentence."""


def open_media(path: Path, most_pixels: int | None = None) -> Any:
    """The container of a user's file, which may name no other file and no host; one of MEDIA_ERRORS.

    Opening decodes a first picture. One of more than `most_pixels` it leaves alone, and its size is 0 x 0 then.
    """
    limits: Any = [{"max_pixels": str(most_pixels)}] if most_pixels is not None else None
    return av.open(
        str(path), options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"}, stream_options=limits
    )


class Footage:
    """Frames of a clip at `fps`, filling `width` x `height` pixels.

    `planes(n)` is a pure function of n in every order; ascending order is the fast one. A variable frame rate becomes
    constant by taking the newest frame at each time. Raises UnreadableMedia for files that are no video or are broken.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int, loop: bool = True) -> None:
        self._path, self._size, self._fps, self._loop = path, (width, height), fps, loop
        self._container: Any = None
        self._frames: Any = None
        self._now: Any = None  # the frame on show and the one after it
        self._next: Any = None
        self._shown: tuple[Any, Planes] | None = None
        try:
            self._open()
            self._start = self._time(self._next)
            self._length = self._measure()
        except (*MEDIA_ERRORS, StopIteration) as error:
            self.close()
            raise UnreadableMedia(
                f"The clip {path.name} cannot be read ({type(error).__name__}); send an MP4, MOV or WebM that plays."
            ) from error

    def planes(self, number: int) -> Planes:
        """The clip's picture at our frame `number`; before 0 it is the first, past the end it repeats or holds."""
        at = Fraction(max(number, 0), self._fps)
        if at >= self._length:
            at = at % self._length if self._loop else self._length
        try:
            frame = self._seek(self._start + at)
            if self._shown is None or self._shown[0] is not frame:
                self._shown = (frame, self._cover(frame))
        except MEDIA_ERRORS as error:
            raise UnreadableMedia(
                f"The clip {self._path.name} is damaged {float(at):.1f} s in; send it again."
            ) from error
        return self._shown[1]

    def close(self) -> None:
        """Let go of the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> None:
        self.close()
        self._container = open_media(self._path)
        if not self._container.streams.video:
            raise ValueError("no video stream")
        stream = self._container.streams.video[0]
        stream.thread_count = 1
        self._frames = self._container.decode(stream)
        self._now, self._next = None, None
        self._next = next(self._frames)

    def _time(self, frame: Any) -> Fraction:
        if frame.pts is None:
            raise ValueError("a frame without a time")
        return Fraction(frame.pts * frame.time_base)

    def _measure(self) -> Fraction:
        """Length in seconds, from the stream, the file or the packets; at least one of our frames."""
        stream = self._container.streams.video[0]
        if stream.duration:
            length = Fraction(stream.duration) * stream.time_base
        elif self._container.duration:
            length = Fraction(self._container.duration, av.time_base)
        else:
            with open_media(self._path) as again:
                times = [packet.pts * packet.time_base for packet in again.demux(video=0) if packet.pts is not None]
            length = max(times) - min(times)
        return max(Fraction(length), Fraction(1, self._fps))

    def _seek(self, time: Fraction) -> Any:
        """The newest frame at or before a time."""
        here = self._time(self._now) if self._now is not None else None
        if here is None or time < here or time > here + 4:
            self._jump(time)
        while self._next is not None and (self._now is None or self._time(self._next) <= time):
            self._now = self._next
            self._next = next(self._frames, None)
        return self._now

    def _jump(self, time: Fraction) -> None:
        """Begin again at the key frame before a time, from the top when the file cannot be searched."""
        self._open()
        if time - self._start < 2:
            return
        stream = self._container.streams.video[0]
        early = time - Fraction(1, 2)  # room for pictures that lean on frames before their key frame
        try:
            self._container.seek(int(early / stream.time_base), stream=stream, backward=True)
            self._frames = self._container.decode(stream)
            self._next = next(self._frames)
            if self._time(self._next) > time:
                self._open()
        except (*MEDIA_ERRORS, StopIteration):
            self._open()

    def _cover(self, frame: Any) -> Planes:
        """Crop and scale a frame so that it fills the picture, turned upright."""
        # A clip that does not say its colours has those of its time: BT.709 from 720 lines on, BT.601 below.
        unsaid = frame.colorspace == _UNSAID
        source = ("ITU709" if frame.height >= 720 else "ITU601") if unsaid else None
        turned = frame.reformat(
            format="yuv420p", src_colorspace=source, dst_colorspace="ITU709", dst_color_range="MPEG"
        )
        planes = [_plane(turned.planes[at]) for at in range(3)]
        quarter = round(getattr(frame, "rotation", 0) / 90) % 4
        if quarter:
            planes = [np.ascontiguousarray(np.rot90(plane, quarter)) for plane in planes]
        width, height = self._size
        luma, blue, red = (
            cover(plane, width // part, height // part) for plane, part in zip(planes, (1, 2, 2), strict=True)
        )
        return Planes(luma, blue, red)


def cover(plane: Plane, width: int, height: int) -> Plane:
    """Scale a plane or picture so that it fills width x height, cropping evenly what stands over."""
    rows, columns = plane.shape[:2]
    scale = max(width / columns, height / rows)
    across, down = min(columns, max(1, round(width / scale))), min(rows, max(1, round(height / scale)))
    x, y = (columns - across) // 2, (rows - down) // 2
    part = plane[y : y + down, x : x + across]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=how), dtype=np.uint8)


def _plane(plane: Any) -> Plane:
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]
