"""What can go wrong with clinics and slots."""

from datetime import date, datetime

from consult.kernel.errors import ConflictError, RefusedError
from consult.kernel.ids import CaseId, ClinicId, SlotId


class ClinicChangedError(ConflictError):
    """Somebody else changed the clinic since the page was drawn."""

    def __init__(self, clinic_id: ClinicId) -> None:
        super().__init__("clinic-changed", clinic_id=clinic_id)
        self.clinic_id = clinic_id


class ClinicExistsError(RefusedError):
    """The institution has a clinic of this name."""

    def __init__(self) -> None:
        super().__init__("clinic-exists", field="name")


class SlotsOverlapError(RefusedError):
    """A time lies upon a published slot of the physician at the hospital, or of the clinic."""

    def __init__(self, first: datetime, *, day: date) -> None:
        super().__init__(
            "slots-overlap", field="start", day=day.isoformat(), at=f"time:{first.isoformat()}"
        )
        self.first = first


class SlotsOverSessionError(RefusedError):
    """A time lies upon a video session that is booked with the physician."""

    def __init__(self, first: datetime, *, day: date) -> None:
        super().__init__(
            "slots-over-session", field="start", day=day.isoformat(), at=f"time:{first.isoformat()}"
        )


class PhysicianNotHereError(RefusedError):
    """The physician is no expert of the clinic's institution today."""

    def __init__(self) -> None:
        super().__init__("physician-not-here", field="physician_id")


class SlotTakenError(ConflictError):
    """None of the wanted slots is free any more."""

    def __init__(self, slot_id: SlotId) -> None:
        super().__init__("slot-taken", slot_id=slot_id)
        self.slot_id = slot_id


class HoldOverError(ConflictError):
    """The slot is not held for this case (any more)."""

    def __init__(self, slot_id: SlotId) -> None:
        super().__init__("hold-over", slot_id=slot_id)
        self.slot_id = slot_id


class ClinicByRequestError(ConflictError):
    """The clinic's desk books in the hospital's own system: nothing is published or held here."""

    def __init__(self, clinic_id: ClinicId) -> None:
        super().__init__("clinic-by-request", clinic_id=clinic_id)
        self.clinic_id = clinic_id


class CaseNotBookableError(ConflictError):
    """No slot is held for a case before its decision, or after its end."""

    def __init__(self, case_id: CaseId, status: str) -> None:
        super().__init__("case-not-bookable", case_id=case_id, status=f"term:case_status.{status}")
        self.case_id = case_id
