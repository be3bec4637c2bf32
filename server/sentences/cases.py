"""Sentences about cases and consent."""

from server.i18n import N_

SENTENCES = {
    "hub-reason-missing": N_("The hub is passed over only with a reason: say why."),
    "case-changed": N_(
        "Somebody else has changed this case. What you typed is kept; reload to see the change."
    ),
    "case-not-draft": N_("The case is under way ({status}) and is not changed any more."),
    "draft-exists": N_("This patient has a draft of this service already: {number}."),
    "role-not-allowed.submit_case": N_(
        "A photographer prepares the case; a requesting physician reviews and submits it."
    ),
    "submit-needs-physician": N_(
        "A photographer prepares the case; a requesting physician reviews and submits it."
    ),
    "case-owner-missing": N_("Nobody would be accountable for the case, so it stays as it is."),
    "institution-has-cases": N_(
        "{count} cases of this institution are still under way. It can be stopped once they are "
        "closed."
    ),
    "physician-missing": N_(
        "No requesting physician works here today, so nobody would answer for the case. Ask the "
        "administrator to give somebody that role."
    ),
    "last-physician": N_(
        "{count} open cases of this institution would be left without a requesting physician. Give "
        "another person there that role first, then stop this place."
    ),
    "successor-needed": N_("{count} open cases need somebody who takes them over."),
    "successor-not-eligible": N_("This person cannot take over all of the cases."),
    "consent-missing": N_("No consent that holds is on record."),
    "consent-without-ticks": N_("Tick what the patient agrees to."),
    "consent-already-withdrawn": N_("This consent was withdrawn before."),
    "single-consent-needs-case": N_("A consent for one case is recorded on the case's page."),
    "panel-empty": N_("The panel has no experts. Choose another one."),
    "panel-closed": N_("The panel takes no cases any more. Choose another one."),
    "repeat-needs-reason": N_(
        "{kind}: a valid earlier exam of this patient is there. Use it, or say why it is repeated."
    ),
    "exam-not-offered": N_(
        "This exam does not count any more, or is not in use. Reload the page and look again."
    ),
    "exam-in-use": N_("The case rests on this exam already."),
    "return-asks-nothing": N_(
        "Say what is missing: a reason for at least one photograph, an answer, or something else."
    ),
    "return-asks-twice": N_("The same thing stands on the list twice."),
    "return-image-open": N_(
        "{eye} {field}: to be retaken. Add the new photograph, or say why it cannot be taken."
    ),
    "return-answer-open": N_("The experts ask for this answer."),
}
