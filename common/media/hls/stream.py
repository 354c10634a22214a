"""A film as it is streamed: its tracks, where the bytes of their segments lie, and how far they have come."""

from itertools import accumulate

from common.domain.model import Model
from common.media.hls.boxes import place


class Part(Model):
    """Bytes of an object: an init segment, or a media segment of so many ticks of its track."""

    key: str
    at: int
    size: int
    ticks: int = 0


class Track(Model):
    """One rendition: a size of the picture, or the sound, which has no width."""

    name: str
    codec: str
    timescale: int  # ticks a second
    init: Part
    parts: tuple[Part, ...] = ()
    width: int = 0
    height: int = 0
    lead: int = 0  # ticks of the first part that come before time 0: the encoder's run-up

    def starts(self) -> tuple[int, ...]:
        """The decode time of each part, in ticks."""
        return tuple(accumulate((part.ticks for part in self.parts), initial=0))[:-1]

    def seconds(self, number: int) -> float:
        """How long a part is to be seen or heard."""
        return (self.parts[number].ticks - (self.lead if number == 0 else 0)) / self.timescale

    def placed(self, number: int, fragment: bytes) -> bytes:
        """The bytes of a part as the segment that it is in this track."""
        return place(fragment, number + 1, self.starts()[number])


class Stream(Model):
    """What can be played by now. All tracks have equally many parts."""

    film: str  # digest of what all of it is made of: streams of one film differ only in how far they have come
    fps: int
    target: int  # seconds: no segment is longer, rounded
    lang: str
    seconds: float
    captions: str  # key of the WebVTT file
    sound: Track
    video: tuple[Track, ...]  # the film's own size first
    ended: bool = False

    def track(self, name: str) -> Track | None:
        """The rendition of that name."""
        return next((track for track in (*self.video, self.sound) if track.name == name), None)

    def further(self, other: "Stream") -> "Stream":
        """Of two streams of one film the one that has come further; this one, when they have come equally far."""
        return max(self, other, key=lambda stream: (stream.ended, len(stream.sound.parts)))
