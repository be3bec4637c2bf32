"""Why a message did not go."""


class NotSentError(Exception):
    """A message did not arrive; `code` has words in config/terms/notices.toml."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
