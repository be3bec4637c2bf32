"""On the lists where a day begins: messages that name the reader and wait to be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.discussion import service as discussions
from consult.kernel.work import Work
from consult.reports.second.matters import SecondRules
from server.keys import RULES
from server.requests import signed_in
from server.transactions import in_read


@dataclass(frozen=True, slots=True)
class UnreadLine:
    """One case, and how many of its messages wait."""

    case: Case
    messages: int


async def unread_for(request: web.Request) -> Sequence[UnreadLine]:
    """What waits for this reader; nothing where she may read no discussion."""
    if not request.app[RULES].roles.permits(signed_in(request).actor, Action.READ_DISCUSSION):
        return ()
    return await in_read(request, _make_unread, second=request.app[RULES].second)


def _make_unread(work: Work, *, second: SecondRules) -> Sequence[UnreadLine]:
    """The cases with such messages, the newest first."""
    return [
        UnreadLine(case, each.messages)
        for each in discussions.list_unread(work, second=second)
        if (case := cases.find_seen(work, each.case_id)) is not None
    ]
