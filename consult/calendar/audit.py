"""Slots and video sessions, for whoever checks that they are as they were written."""

from typing import Final

from consult.calendar.tables import SlotRow
from consult.calendar.video.tables import SessionRow, WindowRow
from consult.journal.row_audit import Kept
from consult.people.duty.tables import LeaveRow

KEPT: Final = (
    Kept("slot", SlotRow, ("slot.", "slots.")),
    Kept("video-window", WindowRow, ("video_window.",)),
    Kept("video-leave", LeaveRow, ("video_leave.",)),
    Kept("video-session", SessionRow, ("video_session.",)),
)
