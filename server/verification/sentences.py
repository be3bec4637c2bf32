"""What each kind of fault is called on the terminal."""

from typing import Final

from server.i18n import N_

FAULTS: Final = {
    "database-damaged": N_("The database file is damaged: {place}"),
    "database-reference": N_("A row names another that is not there: {place}"),
    "database-unreadable": N_("The database cannot be read any further at: {place}"),
    "journal-changed": N_("Journal: line {place} does not follow from the line before it."),
    "journal-missing": N_("Journal: line {place} is missing."),
    "journal-unreadable": N_("Journal: line {place} cannot be read."),
    "journal-unplaced": N_("Journal: an entry has no place in the chain (row {place})."),
    "journal-set-back": N_(
        "Journal: an anchor knows more lines; everything from line {place} on is gone."
    ),
    "journal-not-anchored": N_("Journal: line {place} is not the one that was anchored."),
    "anchor-changed": N_("An anchor was changed: {place}"),
    "anchors-missing": N_(
        "The journal has no anchor although the server writes one each minute: {place}"
    ),
    "words-changed": N_("Journal: the words of line {place} were changed."),
    "words-missing": N_("Journal: the words of line {place} are gone, not erased."),
    "words-of-nobody": N_("Journal: words without their line (row {place})."),
    "report-unreadable": N_("Report {place} cannot be read."),
    "report-missing": N_("Report {place} was signed and is gone."),
    "report-content": N_("Report {place}: the content is not what was signed."),
    "report-signature": N_("Report {place}: the signature does not fit."),
    "report-seal": N_("Report {place}: it was sealed by another key."),
    "report-journal": N_("Report {place}: the journal tells otherwise."),
    "report-image": N_("An image is not the one that was signed (report, image): {place}"),
    "receipt-journal": N_("Receipt of report {place}: the journal tells otherwise."),
    "receipt-missing": N_("The receipt of report {place} was recorded and is gone."),
    "decision-journal": N_("Decision on report {place}: the journal tells otherwise."),
    "decision-missing": N_("The decision on report {place} was recorded and is gone."),
    "image-unreadable": N_("The row of image {place} cannot be read."),
    "image-damaged": N_("The stored image {place} was changed."),
    "image-missing": N_("The stored image {place} is gone."),
    "image-disk": N_("The disk cannot read image {place}."),
}
OTHER_FAULT: Final = N_("Report {place}: a column does not say what was signed.")


def sentence_of(kind: str) -> str:
    """The sentence of a kind of fault; what is left are the columns beside a report's content."""
    return FAULTS.get(kind, OTHER_FAULT)
