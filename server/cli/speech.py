"""What the commands say, in the language of the terminal."""

import os
import sys
from pathlib import Path

from server.i18n import CHINESE, ENGLISH, Languages, load_languages

_CATALOGUES = Path(__file__).parents[2] / "config" / "locale"


def say(message: str, /, **facts: object) -> None:
    """Print a sentence."""
    print(sentence(message, **facts))  # noqa: T201 - a command answers on its output


def complain(message: str, /, **facts: object) -> None:
    """Print a sentence about what went wrong."""
    print(sentence(message, **facts), file=sys.stderr)  # noqa: T201 - a command answers on its output


def sentence(message: str, /, **facts: object) -> str:
    """The sentence in the terminal's language, its gaps filled."""
    return _languages().text(terminal_language(), message).format(**facts)


def _languages() -> Languages:
    return load_languages(_CATALOGUES) if terminal_language() == CHINESE else Languages({})


def terminal_language() -> str:
    """The language of the terminal, as POSIX XBD section 8.2 orders the variables."""
    chosen = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return CHINESE if next(filter(None, chosen), "").startswith("zh") else ENGLISH
