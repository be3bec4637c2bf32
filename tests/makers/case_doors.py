"""What a clinic sends about patients and cases, for tests at the door."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from consult.cases.model import Case
from consult.people.patients.model import Patient
from server.transactions import utc_now
from tests.makers.cases import (
    citizen_number,
    make_draft,
    make_patient,
)
from tests.makers.image_house import ImageHouse

NOBODY = "0" * 32


@dataclass
class Numbers:
    """A fresh identity number each time."""

    sequence: int = 1
    used: list[str] = field(default_factory=list)

    def next(self) -> str:
        """The next number of a woman born in 1962."""
        self.sequence += 1
        self.used.append(citizen_number(self.sequence, area="330102"))
        return self.used[-1]


def registration(numbers: Numbers, **changes: Any) -> dict[str, Any]:
    """The form of a new patient."""
    told = {
        "document_kind": "resident_id",
        "document_number": numbers.next(),
        "name": "张桂英",
        "phone": "13905786127",
    }
    return {**told, **changes}


def consent_body(**changes: Any) -> dict[str, Any]:
    """The form of a consent to one case, signed yesterday."""
    told = {
        "items": ["telemedicine", "data_sharing"],
        "scope": "single",
        "signer": "self",
        "method": "paper",
        "signed_on": (utc_now() - timedelta(days=1)).date().isoformat(),
        "cost_yuan": "0",
    }
    return {**told, **changes}


def new_patient(house: ImageHouse, numbers: Numbers) -> Patient:
    """A patient of the centre."""
    return make_patient(house.world, document_number=numbers.next())


def new_draft(house: ImageHouse, numbers: Numbers) -> Case:
    """A draft for a new patient."""
    return make_draft(house.world, new_patient(house, numbers))


def fields_of(answer: dict[str, Any]) -> set[str]:
    """The fields that a refusal names."""
    return {error["field"] for error in answer["errors"]}
