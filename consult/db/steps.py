"""How long a question may take that is answered on the loop: counted in SQLite's own steps."""

from typing import Final


class Steps:
    """So many instructions of SQLite's machine and no more: some milliseconds on any machine."""

    A_TIME: Final = 1000
    MOST: Final = 20

    def __init__(self) -> None:
        self._counted = 0

    def begin(self) -> None:
        """Count anew."""
        self._counted = 0

    def count(self) -> bool:
        """A thousand more; true stops the statement (sqlite3_progress_handler)."""
        self._counted += 1
        return self._counted > self.MOST
