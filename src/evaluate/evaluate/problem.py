"""Errors that end a run."""


class Problem(Exception):
    """What is wrong and what to do about it, in one or two sentences. `code` is the exit status."""

    def __init__(self, message: str, code: int = 1):
        super().__init__(message)
        self.code = code


class Interrupted(Problem):
    """SIGINT or SIGTERM, after the answers under way were kept."""

    def __init__(self) -> None:
        super().__init__("stopped. The same command continues where this run ended.", 130)
