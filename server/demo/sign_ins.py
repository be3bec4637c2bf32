"""Who can sign in to the demonstration, told on the terminal."""

from server.cli.speech import say, terminal_language
from server.demo.model import DemoPlan, PractitionerPlan
from server.demo.plan import PACKAGED
from server.i18n import CHINESE, N_
from server.terms import Terms, load_terms


def say_sign_ins(plan: DemoPlan) -> None:
    """One line a person: sign-in name, password, name, roles."""
    say(N_("These people can sign in (sign-in name, password):"))
    terms = load_terms(PACKAGED.parent / "terms")
    for person in plan.practitioners:
        name = person.name.said_in(terminal_language())
        roles = _roles(person, terms)
        say("  {login:<6} {password:<20} {name} · {roles}", **_facts(person, name, roles))


def _facts(person: PractitionerPlan, name: str, roles: str) -> dict[str, str]:
    return {"login": person.login, "password": person.password, "name": name, "roles": roles}


def _roles(person: PractitionerPlan, terms: Terms) -> str:
    tongue = terminal_language()
    codes = dict.fromkeys(role for at in person.affiliations for role in at.roles)
    words = [terms.text(tongue, "role", code) for code in codes]
    return ("、" if tongue == CHINESE else ", ").join(words)
