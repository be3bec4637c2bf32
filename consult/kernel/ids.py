"""Identifiers: time-ordered, opaque, the same shape for every object."""

import os
import time
from typing import NewType
from uuid import UUID

InstitutionId = NewType("InstitutionId", str)
ConsortiumId = NewType("ConsortiumId", str)
PanelId = NewType("PanelId", str)
AgreementId = NewType("AgreementId", str)
PractitionerId = NewType("PractitionerId", str)
AffiliationId = NewType("AffiliationId", str)
PatientId = NewType("PatientId", str)
StudyId = NewType("StudyId", str)
InstanceId = NewType("InstanceId", str)
UploadId = NewType("UploadId", str)
CaseId = NewType("CaseId", str)
ReportId = NewType("ReportId", str)
ClinicId = NewType("ClinicId", str)
SlotId = NewType("SlotId", str)
ReferralId = NewType("ReferralId", str)
AppointmentId = NewType("AppointmentId", str)
SalvageId = NewType("SalvageId", str)
CallId = NewType("CallId", str)

ID_LENGTH = 32


def new_id() -> str:
    """A new UUID of version 7 (RFC 9562 section 5.7) as 32 hexadecimal digits."""
    stamp_ms = time.time_ns() // 1_000_000
    value = (stamp_ms << 80) | int.from_bytes(os.urandom(10))
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value).hex


def is_id(text: str) -> bool:
    """Whether the text has the shape of one of our ids."""
    return len(text) == ID_LENGTH and all(letter in "0123456789abcdef" for letter in text)
