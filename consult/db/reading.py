"""The session of a unit that only reads: within one snapshot nothing needs to be asked twice."""

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

T = TypeVar("T")


class ReadingSession(Session):
    """Keeps what was found until the unit ends, for whoever asks again (decision 0106)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._found: dict[Hashable, object] = {}

    def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        """The row with this key; the identity map alone would forget it with its last reader."""
        return self.once((entity, ident), partial(super().get, entity, ident, **options))

    def once(self, question: Hashable, find: Callable[[], T]) -> T:
        """What `find` says the first time that this is asked."""
        if question not in self._found:
            self._found[question] = find()
        return cast("T", self._found[question])


def once(session: Session, question: Hashable, find: Callable[[], T]) -> T:
    """What `find` says: asked once where nothing can change, and each time in a unit that writes.

    The answer is shared by all who ask, so it must be one that nobody changes.
    """
    return session.once(question, find) if isinstance(session, ReadingSession) else find()
