"""Codes of the report as DICOM tells them: the standard's where there is one, else our own."""

from collections.abc import Callable
from typing import Final

from consult.annotations.model import Lesions
from consult.kernel.words import Words
from imaging.fundus.fields import Code
from imaging.report_objects.head import OUR_SCHEME

Say = Callable[[str, str], Words]
"""The words of a code of a group of config/terms."""

LONGEST_MEANING: Final = 64


def own_code(group: str, code: str, words: Words) -> Code:
    """A code of this house, told in both languages where there is room."""
    return Code(f"{group}.{code}", OUR_SCHEME, both(words))


def lesion_code(lesions: Lesions, code: str) -> Code:
    """A lesion of config/lesions.toml."""
    known = lesions.by_code.get(code)
    if known is None:
        return Code(f"lesion.{code}", OUR_SCHEME, code)
    if known.snomed is not None:
        return Code(known.snomed, "SCT", both(known.words))
    return own_code("lesion", code, known.words)


def both(words: Words) -> str:
    """Chinese and English, else Chinese alone."""
    told = f"{words.zh} {words.en}"
    return told if len(told) <= LONGEST_MEANING else words.zh[:LONGEST_MEANING]
