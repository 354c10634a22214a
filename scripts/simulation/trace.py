"""What happened, in order: kept as it came, put into words only when somebody reads it."""

from datetime import timedelta


class Trace:
    """The lines of one run, each with its virtual time and who did it."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str, tuple[object, ...]]] = []

    def __len__(self) -> int:
        return len(self._lines)

    def note(self, now: int, who: str, text: str, *values: object) -> None:
        """Write a line down; `now` in microseconds, `text` with a %s for each value."""
        self._lines.append((now, who, text, values))

    def clear(self) -> None:
        """Forget every line."""
        self._lines.clear()

    def tell(self, last: int | None = None) -> list[str]:
        """The lines as text, all or the last ones."""
        return [
            f"{_clock(now)}  {who:<28} {text % values if values else text}"
            for now, who, text, values in (self._lines if last is None else self._lines[-last:])
        ]


def _clock(now: int) -> str:
    whole = timedelta(microseconds=now)
    hours, rest = divmod(whole.seconds + whole.days * 86_400, 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}.{whole.microseconds // 1000:03}"
