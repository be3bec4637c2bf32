"""Returns and the trail of a case as JSON."""

from collections.abc import Sequence

from pydantic import BaseModel

from consult.cases.returns.model import CaseReturn
from consult.journal.model import Line


class ReturnItemAnswer(BaseModel):
    """One thing that is asked for."""

    kind: str
    code: str
    eye: str | None
    field: str | None


class ReturnAnswer(BaseModel):
    """One return; `ended_how` is none while the clinic has the case."""

    id: str
    returned_by: str
    returned_at: str
    expires_at: str
    note: str
    items: list[ReturnItemAnswer]
    ended_at: str | None
    ended_how: str | None


class ReturnsAnswer(BaseModel):
    """Every return of a case, the newest first."""

    returns: list[ReturnAnswer]


class TrailStepAnswer(BaseModel):
    """One decline, escalation or forwarding."""

    kind: str
    at: str
    practitioner_id: str | None
    panel_id: str | None
    to_panel_id: str | None
    reason: str


class TrailAnswer(BaseModel):
    """How a case came to its panel, the oldest step first."""

    steps: list[TrailStepAnswer]


def returns_as_json(found: Sequence[CaseReturn]) -> dict[str, object]:
    """Every return."""
    return ReturnsAnswer(returns=[_of(each) for each in found]).model_dump()


def trail_as_json(lines: Sequence[Line]) -> dict[str, object]:
    """Every step."""
    return TrailAnswer(
        steps=[
            TrailStepAnswer(
                kind=line.kind,
                at=line.at.isoformat(),
                practitioner_id=line.practitioner_id,
                panel_id=_text(line.codes.get("panel")),
                to_panel_id=_text(line.codes.get("to_panel")),
                reason=line.words.get("reason", ""),
            )
            for line in lines
        ]
    ).model_dump()


def _of(back: CaseReturn) -> ReturnAnswer:
    return ReturnAnswer(
        id=back.id,
        returned_by=back.returned_by,
        returned_at=back.returned_at.isoformat(),
        expires_at=back.expires_at.isoformat(),
        note=back.note,
        items=[
            ReturnItemAnswer(kind=item.kind, code=item.code, eye=item.eye, field=item.field)
            for item in back.items
        ],
        ended_at=None if back.ended_at is None else back.ended_at.isoformat(),
        ended_how=back.ended_how,
    )


def _text(fact: str | int | None) -> str | None:
    return None if fact is None else str(fact)
