"""A patient's name for whoever needs to tell people apart and not to know them (U28).

王英 becomes 王*, 王秀英 becomes 王*英, Wang Xiuying becomes W***.
"""

from dataclasses import replace
from typing import Final

from consult.kernel.work import Actor
from consult.people.patients.model import Patient

_STAR: Final = "*"
_LATIN: Final = "***"
_SHORT: Final = 2


def shown_to(actor: Actor, patient: Patient) -> Patient:
    """The record as this actor is shown it: without need no name, number, telephone or address."""
    if actor.sees_names:
        return patient
    facts = replace(
        patient.facts,
        name=mask_name(patient.facts.name),
        document_number="",
        phone="",
        address="",
        guardian=None,
    )
    return replace(patient, facts=facts)


def mask_name(name: str) -> str:
    """The name with its middle hidden; a name in letters keeps only its first."""
    plain = name.strip()
    if not plain:
        return ""
    if plain[0].isascii() or not plain.replace("·", "").isalpha():
        return plain[0] + _LATIN
    if len(plain) <= _SHORT:
        return plain[0] + _STAR
    return plain[0] + _STAR * (len(plain) - _SHORT) + plain[-1]
