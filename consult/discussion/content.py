"""A message as the bytes that are stored and hashed, and back.

A random salt is part of them: from the hash, which the journal keeps for ever, nobody can guess a
short text once the message itself was erased.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from consult.discussion.model import Head, Message, Pixel, Reference
from consult.kernel.ids import PractitionerId
from consult.reports.canonical import canonical_json


def make_message(
    head: Head,
    *,
    author_name: str,
    to: Sequence[PractitionerId],
    text: str,
    references: Sequence[Reference],
    salt: str,
) -> Message:
    """The message with its exact bytes."""
    content = canonical_json(
        {
            "id": head.id,
            "case_id": head.case_id,
            "number": head.number,
            "thread_id": head.thread_id,
            "first_id": head.first_id,
            "amends_id": head.amends_id,
            "kind": head.kind.value,
            "author": {"id": head.author_id, "name": author_name},
            "institution_id": head.institution_id,
            "sent_at": head.sent_at.isoformat(),
            "to": list(to),
            "text": text,
            "references": [reference_as_json(each) for each in references],
            "salt": salt,
        }
    )
    return message_of(head, content)


def message_of(head: Head, content: bytes) -> Message:
    """The message that these bytes tell."""
    told = json.loads(content)
    return Message(
        head=head,
        author_name=told["author"]["name"],
        to=tuple(PractitionerId(each) for each in told["to"]),
        text=told["text"],
        references=tuple(_reference(each) for each in told["references"]),
        content=content,
        sha256=sha256(content).hexdigest(),
    )


def reference_as_json(reference: Reference) -> dict[str, object]:
    """A picture, its frame, and the pixel where one is named."""
    point = None if reference.point is None else list(reference.point)
    return {"image_id": reference.image_id, "frame": reference.frame, "point": point}


def _reference(told: Mapping[str, Any]) -> Reference:
    point: Pixel | None = None if told["point"] is None else (told["point"][0], told["point"][1])
    return Reference(told["image_id"], told["frame"], point)
