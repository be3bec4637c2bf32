"""Sentences of the doors of DICOMweb and of the machines that use them."""

from server.i18n import N_

SENTENCES = {
    "token-not-allowed": N_("The token of this machine does not open this."),
    "media-not-acceptable": N_("None of the formats that you take can be given."),
    "media-unsupported": N_(
        "Send multipart/related with DICOM files, or with DICOM JSON and its bulk data."
    ),
    "request-malformed": N_("The request could not be read. Nothing was stored."),
    "search-key-malformed": N_("A value that you search for is not valid."),
    "search-too-wide": N_(
        "Too many series would have to be looked through. Name a patient, a number or a date as "
        "well."
    ),
    "multipart-malformed": N_("The parts of the body cannot be told apart."),
    "nothing-to-store": N_("The body holds no object."),
    "multipart-cut": N_("The body ended too early. Send all of it again."),
    "json-too-long": N_("The DICOM JSON is too long. Nothing was stored."),
    "json-malformed": N_("The DICOM JSON cannot be read. Nothing was stored."),
    "bulk-too-long": N_("The bulk data are too long. Nothing was stored."),
    "answer-too-long": N_("That is more than is given out at once. Ask for fewer frames."),
    "range-not-satisfiable": N_("The object is shorter than the part that you ask for."),
}
