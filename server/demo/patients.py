"""Patients who never lived, with identity numbers that hold and that nobody can have."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count
from random import Random

from consult.kernel.rules import RuleTable
from consult.people.patients.documents import DocumentKind, Sex, check_letter
from server.demo.model import PatientPlan

_YOUNGEST, _OLDEST = 45, 80
_MOST_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class _Bearer:
    """Who a document and a record are made for."""

    key: str
    institution: str
    name: str
    sex: Sex
    age: int


@dataclass(slots=True)
class PatientMaker:
    """Makes one patient after the other; no number and no phone comes twice."""

    demo: RuleTable
    rng: Random
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def make_named(self) -> tuple[PatientPlan, ...]:
        """The patients whose names the file gives."""
        return tuple(self._make_row(row) for row in self.demo.tables("patients"))

    def make_any(self, *, key: str, institution: str) -> PatientPlan:
        """A patient of the usual age at this institution."""
        sex = self.rng.choice((Sex.FEMALE, Sex.MALE))
        names = self.demo.table("names")
        given = names.texts("female" if sex is Sex.FEMALE else "male")
        name = self.rng.choice(names.texts("surnames")) + self.rng.choice(given)
        age = self.rng.randint(_YOUNGEST, _OLDEST)
        return self._make(_Bearer(key, institution, name, sex, age))

    def _make_row(self, row: RuleTable) -> PatientPlan:
        row.only(
            *("key", "name", "sex", "age", "institution", "document_kind", "document_number"),
            "picture_seed",
        )
        bearer = _Bearer(
            key=row.text("key"),
            institution=row.text("institution"),
            name=row.text("name"),
            sex=row.code("sex", Sex),
            age=row.whole("age"),
        )
        document = None
        if row.has("document_kind"):
            number = str(row.values.get("document_number", ""))
            document = (row.code("document_kind", DocumentKind), number)
        made = self._make(bearer, document=document)
        seed = row.whole_or_none("picture_seed")
        return made if seed is None else replace(made, seed=seed)

    def _make(
        self, bearer: _Bearer, *, document: tuple[DocumentKind, str] | None = None
    ) -> PatientPlan:
        numbers, order = self.demo.table("numbers"), next(self._numbers)
        day = date(numbers.whole("reference_year") - bearer.age, 1, 1)
        birth_on = day + timedelta(days=self.rng.randrange(365))
        if document is None:
            area = numbers.text("identity_area")
            number = make_identity_number(area, birth_on, order=order, sex=bearer.sex)
            document = (DocumentKind.RESIDENT_ID, number)
        return PatientPlan(
            key=bearer.key,
            institution=bearer.institution,
            name=bearer.name,
            sex=bearer.sex,
            birth_on=birth_on,
            document_kind=document[0],
            document_number=document[1],
            phone=f"{numbers.text('phone_prefix')}{order:04d}",
            phone_relation=self.rng.choice(self.demo.table("names").texts("relations")),
            seed=self.rng.randrange(_MOST_SEEDS),
        )


def make_identity_number(area: str, birth_on: date, *, order: int, sex: Sex) -> str:
    """GB 11643-1999: area, birth date, sequence (odd for a man), check letter."""
    sequence = (2 * order + (1 if sex is Sex.MALE else 0)) % 1000
    digits = f"{area}{birth_on:%Y%m%d}{sequence:03d}"
    return digits + check_letter(digits)
