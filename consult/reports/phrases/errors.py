"""What can go wrong with a phrase."""

from consult.kernel.errors import ConflictError


class PhraseChangedError(ConflictError):
    """The phrase was changed elsewhere since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("phrase-changed")
