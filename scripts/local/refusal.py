"""What the command says instead of doing it: one sentence and an exit code."""


class Refusal(Exception):
    """The command cannot go on. 1: the work failed; 2: the call was wrong; 130: the person stopped it."""

    def __init__(self, sentence: str, code: int = 2):
        super().__init__(sentence)
        self.code = code
