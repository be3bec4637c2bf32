"""Sentences that belong to no one subject."""

from server.i18n import N_

SENTENCES = {
    "not-found": N_("Not available to you, or not there."),
    "not-allowed": N_("This is not open to you."),
    "role-not-allowed": N_("Your role at this institution does not include this step."),
    "tls-needed": N_("This address is not encrypted. Use https, or ask your IT department."),
    "sign-in-needed": N_("Please sign in first; what you typed on this page is kept."),
    "password-change-needed": N_("Choose a password of your own first."),
    "cross-site-request": N_(
        "This page is out of date. Reload it and try again; nothing was changed."
    ),
    "connection-limited": N_("Asked too often. Try again in {minutes} min."),
    "form-refused": N_("{count} entries need attention. Nothing was lost."),
    "partly-kept": N_("Saved, except for {count} entries that need attention."),
    "body-not-json": N_("The request could not be read. Nothing was stored."),
    "body-too-large": N_("The request is too large. Nothing was stored."),
    "body-too-slow": N_("The request did not arrive in time. Nothing was stored."),
    "field-missing": N_("Fill in this field."),
    "field-unknown": N_("This field is not known here."),
    "field-too-long": N_("Too long (at most {limit} characters)."),
    "field-one-line": N_("Write this on one line."),
    "field-unreadable": N_("This entry holds characters that cannot be shown. Type it again."),
    "field-malformed": N_("This entry is not valid."),
    "period-too-long": N_("Choose a period of at most {limit} months."),
    "too-many-cases": N_("More than {limit} cases. Choose a shorter period."),
    "field-not-a-choice": N_("Choose one of the values offered."),
    "method-not-allowed": N_("This address does not take that kind of request."),
    "too-busy": N_("The server is busy. Try again in a moment; nothing was lost."),
    "database-away": N_(
        "The database does not answer. Nothing was changed; try again in a moment."
    ),
    "database-unsure": N_(
        "The line to the database was cut while saving. "
        "Reload the page to see whether it was saved."
    ),
    "blobs-away": N_(
        "The store of images does not answer. Nothing was changed; try again in a moment."
    ),
    "storage-full": N_(
        "The server has no room left, and nothing was changed. Tell your IT person."
    ),
    "disk-failed": N_(
        "The server's disk failed while saving. Tell your IT person, "
        "and look later whether it was saved."
    ),
    "internal": N_(
        "Something went wrong on our side and nothing was stored. Code for your IT person: {code}"
    ),
    "rules-malformed": N_("The configuration is not valid."),
    "journal-chain-broken": N_("The journal is damaged at line {position}."),
    "seal-broken": N_("Stored data was changed and cannot be read. Tell the administrator."),
    "not-canonical": N_("The report holds something that cannot be signed. Check its figures."),
}
