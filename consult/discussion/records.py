"""What was written on a case, for the dossier and for supervision, which ask policy themselves."""

from consult.cases.model import Case
from consult.discussion import store
from consult.discussion.model import Message, Summary, summary_of
from consult.kernel.work import Work


def messages_of(work: Work, case: Case) -> list[Message]:
    """Every message with its amendments, the first one first."""
    return store.list_messages(work.session, case.id)


def summarise(work: Work, case: Case) -> Summary:
    """That a discussion took place, when, and what of it is open."""
    return summary_of(store.list_heads(work.session, case.id))
