"""A draft has a requesting physician from the first moment, whoever prepares it (C3)."""

from dataclasses import replace

import pytest

from consult.cases.errors import PhysicianMissingError
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.returns import leave_today


def test_a_photographers_draft_has_a_physician_or_is_not_opened(world: Consortium) -> None:
    patients = [make_patient(world, document_number=citizen_number(n)) for n in (4, 6, 8)]
    first = make_draft(world, patients[0], by=world.photographer)
    assert first.owner_id in {world.physician.person, world.colleague.person}
    assert make_draft(world, patients[1], by=world.colleague).owner_id == world.colleague.person
    tomorrow = leave_today(leave_today(world, world.physician), world.colleague)
    day_after = replace(tomorrow, clinic=tomorrow.clinic.later(days=1))
    with pytest.raises(PhysicianMissingError):
        make_draft(day_after, patients[2], by=world.photographer)
