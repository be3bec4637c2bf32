"""Sentences about patients."""

from server.i18n import N_

SENTENCES = {
    "patient-already-registered": N_(
        "This person is registered here already, under record number {number}. Nothing was stored."
    ),
    "patient-changed": N_(
        "Somebody else has changed this record. What you typed is kept; reload to see the change."
    ),
    "identity-already-settled": N_("The identity rests on a document already and stays as it is."),
    "identity-settled-apart": N_("Use the button that settles the identity for this."),
    "identity-needs-document": N_("A document is needed to settle the identity."),
    "birth-date-impossible": N_("This date of birth is not possible."),
    "patient-phone-malformed": N_("A telephone number has 5 to 15 digits."),
    "guardian-missing": N_("A minor needs a guardian. Enter the guardian's name."),
    "guardian-relation-missing": N_("Say what relation the guardian is."),
    "guardian-phone-missing": N_("Enter the guardian's telephone."),
}
