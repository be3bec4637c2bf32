"""Sentences of the rules: documents, names, forms, consent, reports and steps."""

from server.i18n import N_

SENTENCES = {
    "document-number-15-digits": N_(
        "A 15-digit number is not valid for registration. Enter the 18-digit number."
    ),
    "document-number-malformed": N_("The number does not fit this kind of document."),
    "document-check-digit-wrong": N_(
        "The check digit does not fit. Compare the number with the document."
    ),
    "document-birth-date-wrong": N_(
        "The date of birth in the number is not possible. Compare it with the document."
    ),
    "birth-date-differs-from-document": N_(
        "The date of birth differs from the document. Check which is right."
    ),
    "sex-differs-from-document": N_("The sex differs from the document. Check which is right."),
    "name-forbidden-character": N_("The name contains a character that no name has."),
    "name-without-letters": N_("The name has no letters."),
    "text-forbidden-character": N_("The text contains invisible characters. Type it again."),
    "choice-excludes-others": N_("This choice stands alone. Remove it or the others."),
    "number-malformed": N_("Enter a number, with a point for decimals."),
    "too-small": N_("Too small (at least {low})."),
    "too-large": N_("Too large (at most {high})."),
    "too-many-places": N_("At most {places} decimal places."),
    "out-of-range": N_("Enter a value from {low} to {high}."),
    "too-many": N_("At most {most} entries."),
    "date-malformed": N_("Enter a date as year-month-day."),
    "date-in-future": N_("This date lies in the future."),
    "acuity-notation-unknown": N_("Choose how the visual acuity is written: 5-mark or decimal."),
    "acuity-low-vision-unknown": N_("Below the chart, choose CF, HM, LP or NLP."),
    "acuity-five-mark-out-of-range": N_("A 5-mark acuity lies between {low} and {high}."),
    "acuity-decimal-out-of-range": N_("A decimal acuity lies between {low} and {high}."),
    "consent-item-required": N_("Without this consent the case cannot be submitted."),
    "minor-needs-guardian": N_("A patient under {age} needs the signature of a guardian."),
    "not-asked-here": N_("This is not asked here. Leave it empty."),
    "consent-too-long": N_("A consent for a programme holds at most {months} months."),
    "consent-expired": N_("This consent has expired. A new one is needed."),
    "case-step-not-allowed": N_(
        "The case has moved on meanwhile. Reload the page; nothing was changed."
    ),
    "case-event-not-allowed": N_("This is not possible for the case as it stands now."),
    "case-undecided": N_("Record the inviting physician's decision first."),
    "not-for-absent-eye": N_("An absent eye has no photograph and no grade."),
    "grade-needs-quality": N_("Say the image quality first."),
    "cause-required": N_("Say why this eye cannot be read."),
    "ungradable-has-no-grade": N_("An ungradable eye has no grade."),
    "quadrants-need-lesion": N_("Quadrants stand only where the lesion was seen."),
    "lesion-unknown": N_("The form does not know this lesion."),
    "lesion-has-no-quadrants": N_("This lesion is not counted by quadrants."),
    "lesion-needs-another": N_("This was seen, but not what it belongs to: {needed}."),
    "ungradable-excludes-nothing": N_(
        "In an eye that cannot be read, nothing can be said not to be there. "
        "Only what is seen counts."
    ),
    "grade-contradicts-lesions": N_(
        "The lesions make it {low}. Leave the grade to the rule, or say why it is another one."
    ),
    "grade-outside-lesions": N_(
        "The lesions leave {low} to {high}. Choose within it, or say why it is another one."
    ),
    "waiver-only-for-ungradable": N_("Only an ungradable eye needs this explanation."),
    "good-has-no-cause": N_("Good quality has no cause. Remove it, or change the quality."),
    "no-image-is-ungradable": N_("An eye without a photograph is ungradable."),
    "picture-needs-quality": N_(
        "The report rests on a photograph of this eye. Say its quality, also where the eye cannot "
        "be read, or leave the photograph out with a reason."
    ),
    "one-eye-required": N_("Say something of at least one eye."),
    "interval-contradicts-rule": N_("With these findings the interval is at most {most} months."),
    "referral-below-rule": N_(
        "The rule finds a more pressing referral. Follow it, or say why not."
    ),
    "diagnosis-unknown": N_("The diagnosis code {diagnosis} is not in the list."),
    "urgency-without-referral": N_("Without a referral there is no urgency."),
    "urgency-contradicts-need": N_("An urgent referral cannot be routine."),
    "report-step-not-allowed": N_(
        "The report has moved on meanwhile. Reload the page; nothing was changed."
    ),
    "slot-step-not-allowed": N_("This slot is no longer to be had. Choose another one."),
    "referral-step-not-allowed": N_(
        "The referral has moved on meanwhile. Reload the page; nothing was changed."
    ),
    "appointment-step-not-allowed": N_(
        "The appointment has moved on meanwhile. Reload the page; nothing was changed."
    ),
}
