"""Sentences about signing in, people, institutions, panels and agreements."""

from server.i18n import N_

SENTENCES = {
    "phones-full": N_("At most {limit} duty telephones are kept. Remove one first."),
    "sign-in-refused": N_(
        "Name or password is wrong. After five wrong tries the account is locked for 15 minutes."
    ),
    "wrong-password": N_(
        "The password is wrong. After five wrong tries the account is locked for 15 minutes."
    ),
    "account-locked": N_(
        "Too many wrong passwords. This account is locked; try again in {minutes} minutes, "
        "or have the administrator reset the password."
    ),
    "address-locked": N_(
        "Too many wrong passwords from this network. Try again in {minutes} minutes."
    ),
    "tries-everywhere": N_(
        "Too many wrong passwords are arriving from many places. Try again in {minutes} minutes, "
        "or sign in on a computer that you have used before."
    ),
    "code-needed": N_("Type the code that your authenticator app shows now."),
    "code-wrong": N_(
        "This code is wrong, or it was used before. Wait for the next one. After five wrong tries "
        "the account is locked for 15 minutes."
    ),
    "second-factor-setup-over": N_("The set-up took too long. Begin again."),
    "second-factor-setup-needed": N_("Your role needs a second factor. Set it up first."),
    "second-factor-missing": N_("There is no second factor."),
    "second-factor-required": N_("Your role must keep its second factor."),
    "session-locked": N_("This page is locked. Unlock it first."),
    "session-of-another": N_(
        "Somebody else has signed in in this browser. Reload the page; what you typed here is lost "
        "then."
    ),
    "emergency-no-case": N_("No case has this number. Your asking was written down."),
    "emergency-reason-short": N_("Say in at least {shortest} characters why it cannot wait."),
    "emergency-not-needed": N_("This case is open to you anyway. Find it in your list."),
    "emergency-own": N_("You opened this yourself; somebody else reviews it."),
    "emergency-reviewed": N_("Somebody else has reviewed this meanwhile."),
    "provider-refused": N_(
        "The sign-in at the identity provider did not succeed. Begin again from the sign-in page."
    ),
    "provider-proof-missing": N_(
        "The identity provider has not confirmed just now that it is you. Confirm there, then try "
        "again."
    ),
    "provider-sign-out-known": N_("This sign-out was taken before."),
    "signing-window-over": N_("No signing window is open, or it is over. Type your password."),
    "signing-window-moved": N_(
        "The signing window was opened at another network address and has ended. Type your "
        "password."
    ),
    "signing-window-not-for-this": N_(
        "This report is signed by itself, with the password: a signing window is for screening "
        "reads without an urgent referral."
    ),
    "signing-window-needs-factor": N_(
        "A signing window is opened with the password and the second factor. Set up the second "
        "factor in your account first."
    ),
    "provider-unreachable": N_(
        "The identity provider does not answer. Try again in a moment, or ask your IT department."
    ),
    "provider-unknown-account": N_(
        "You are signed in at the identity provider, but nobody here has your sign-in name. "
        "Ask your administrator."
    ),
    "password-door-shut": N_(
        "Here you sign in through the identity provider; passwords are for administrators."
    ),
    "no-affiliation": N_(
        "You are not registered at any institution today. Ask your administrator."
    ),
    "affiliation-not-yours": N_("You cannot act for this institution today."),
    "password-too-short": N_("Use at least {shortest} characters."),
    "password-is-login": N_("The password must not be built from the sign-in name."),
    "password-common": N_("This password is known to everybody who guesses. Choose another."),
    "passwords-differ": N_("The two passwords are not the same."),
    "password-unchanged": N_("Choose a password other than the present one."),
    "login-malformed": N_(
        "2 to 40 small letters, digits, or . _ - @, beginning with a letter or digit."
    ),
    "login-taken": N_("This sign-in name is in use. Choose another."),
    "institution-code-malformed": N_("2 to 16 small letters or digits, beginning with a letter."),
    "institution-code-taken": N_("The code {institution} is in use. Choose another."),
    "phone-malformed": N_("Digits, blanks, + - and brackets only."),
    "zone-unknown": N_("This time zone is not known."),
    "name-taken": N_("This name is in use. Choose another."),
    "already-set-up": N_("This installation is already set up. Sign in instead."),
    "changed-meanwhile": N_(
        "Somebody changed this meanwhile. Reload the page; what you typed is kept until then."
    ),
    "already-member": N_("This institution already belongs to the consortium."),
    "institution-not-member": N_("This institution does not belong to the consortium."),
    "institution-stopped": N_("This institution no longer takes part."),
    "own-institution-stays": N_("You act for this institution now. Switch to another one first."),
    "leader-stays": N_("Name another leader first."),
    "already-in-panel": N_("This person is already in the panel."),
    "person-not-expert-there": N_("This person is not an expert at the panel's institution today."),
    "already-affiliated": N_("This person already works there. Stop that affiliation first."),
    "last-administrator": N_("This is the last administrator. Appoint another one first."),
    "role-not-yours-to-give": N_(
        "Only the administrator of the installation may do this for administrators."
    ),
    "person-works-elsewhere": N_(
        "This person also works outside your consortium. Ask the administrator of the installation."
    ),
    "licence-half": N_("Licence number and class go together."),
    "licence-missing": N_(
        "This step needs a physician's licence, and none is on record for you. "
        "Ask your administrator."
    ),
    "licence-expired": N_(
        "Your licence on record was valid until {valid_until}. Ask your administrator to renew it."
    ),
    "agreement-missing": N_("No valid cooperation agreement allows this. Missing: {missing}."),
    "agreement-clash": N_(
        "Another agreement of these two institutions already covers one of these services "
        "on these dates."
    ),
    "agreement-signed": N_("A signed agreement is not changed. End it and write another one."),
    "agreement-one-party": N_("An agreement needs two different institutions."),
    "dates-reversed": N_("The end lies before the beginning."),
}
