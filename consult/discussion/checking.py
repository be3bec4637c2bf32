"""What a message must be before it is sent; every problem names its field."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from consult.annotations.model import Canvas
from consult.discussion.model import (
    LONGEST_TEXT,
    MOST_NAMED,
    MOST_REFERENCES,
    Head,
    MessageKind,
    Reference,
    Wanted,
)
from consult.kernel.errors import FieldProblem, FormRefusedError


@dataclass(frozen=True, slots=True)
class Known:
    """What a message may name: the thread it stands in, people, and pictures."""

    thread: Collection[Head]
    people: Collection[str]
    canvases: Mapping[str, Canvas]


def check(wanted: Wanted, known: Known) -> None:
    """Raises FormRefusedError with every field that is wrong."""
    problems = [*_of_text(wanted), *_of_kind(wanted, known), *_of_people(wanted, known)]
    if len(wanted.references) > MOST_REFERENCES:
        problems.append(FieldProblem("references", "too-many", {"most": MOST_REFERENCES}))
    else:
        for number, each in enumerate(wanted.references):
            problems += _of_reference(each, known, f"references.{number}")
    if problems:
        raise FormRefusedError(problems)


def _of_text(wanted: Wanted) -> Iterator[FieldProblem]:
    if not wanted.text.strip():
        yield FieldProblem("text", "field-missing")
    elif len(wanted.text) > LONGEST_TEXT:
        yield FieldProblem("text", "field-too-long", {"limit": LONGEST_TEXT})


def _of_kind(wanted: Wanted, known: Known) -> Iterator[FieldProblem]:
    """An answer answers a question; of an amendment the first wording decides."""
    asked = any(head.kind is MessageKind.QUESTION for head in known.thread)
    if wanted.amends_id is None and wanted.kind is MessageKind.ANSWER and not asked:
        yield FieldProblem("kind", "message-answers-nothing")


def _of_people(wanted: Wanted, known: Known) -> Iterator[FieldProblem]:
    if len(wanted.to) > MOST_NAMED:
        yield FieldProblem("to", "too-many", {"most": MOST_NAMED})
    elif not set(wanted.to) <= set(known.people):
        yield FieldProblem("to", "message-to-stranger")


def _of_reference(each: Reference, known: Known, place: str) -> Iterator[FieldProblem]:
    canvas = known.canvases.get(each.image_id)
    if canvas is None:
        yield FieldProblem(f"{place}.image_id", "message-picture")
        return
    if not 1 <= each.frame <= canvas.frames:
        yield FieldProblem(f"{place}.frame", "mark-frame", {"most": canvas.frames})
    if each.point is None:
        return
    column, row = each.point
    if not (0 <= column < canvas.columns and 0 <= row < canvas.rows):
        size = {"columns": canvas.columns, "rows": canvas.rows}
        yield FieldProblem(f"{place}.point", "mark-outside", size)
