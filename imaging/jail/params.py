"""Parameters of a job, taken out by kind; what does not fit is refused, not guessed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from imaging.errors import Refusal, RefusedError

_LONGEST_TEXT: Final = 1024


class Params:
    """Typed reading of a job's parameters.

    Every method raises RefusedError (`invalid-params`, with the parameter's name).
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, *, default: str | None = None) -> str:
        """Return a required text, or the default where one is given."""
        found = self.optional_text(name)
        found = default if found is None else found
        if found is None:
            raise refused(name)
        return found

    def optional_text(self, name: str) -> str | None:
        """Return a text or None."""
        found = self._values.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or len(found) > _LONGEST_TEXT:
            raise refused(name)
        return found

    def choice(self, name: str, choices: frozenset[str]) -> str | None:
        """Return one of the choices or None."""
        found = self.optional_text(name)
        if found is not None and found not in choices:
            raise refused(name)
        return found

    def whole(self, name: str, *, default: int, least: int, most: int) -> int:
        """Return a whole number within bounds."""
        found = self._values.get(name)
        found = default if found is None else found
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise refused(name)
        return found

    def optional_number(self, name: str) -> float | None:
        """Return a number or None."""
        found = self._values.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise refused(name)
        return float(found)

    def optional_moment(self, name: str) -> datetime | None:
        """Return a local time without zone (ISO 8601) or None."""
        found = self.optional_text(name)
        if found is None:
            return None
        try:
            moment = datetime.fromisoformat(found)
        except ValueError as error:
            raise refused(name) from error
        if moment.tzinfo is not None:
            raise refused(name)
        return moment

    def group(self, name: str) -> "Params":
        """Return a nested group of parameters, empty where there is none."""
        return Params(self.mapping(name))

    def mapping(self, name: str) -> Mapping[str, Any]:
        """Return nested values that somebody else reads, empty where there are none."""
        found = self._values.get(name) or {}
        if not isinstance(found, dict):
            raise refused(name)
        return found

    def has(self, name: str) -> bool:
        """Say whether a parameter is given and not null."""
        return self._values.get(name) is not None


def refused(name: str) -> RefusedError:
    """Return the refusal that names a parameter."""
    return RefusedError(Refusal.INVALID_PARAMS, {"param": name})
