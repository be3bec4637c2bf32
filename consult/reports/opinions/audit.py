"""Every signed opinion checked: its bytes, its seal, and the line that told of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy.orm import Session

from consult.db.stored import stored_rows
from consult.journal.model import Line
from consult.kernel.faults import Fault
from consult.reports.opinions.tables import OpinionRow
from consult.reports.seal import Seal

_SIGNED: Final = "room.opinion_signed"


@dataclass(slots=True)
class OpinionsTold:
    """The line about each opinion, by its id."""

    signed: dict[str, Line] = field(default_factory=dict)

    def note(self, line: Line) -> None:
        """Keep a line that tells of an opinion."""
        if line.kind == _SIGNED:
            self.signed[str(line.codes.get("opinion"))] = line


def check_opinions(session: Session, told: OpinionsTold, *, seal: Seal) -> Iterator[str | Fault]:
    """Every opinion, and every fault; one that the journal knows must be there."""
    missing = set(told.signed)
    for row in stored_rows(session, OpinionRow, by="id"):
        opinion_id = str(row.values["id"])
        missing.discard(opinion_id)
        line = told.signed.get(opinion_id)
        if row.unreadable or line is None or not _agrees(row.values, line):
            yield Fault("opinion-changed", opinion_id)
        elif not seal.is_valid(row.values["signature"], row.values["content"]):
            yield Fault("opinion-signature", opinion_id)
        yield opinion_id
    yield from (Fault("opinion-missing", opinion_id) for opinion_id in sorted(missing))


def _agrees(values: Mapping[str, Any], line: Line) -> bool:
    """Columns, bytes and line say the same."""
    codes, said = line.codes, _said(values["content"])
    have = (
        *(values["case_id"], values["author_id"], values["institution_id"], values["signed_at"]),
        *(values["room_id"], values["number"], values["amends_id"], values["seal_id"]),
        *(values["sha256"], sha256(values["content"]).hexdigest()),
    )
    return have == (
        *(line.case_id, line.practitioner_id, line.institution_id, line.at),
        *(codes.get("room"), codes.get("number"), said.get("amends_id"), said.get("seal_id")),
        *(codes.get("sha256"), codes.get("sha256")),
    )


def _said(content: bytes) -> Mapping[str, object]:
    """What the bytes say; nothing where they are no object."""
    try:
        told = json.loads(content)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
