"""What the numbers of a month are called, and what each of them counts."""

from collections.abc import Mapping
from typing import Final

from consult.dossiers.month_rules import Figure
from server.i18n import N_
from server.requests import Audience
from server.views.report_words import Speech

HEADS: Final[Mapping[Figure, str]] = {
    Figure.CASES: N_("Cases"),
    Figure.ANSWERED: N_("Answered"),
    Figure.IN_TIME: N_("Answered in time"),
    Figure.LATE: N_("Late"),
    Figure.OPEN: N_("Not due yet"),
    Figure.ENDED: N_("Ended unanswered"),
    Figure.RATED: N_("Quality rated"),
    Figure.UNGRADABLE: N_("Ungradable"),
    Figure.REFERABLE: N_("Referable"),
    Figure.BOOKED: N_("Booked"),
    Figure.ARRIVED: N_("Arrived"),
    Figure.KNOWN: N_("Outcome known"),
    Figure.TO_TELL: N_("Patients to be told"),
    Figure.TOLD: N_("Patient told"),
}
MEANT: Final[Mapping[Figure, str]] = {
    Figure.CASES: N_("Cases submitted for the first time in the month, whatever became of them."),
    Figure.ANSWERED: N_(
        "Cases with a signed report. The time runs from the first submission to the first "
        "signature, nights, holidays and returns included."
    ),
    Figure.IN_TIME: N_("First signed by the promised time; the share is of these and the overdue."),
    Figure.LATE: N_("First signed after the promised time, or not signed though it has passed."),
    Figure.OPEN: N_("Not signed, and the promised time has not passed."),
    Figure.ENDED: N_("Withdrawn, cancelled, refused or expired before a report was signed."),
    Figure.RATED: N_("Cases in whose newest report the quality of at least one eye is stated."),
    Figure.UNGRADABLE: N_(
        "Of these, cases with at least one eye whose pictures could not be read. Whoever "
        "prepared the case counts as its photographer."
    ),
    Figure.REFERABLE: N_("Cases whose newest report advises a referral, urgent or not."),
    Figure.BOOKED: N_("Of the referable, with an appointment that stands, was kept or was missed."),
    Figure.ARRIVED: N_("Of the referable, whose patient came to an appointment."),
    Figure.KNOWN: N_("Of those who arrived, the hospital wrote back the outcome of the visit."),
    Figure.TO_TELL: N_("Cases that were decided on, so that their patient is to be told."),
    Figure.TOLD: N_(
        "Of these, the patient knows the result, by whatever way, and no later report waits to be "
        "told. Who was not reached, or was seen elsewhere, is not told."
    ),
}
SPANS: Final = (
    N_("under 1 h"),
    N_("1 to 4 h"),
    N_("4 to 8 h"),
    N_("8 to 24 h"),
    N_("24 to 48 h"),
    N_("48 to 96 h"),
    N_("96 h and more"),
)


def meanings(reader: Audience) -> list[tuple[str, str]]:
    """What each figure is called and counts."""
    speech = Speech(reader)
    return [(speech.say(HEADS[figure]), speech.say(MEANT[figure])) for figure in Figure]
