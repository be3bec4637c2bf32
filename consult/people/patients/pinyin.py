"""How a word is read aloud in Mandarin: the one door to pypinyin.

Its dictionaries take a sixth of a second to read, so they are read when the first name is, and
not while the house starts; `load_dictionaries` lets a thread do so before anybody waits for it.
"""

from types import ModuleType


def read_usually(word: str) -> list[str]:
    """The reading that is usual in this word, a part a letter."""
    return list(_pypinyin().lazy_pinyin(word))


def read_every_way(word: str) -> list[list[str]]:
    """Every reading of each letter, without tones."""
    pypinyin = _pypinyin()
    return list(pypinyin.pinyin(word, style=pypinyin.Style.NORMAL, heteronym=True))


def load_dictionaries() -> None:
    """Read them now; a second time costs nothing."""
    _pypinyin()


def _pypinyin() -> ModuleType:
    import pypinyin  # noqa: PLC0415 - see above: loaded with the first name, not at start

    return pypinyin
