"""Patients to be told and the calls to them, for whoever checks that they are as written."""

from typing import Final

from consult.journal.row_audit import Kept
from consult.reports.tellings.tables import PatientCallRow, TellingRow

KEPT: Final = (
    Kept("telling", TellingRow, ("telling.",)),
    Kept("patient-call", PatientCallRow, ("telling.called",)),
)
