"""Word lists, written as the running text they read best in."""


def word_set(*texts: str) -> frozenset[str]:
    """The distinct words of whitespace-separated lists."""
    return frozenset(word for text in texts for word in text.split())
