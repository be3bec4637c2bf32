"""Slots, for whoever checks that they are as they were written."""

from typing import Final

from consult.calendar.tables import SlotRow
from consult.journal.row_audit import Kept

KEPT: Final = (Kept("slot", SlotRow, ("slot.", "slots.")),)
