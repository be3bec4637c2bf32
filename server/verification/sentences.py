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
        "Journal: an anchor or a copy knows more lines; everything from line {place} on is gone."
    ),
    "journal-not-anchored": N_("Journal: line {place} is not the one that was anchored."),
    "anchor-changed": N_("An anchor was changed: {place}"),
    "anchor-cut": N_(
        "An anchor was cut short; after a power cut the server had replaced it: {place}"
    ),
    "copy-unreadable": N_(
        "{place} is neither a copy of the anchors nor a dossier that this house sealed."
    ),
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
    "report-marks": N_("The marks under a report are not those that were signed: {place}"),
    "marks-changed": N_("Marks were changed outside the server (case, reader): {place}"),
    "message-changed": N_("A message of a discussion was changed outside the server: {place}"),
    "message-missing": N_("A message of a discussion that the journal tells of is gone: {place}"),
    "marks-earlier": N_(
        "An earlier revision of marks is not as the journal tells (case, reader, revision): {place}"
    ),
    "own-reading-changed": N_("The own reading of a case is not the one that was locked: {place}"),
    "own-reading-missing": N_("The own reading of a case was locked and is gone: {place}"),
    "marks-missing": N_("Marks that the journal tells of are gone (case, reader): {place}"),
    "report-image": N_("An image is not the one that was signed (report, image): {place}"),
    "urgent-alert-changed": N_("Urgent alert {place} is not as the journal tells."),
    "urgent-alert-missing": N_("Urgent alert {place} was raised and is gone."),
    "urgent-alert-added": N_(
        "Urgent alert {place} is there, and no line of the journal tells of it."
    ),
    "urgent-alert-step-changed": N_("Step {place} of an urgent alert is not as the journal tells."),
    "urgent-alert-step-missing": N_("Step {place} of an urgent alert was taken and is gone."),
    "urgent-alert-step-added": N_(
        "Step {place} of an urgent alert is there, and no line of the journal tells of it."
    ),
    "urgent-alert-call-changed": N_(
        "Call about an urgent alert {place} is not as the journal tells."
    ),
    "urgent-alert-call-missing": N_("Call about an urgent alert {place} was recorded and is gone."),
    "urgent-alert-call-added": N_(
        "Call about an urgent alert {place} is there, and no line of the journal tells of it."
    ),
    "telling-changed": N_("Telling a patient {place}: not as the journal tells."),
    "telling-missing": N_("Telling a patient {place}: was due and is gone."),
    "telling-added": N_(
        "Telling a patient {place}: is there, and no line of the journal tells of it."
    ),
    "recall-changed": N_("Recall {place}: not as the journal tells."),
    "recall-missing": N_("Recall {place}: was planned and is gone."),
    "recall-added": N_("Recall {place}: is there, and no line of the journal tells of it."),
    "patient-call-changed": N_("Call to a patient {place}: not as the journal tells."),
    "patient-call-missing": N_("Call to a patient {place}: was recorded and is gone."),
    "patient-call-added": N_(
        "Call to a patient {place}: is there, and no line of the journal tells of it."
    ),
    "receipt-journal": N_("Receipt of report {place}: the journal tells otherwise."),
    "receipt-missing": N_("The receipt of report {place} was recorded and is gone."),
    "decision-journal": N_("Decision on report {place}: the journal tells otherwise."),
    "decision-missing": N_("The decision on report {place} was recorded and is gone."),
    "consent-changed": N_("Consent {place} is not as the journal tells."),
    "consent-missing": N_("Consent {place} was recorded and is gone."),
    "consent-added": N_("Consent {place} is there, and no line of the journal tells of it."),
    "correction-changed": N_("Correction of a picture {place} is not as the journal tells."),
    "correction-missing": N_("Correction of a picture {place} was recorded and is gone."),
    "correction-added": N_(
        "Correction of a picture {place} is there, and no line of the journal tells of it."
    ),
    "recognition-changed": N_("Recognition of an exam {place} is not as the journal tells."),
    "recognition-missing": N_("Recognition of an exam {place} was recorded and is gone."),
    "recognition-added": N_(
        "Recognition of an exam {place} is there, and no line of the journal tells of it."
    ),
    "repeat-changed": N_("Reason for a repeated exam {place} is not as the journal tells."),
    "repeat-missing": N_("Reason for a repeated exam {place} was recorded and is gone."),
    "repeat-added": N_(
        "Reason for a repeated exam {place} is there, and no line of the journal tells of it."
    ),
    "video-window-changed": N_(
        "Times for video consultations {place} are not as the journal tells."
    ),
    "video-window-missing": N_("Times for video consultations {place} were recorded and are gone."),
    "video-window-added": N_(
        "Times for video consultations {place} are there, and no line of the journal tells of them."
    ),
    "video-leave-changed": N_("Leave {place} is not as the journal tells."),
    "video-leave-missing": N_("Leave {place} was recorded and is gone."),
    "video-leave-added": N_("Leave {place} is there, and no line of the journal tells of it."),
    "video-session-changed": N_("Video session {place} is not as the journal tells."),
    "video-session-missing": N_("Video session {place} was recorded and is gone."),
    "video-session-added": N_(
        "Video session {place} is there, and no line of the journal tells of it."
    ),
    "video-call-changed": N_("Video call {place} is not as the journal tells."),
    "video-call-missing": N_("Video call {place} was recorded and is gone."),
    "video-call-added": N_("Video call {place} is there, and no line of the journal tells of it."),
    "minutes-changed": N_("Minutes {place} of a video call are not as the journal tells."),
    "minutes-missing": N_("Minutes {place} of a video call were written and are gone."),
    "minutes-added": N_(
        "Minutes {place} of a video call are there, and no line of the journal tells of them."
    ),
    "opinion-changed": N_("Opinion {place} on a video call is not as the journal tells."),
    "opinion-signature": N_("The signature of opinion {place} on a video call does not fit it."),
    "opinion-missing": N_("Opinion {place} on a video call was signed and is gone."),
    "word-changed": N_("Message {place} in a video call is not as the journal tells."),
    "word-missing": N_("Message {place} in a video call was written and is gone."),
    "word-added": N_(
        "Message {place} in a video call is there, and no line of the journal tells of it."
    ),
    "present-changed": N_("Who was present {place} at a video call is not as the journal tells."),
    "present-missing": N_("Who was present {place} at a video call was recorded and is gone."),
    "present-added": N_(
        "Who was present {place} at a video call is there, and no line of the journal tells of it."
    ),
    "telephone-changed": N_("Telephone consultation {place} is not as the journal tells."),
    "telephone-missing": N_("Telephone consultation {place} was recorded and is gone."),
    "telephone-added": N_(
        "Telephone consultation {place} is there, and no line of the journal tells of it."
    ),
    "turn-changed": N_("Turn to speak {place} in a video call is not as the journal tells."),
    "turn-missing": N_("Turn to speak {place} in a video call was recorded and is gone."),
    "turn-added": N_(
        "Turn to speak {place} in a video call is there, and no line of the journal tells of it."
    ),
    "attendance-changed": N_("Attendance {place} of a video call is not as the journal tells."),
    "attendance-missing": N_("Attendance {place} of a video call was recorded and is gone."),
    "attendance-added": N_(
        "Attendance {place} of a video call is there, and no line of the journal tells of it."
    ),
    "slot-changed": N_("Slot {place} is not as the journal tells."),
    "slot-missing": N_("Slot {place} was recorded and is gone."),
    "slot-added": N_("Slot {place} is there, and no line of the journal tells of it."),
    "referral-changed": N_("Referral {place} is not as the journal tells."),
    "referral-missing": N_("Referral {place} was recorded and is gone."),
    "referral-added": N_("Referral {place} is there, and no line of the journal tells of it."),
    "appointment-changed": N_("Appointment {place} is not as the journal tells."),
    "appointment-missing": N_("Appointment {place} was recorded and is gone."),
    "appointment-added": N_(
        "Appointment {place} is there, and no line of the journal tells of it."
    ),
    "call-changed": N_("Call about a referral {place} is not as the journal tells."),
    "call-missing": N_("Call about a referral {place} was recorded and is gone."),
    "call-added": N_(
        "Call about a referral {place} is there, and no line of the journal tells of it."
    ),
    "follow-up-changed": N_("Follow-up of a missed visit {place} is not as the journal tells."),
    "follow-up-missing": N_("Follow-up of a missed visit {place} was recorded and is gone."),
    "follow-up-added": N_(
        "Follow-up of a missed visit {place} is there, and no line of the journal tells of it."
    ),
    "correction-undone": N_(
        "Correction {place}: the picture of another patient counts as this patient's again."
    ),
    "image-unreadable": N_("The row of image {place} cannot be read."),
    "image-damaged": N_("The stored image {place} was changed."),
    "image-missing": N_("The stored image {place} is gone."),
    "image-disk": N_("The disk cannot read image {place}."),
}
OTHER_FAULT: Final = N_("Report {place}: a column does not say what was signed.")


def sentence_of(kind: str) -> str:
    """The sentence of a kind of fault; what is left are the columns beside a report's content."""
    return FAULTS.get(kind, OTHER_FAULT)
