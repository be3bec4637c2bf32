"""Chinese and English: Babel catalogues, read once; English sentences are the message ids."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

CHINESE, ENGLISH = "zh-Hans", "en"
LANGUAGES = (CHINESE, ENGLISH)
COUNTS = ("n", "count", "minutes")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate here"
    """Mark a sentence for the catalogue."""
    return text


class Counted(str):
    """A sentence about many that has another form for one."""

    __slots__ = ("_count", "_one")
    _count: str
    _one: str

    def __new__(cls, many: str, one: str) -> Self:
        """The count is the first of COUNTS that the sentence holds."""
        made = super().__new__(cls, many)
        made._one = one
        made._count = next(name for name in COUNTS if f"{{{name}}}" in many)
        return made

    def format(self, *args: object, **facts: object) -> str:
        """As `str.format`, in the form for one where the count is one."""
        return self._form(facts).format(*args, **facts)

    def format_map(self, facts: Any, /) -> str:
        """As `str.format_map`, in the same way."""
        return self._form(facts).format_map(facts)

    def _form(self, facts: Mapping[str, object]) -> str:
        return self._one if str(facts.get(self._count)) == "1" else str(self)


class Languages:
    """The sentences of the product in both languages."""

    def __init__(self, catalogues: Mapping[str, Mapping[str, str]]) -> None:
        self._catalogues = catalogues

    def text(self, language: str, message: str) -> str:
        """The sentence in this language; English is the message itself, or its form for one."""
        return self._catalogues.get(language, {}).get(message, message)

    def translator(self, language: str) -> Callable[[str], str]:
        """A function that gives sentences in this language."""
        sentences = self._catalogues.get(language, {})
        return lambda message: sentences.get(message, message)

    def has(self, language: str, message: str) -> bool:
        """Whether the catalogue of this language holds the sentence."""
        return language == ENGLISH or message in self._catalogues.get(language, {})


def load_languages(folder: Path) -> Languages:
    """Every `zh_Hans/*.po` below the folder, joined, and the English forms for one."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - a supervisor marks, and reads none

    joined: dict[str, str] = {}
    for path in sorted((folder / "zh_Hans").glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="zh_Hans")
        for message in catalogue:
            if message.id and isinstance(message.id, str) and isinstance(message.string, str):
                joined[message.id] = message.string
    with (folder / "en" / "one.po").open("rb") as file:
        forms = [message.id for message in read_po(file, locale="en")]
    counted = {form[1]: Counted(form[1], form[0]) for form in forms if isinstance(form, tuple)}
    return Languages(
        {CHINESE: {key: text for key, text in joined.items() if text}, ENGLISH: counted}
    )


def negotiate(*wishes: str | None) -> str:
    """The first wish that names a language of ours; Chinese otherwise."""
    for wish in wishes:
        if wish in LANGUAGES:
            return str(wish)
    return CHINESE
