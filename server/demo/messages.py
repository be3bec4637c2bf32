"""What people write to each other on a planned case."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from consult.discussion.model import MessageKind
from consult.kernel.rules import RuleTable
from server.demo.case_model import MessagePlan, StepKind, StepPlan
from server.demo.sheets import place_of
from server.demo.steps import Cast


def plan_messages(row: RuleTable) -> tuple[MessagePlan, ...]:
    """The messages of one case, in their order."""
    return tuple(_message(each) for each in row.tables("messages"))


def message_steps(
    messages: Sequence[MessagePlan], cast: Cast, *, opened_at: datetime
) -> Iterator[StepPlan]:
    """Each message by its author: the requesting physician's from her own institution."""
    for message in messages:
        place = cast.inviting if message.login == cast.physician else cast.invited
        at = opened_at + message.after
        yield StepPlan(StepKind.WRITE, message.login, place, at, message=message)


def _message(table: RuleTable) -> MessagePlan:
    table.only("by", "kind", "text", "is_reply", "about", "minutes")
    return MessagePlan(
        login=table.text("by"),
        kind=table.code("kind", MessageKind),
        text=table.text("text"),
        is_reply=table.flag_or_false("is_reply"),
        about=place_of(table.table("about")) if table.has("about") else None,
        after=timedelta(minutes=table.whole("minutes", lowest=1)),
    )
