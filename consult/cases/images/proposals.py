"""What is proposed for each image of a set, and on what it rests (U2)."""

from collections.abc import Sequence

from consult.cases.images.model import EVIDENCE, CaseImage, ImageRow, Proposal, Source
from consult.cases.protocol import CaptureProtocol, FieldCode
from consult.kernel.eyes import Eye
from consult.studies.model import Instance, Likeness


def conflicts(row: ImageRow) -> bool:
    """Whether the sources, or the person and a source, name different eyes."""
    named = {row.evidence.eyes[source] for source in EVIDENCE if source in row.evidence.eyes}
    if row.chosen_eye is not None:
        named.add(row.chosen_eye)
    return len(named) > 1


def in_capture_order(
    rows: Sequence[tuple[ImageRow, Instance]],
) -> list[tuple[ImageRow, Instance]]:
    """By capture time; those without one follow in the order in which they came."""

    def key(pair: tuple[ImageRow, Instance]) -> tuple[bool, str, str, str]:
        row, instance = pair
        at = instance.description.captured.at
        return at is None, "" if at is None else at.isoformat(), row.file_name, row.id

    return sorted(rows, key=key)


def propose(
    pairs: Sequence[tuple[ImageRow, Instance]],
    *,
    protocol: CaptureProtocol | None,
    first_eye: Eye,
) -> list[CaseImage]:
    """Number the images in capture order and propose eye and field of each."""
    ordered = in_capture_order(pairs)
    eyes = [_eye_of(row) for row, _ in ordered]
    retinal = [index for index, pair in enumerate(ordered) if _is_retinal(pair)]
    for index, eye in _by_order(retinal, [eye for eye, _ in eyes], first_eye).items():
        eyes[index] = (eye, Source.CAPTURE_ORDER)
    fields = _fields_of(ordered, [eye for eye, _ in eyes], protocol)
    return [
        CaseImage(row, instance, position, Proposal(*eye, *found), conflicts(row))
        for position, ((row, instance), eye, found) in enumerate(
            zip(ordered, eyes, fields, strict=True), start=1
        )
    ]


def _by_order(
    retinal: Sequence[int], known: Sequence[Eye | None], first_eye: Eye
) -> dict[int, Eye]:
    """Eyes for photographs that say nothing, where two halves agree with all that do say one."""
    half, odd = divmod(len(retinal), 2)
    if odd:
        return {}
    for first in (first_eye, first_eye.other):
        halves = {
            index: first if turn < half else first.other for turn, index in enumerate(retinal)
        }
        if all(known[index] in {None, eye} for index, eye in halves.items()):
            return {index: eye for index, eye in halves.items() if known[index] is None}
    return {}


def _is_retinal(pair: tuple[ImageRow, Instance]) -> bool:
    """An earlier exam's picture stands outside this set: nothing is proposed from its place."""
    row, instance = pair
    if row.is_recognised:
        return False
    return instance.has_picture and instance.description.likeness is not Likeness.NOT_FUNDUS


def _eye_of(row: ImageRow) -> tuple[Eye | None, Source | None]:
    if row.chosen_eye is not None:
        return row.chosen_eye, Source.PERSON
    for source in EVIDENCE:
        if source in row.evidence.eyes:
            return row.evidence.eyes[source], source
    return None, None


def _fields_of(
    pairs: Sequence[tuple[ImageRow, Instance]],
    eyes: Sequence[Eye | None],
    protocol: CaptureProtocol | None,
) -> list[tuple[FieldCode | None, Source | None]]:
    fields = [_field_of(pair) for pair in pairs]
    for eye in Eye:
        of_eye = [
            index for index, pair in enumerate(pairs) if eyes[index] is eye and _is_retinal(pair)
        ]
        silent = all(fields[index][0] is None for index in of_eye)
        if protocol is not None and silent and len(of_eye) == len(protocol.fields):
            for index, code in zip(of_eye, protocol.fields, strict=True):
                fields[index] = (code, Source.CAPTURE_ORDER)
    return fields


def _field_of(pair: tuple[ImageRow, Instance]) -> tuple[FieldCode | None, Source | None]:
    row, instance = pair
    if row.chosen_field is not None:
        return row.chosen_field, Source.PERSON
    for source in EVIDENCE:
        if source in row.evidence.fields:
            return row.evidence.fields[source], source
    if instance.description.likeness is Likeness.NOT_FUNDUS:
        return FieldCode.OTHER, Source.CONTENT
    return None, None
