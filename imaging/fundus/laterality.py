"""Proposals for the eye and the field of a picture, each with its source; never a decision."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from imaging.fundus.disc import Disc
from imaging.fundus.fields import DISC_CENTRED, EXTERNAL, MACULA_CENTRED

RIGHT: Final = "R"
LEFT: Final = "L"

_TAG_CONFIDENCE: Final = 0.95
_NAME_CONFIDENCE: Final = 0.8
_LETTER_CONFIDENCE: Final = 0.6
_DISC_CONFIDENCE: Final = 0.5
_CENTRED: Final = 0.18
_MACULAR_OFFSETS: Final = (0.3, 0.8)

_LATIN: Final = re.compile(r"[A-Za-z]+")
_CJK: Final = re.compile(r"[\u4e00-\u9fff]+")
_EYES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("od", "r", "right", "右", "右眼"), RIGHT),
    **dict.fromkeys(("os", "l", "left", "左", "左眼"), LEFT),
}
_FIELDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("mac", "macula", "macular", "黄斑"), MACULA_CENTRED),
    **dict.fromkeys(("disc", "disk", "onh", "视盘", "视乳头"), DISC_CENTRED),
    **dict.fromkeys(("ext", "external", "外眼", "外眼像", "眼前节"), EXTERNAL),
}
# Words that may stand beside an eye or a field in one run of Chinese characters.
_BESIDE: Final = ("中心", "区", "眼底", "照片", "照相", "照", "彩照", "彩色", "图", "片", "像")
_WORDS: Final = sorted(
    (word for word in (*_EYES, *_FIELDS, *_BESIDE) if _CJK.fullmatch(word)), key=len, reverse=True
)
_RUN: Final = re.compile("|".join(_WORDS))
_WHOLE_RUN: Final = re.compile(f"(?:{_RUN.pattern})+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed eye or field, where it comes from (`tag`, `file-name`, `disc`), how sure."""

    value: str
    source: str
    confidence: float


def propose_eye(
    *, image_laterality: str | None, laterality: str | None, filename: str, disc: Disc | None
) -> tuple[Proposal, ...]:
    """Return every proposal for the eye, the surest source first.

    The disc lies on the nasal side: on the picture's right in a right eye.
    """
    found = []
    tagged = image_laterality or laterality
    if tagged in {RIGHT, LEFT}:
        found.append(Proposal(tagged, "tag", _TAG_CONFIDENCE))
    found += _from_name(filename, _EYES)
    if disc is not None and disc.side is not None:
        eye = RIGHT if disc.side == "right" else LEFT
        found.append(Proposal(eye, "disc", _DISC_CONFIDENCE))
    return tuple(found)


def propose_field(*, tagged: str | None, filename: str, disc: Disc | None) -> tuple[Proposal, ...]:
    """Return every proposal for the field, the surest source first."""
    found = []
    if tagged is not None:
        found.append(Proposal(tagged, "tag", _TAG_CONFIDENCE))
    found += _from_name(filename, _FIELDS)
    seen = _field_of_disc(disc)
    if seen is not None:
        found.append(Proposal(seen, "disc", _DISC_CONFIDENCE))
    return tuple(found)


def _field_of_disc(disc: Disc | None) -> str | None:
    if disc is None:
        return None
    if abs(disc.offset) <= _CENTRED:
        return DISC_CENTRED
    nearest, farthest = _MACULAR_OFFSETS
    return MACULA_CENTRED if nearest <= abs(disc.offset) <= farthest else None


def _from_name(filename: str, words: Mapping[str, str]) -> list[Proposal]:
    """Propose what the name's whole words agree on; two different answers are none."""
    said = {token: words[token] for token in _tokens(filename) if token in words}
    if len(set(said.values())) != 1:
        return []
    is_letter = all(len(token) == 1 and token.isascii() for token in said)
    confidence = _LETTER_CONFIDENCE if is_letter else _NAME_CONFIDENCE
    return [Proposal(next(iter(said.values())), "file-name", confidence)]


def _tokens(filename: str) -> Iterator[str]:
    """Yield the words of a file name without its folder and ending.

    A run of Chinese characters counts only where all of it is known: 右 in a person's name
    is no eye.
    """
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    for run in _LATIN.findall(stem):
        yield run.lower()
    for run in _CJK.findall(stem):
        if _WHOLE_RUN.fullmatch(run):
            yield from _RUN.findall(run)
