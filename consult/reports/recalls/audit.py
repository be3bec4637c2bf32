"""Recalls, for whoever checks that they are as they were written."""

from typing import Final

from consult.journal.row_audit import Kept
from consult.reports.recalls.tables import RecallRow

KEPT: Final = (Kept("recall", RecallRow, ("recall.",)),)
