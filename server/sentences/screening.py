"""Sentences about the list of a screening day."""

from server.i18n import N_

SENTENCES = {
    "list-encoding": N_(
        "This file is no text in UTF-8 or GB18030. Save it as CSV again, or paste the list."
    ),
    "list-workbook": N_(
        "This workbook cannot be read. Save the list as CSV, or copy its lines and paste them."
    ),
    "list-old-workbook": N_(
        "This is a workbook of the old kind (.xls). Save it as .xlsx or CSV, or paste its lines."
    ),
    "list-too-long": N_(
        "At most {limit} patients are taken at once. Nothing was taken; paste fewer lines."
    ),
    "list-no-lines": N_("Below the headings there is no line."),
    "list-malformed": N_("A quotation mark in this list has no end. Nothing was taken."),
    "list-heading-missing": N_(
        "The first line must name the columns: "
        "name, document number, sex, date of birth, telephone."
    ),
    "list-heading-twice": N_("The heading {heading} stands twice. Nothing was taken."),
    "list-formula": N_("This cell is a formula. Paste its value."),
    "list-number-rounded": N_(
        "The spreadsheet has rounded this number. Format the column as text and enter it again."
    ),
    "list-word-unknown": N_("This word is not known here."),
    "list-day-unreadable": N_("This is no date, such as 1958-03-08."),
    "list-year-unreadable": N_("This is no year, such as 2015."),
    "list-year-impossible": N_("This year lies before the patient's birth, or is still to come."),
    "list-year-without-diabetes": N_(
        "The list says that there is no diabetes, and when it was found."
    ),
    "list-other-name": N_(
        "The document belongs to somebody of another name, record {number}. Compare the card."
    ),
    "list-alike": N_(
        "Record {number} has the same name, sex and date of birth, without a document. "
        "Search for it on the day's list, or register this person singly."
    ),
    "list-changed": N_("Meanwhile other lines are in order. Check the list again."),
    "list-day-full": N_("A day's list holds at most {limit} patients. Nothing was taken."),
    "sheet-nothing-chosen": N_("Choose the cases that are to be sent."),
    "screening-not-listed": N_("This patient is not on today's list."),
    "screening-begun": N_("A case was begun for this patient, so the line stays on the list."),
    "scan-nobody": N_(
        "Nobody registered here is meant by this. Paste a list, or register the patient."
    ),
    "scan-several": N_("Several patients are meant by this. Scan the card, or type the number."),
}
