"""What renders of any film keep of their work: encoded segments, by their content."""

from pathlib import Path

from common.engine.task import Task


class ObjectSegments:
    """Encoded segments in the object store, by content key."""

    def __init__(self, task: Task, folder: Path):
        self._objects = task.context.objects
        self._folder = folder

    @staticmethod
    def name(key: str) -> str:
        """The object that a segment is kept in."""
        return f"segments/{key[:2]}/{key}.mp4"

    def has(self, key: str) -> bool:
        """Whether the segment is there."""
        return self._objects.stat(self.name(key)) is not None

    def put(self, key: str, path: Path) -> None:
        """Keep the segment; a rival that kept the same one first is as good."""
        self._objects.create(self.name(key), path, content_type="video/mp4")

    def fetch(self, key: str) -> Path:
        """A local path of the segment."""
        return self._objects.fetch(self.name(key), self._folder / f"{key}.mp4")
