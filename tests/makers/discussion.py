"""Messages on a case, for tests: through the service."""

from typing import Any

from consult.cases.model import Case
from consult.discussion import service as discussions
from consult.discussion.model import Message, MessageKind, Wanted
from consult.discussion.service import Discussion
from consult.kernel.ids import new_id
from consult.kernel.work import Actor
from tests.makers.consortium import Consortium


def say(
    world: Consortium,
    case: Case,
    by: Actor,
    text: str,
    *,
    kind: MessageKind = MessageKind.REMARK,
    **more: Any,
) -> Message:
    """Send a message."""
    wanted = Wanted(**{"key": new_id(), "kind": kind, "text": text, **more})
    return world.clinic.do(by, discussions.send_message, case_id=case.id, wanted=wanted)


def ask(world: Consortium, case: Case, by: Actor, text: str = "散瞳了吗？", **more: Any) -> Message:
    """Send a question."""
    return say(world, case, by, text, kind=MessageKind.QUESTION, **more)


def answer(
    world: Consortium, case: Case, by: Actor, asked: Message, text: str = "未散瞳。"
) -> Message:
    """Answer a question in its thread."""
    return say(world, case, by, text, kind=MessageKind.ANSWER, thread_id=asked.head.thread_id)


def read(world: Consortium, case: Case, by: Actor, **more: Any) -> Discussion:
    """What this person is shown."""
    return world.clinic.do(by, discussions.show_discussion, case_id=case.id, **more)
