"""Every message checked: its bytes are those that the journal told of when it was sent."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from consult.db.stored import stored_rows
from consult.discussion.tables import MessageRow
from consult.journal.model import Line
from consult.kernel.faults import Fault

_SENT: Final = "discussion.sent"


@dataclass(slots=True)
class MessagesTold:
    """The line about each message, by its id."""

    sent: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of a message."""
        if line.kind == _SENT:
            self.sent[str(line.codes.get("message"))] = line


def check_messages(session: Session, told: MessagesTold) -> Iterator[str | Fault]:
    """Every message, and every fault; one that the journal knows must be there."""
    missing = set(told.sent)
    for row in stored_rows(session, MessageRow, by="id"):
        message_id = str(row.values["id"])
        missing.discard(message_id)
        line = told.sent.get(message_id)
        if row.unreadable or line is None or not _agrees(row.values, line):
            yield Fault("message-changed", message_id)
        yield message_id
    yield from (Fault("message-missing", message_id) for message_id in sorted(missing))


def _first_id(content: bytes) -> object:
    """Which wording the bytes say that they amend."""
    try:
        told = json.loads(content)
    except ValueError:
        return None
    return told.get("first_id") if isinstance(told, dict) else None


def _agrees(values: Mapping[str, Any], line: Line) -> bool:
    """Columns, bytes and line say the same."""
    codes = line.codes
    have = (
        *(values["number"], values["kind"].value, values["thread_id"], values["amends_id"]),
        *(values["sent_at"], values["author_id"], values["institution_id"], values["case_id"]),
        *(values["sha256"], sha256(values["content"]).hexdigest(), values["first_id"]),
    )
    told = (
        *(codes.get("number"), codes.get("kind"), codes.get("thread"), codes.get("amends")),
        *(line.at, line.practitioner_id, line.institution_id, line.case_id),
        *(codes.get("sha256"), codes.get("sha256"), _first_id(values["content"])),
    )
    return have == told
