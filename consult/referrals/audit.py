"""Referrals and what belongs to them, for whoever checks that they are as they were written."""

from typing import Final

from consult.journal.row_audit import Kept
from consult.referrals.tables import AppointmentRow, CallRow, ReferralRow, SalvageRow

KEPT: Final = (
    Kept("referral", ReferralRow, ("referral.",)),
    Kept("appointment", AppointmentRow, ("appointment.",)),
    Kept("call", CallRow, ("referral.called",)),
    Kept("follow-up", SalvageRow, ("referral.salvage",)),
)
