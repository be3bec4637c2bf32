"""What a message says: events, case numbers and links, and never anything of a patient."""

from dataclasses import dataclass

from aiohttp import web

from consult.notices.outbox import Message
from server.i18n import N_
from server.keys import LANGUAGES, RULES, SETTINGS

_SUBJECT = N_("Lianzhen: {n} to note")
_URGENT = N_("Urgent")
_CLOSING = N_("Sign in to see more. What reaches you here is chosen under My account.")


@dataclass(frozen=True, slots=True)
class Words:
    """A message in its reader's language."""

    subject: str
    text: str


def words_of(app: web.Application, message: Message) -> Words:
    """One line a notice, the urgent first."""
    tongue = message.way.language
    say, terms = app[LANGUAGES].text, app[RULES].terms
    lines = []
    for each in message.notices:
        event = terms.text(tongue, "notice_event", each.event)
        mark = f"【{say(tongue, _URGENT)}】" if each.is_urgent else ""
        lines.append(f"{mark}{event} · {each.case_number}{_link(app, each.case_id)}")
    subject = say(tongue, _SUBJECT).format(n=len(lines))
    return Words(subject, "\n".join([subject, *lines, say(tongue, _CLOSING)]))


def _link(app: web.Application, case_id: str) -> str:
    """Where the case is found, if the installation knows its own address."""
    home = app[SETTINGS].public_url
    return f"\n{home.rstrip('/')}/cases/{case_id}" if home else ""
