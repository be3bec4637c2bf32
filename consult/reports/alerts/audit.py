"""Urgent alerts and what belongs to them, for whoever checks that they are as they were written."""

from typing import Final

from consult.journal.row_audit import Kept
from consult.reports.alerts.tables import AlertCallRow, AlertRow, EscalationRow

KEPT: Final = (
    Kept("urgent-alert", AlertRow, ("alert.",)),
    Kept("urgent-alert-step", EscalationRow, ("alert.escalated",)),
    Kept("urgent-alert-call", AlertCallRow, ("alert.called",)),
)
