"""Which photographs of each eye a capture protocol asks for, and what is still missing (IMG-04)."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words


class FieldCode(enum.StrEnum):
    """What a photograph is centred on."""

    MACULA_CENTRED = "macula_centred"
    DISC_CENTRED = "disc_centred"
    TEMPORAL_TO_MACULA = "temporal_to_macula"
    EXTERNAL = "external"
    ETDRS_1_DISC = "etdrs_1_disc"
    ETDRS_2_MACULA = "etdrs_2_macula"
    ETDRS_3_TEMPORAL_TO_MACULA = "etdrs_3_temporal_to_macula"
    ETDRS_4_SUPERIOR_TEMPORAL = "etdrs_4_superior_temporal"
    ETDRS_5_INFERIOR_TEMPORAL = "etdrs_5_inferior_temporal"
    ETDRS_6_SUPERIOR_NASAL = "etdrs_6_superior_nasal"
    ETDRS_7_INFERIOR_NASAL = "etdrs_7_inferior_nasal"
    OTHER = "other"


class NoImageReason(enum.StrEnum):
    """Why a field could not be photographed (U3); an absent eye is said of the whole."""

    EYE_ABSENT = "eye_absent"

    MEDIA_OPACITY = "media_opacity"
    SMALL_PUPIL = "small_pupil"
    CANNOT_COOPERATE = "cannot_cooperate"
    LID_OBSCURED = "lid_obscured"
    POSITION_LIMITED = "position_limited"
    DEVICE_FAULT = "device_fault"
    PATIENT_REFUSED = "patient_refused"


@dataclass(frozen=True, slots=True)
class CaptureProtocol:
    """The fields that are photographed of each eye."""

    name: str
    version: str
    source: str
    words: Words
    fields: tuple[FieldCode, ...]
    complete_without: frozenset[EyeStatus]


@dataclass(frozen=True, slots=True)
class TakenImage:
    """A photograph whose eye and field a person has confirmed."""

    eye: Eye
    field: FieldCode


@dataclass(frozen=True, slots=True)
class CaptureException:
    """A field that could not be photographed, or with no field the whole eye, and why."""

    eye: Eye
    field: FieldCode | None
    reason: NoImageReason


@dataclass(frozen=True, slots=True)
class MissingField:
    """One photograph that is neither there nor excused."""

    eye: Eye
    field: FieldCode


def parse_protocol(mapping: Mapping[str, object]) -> CaptureProtocol:
    """A protocol of config/capture_protocols."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "words", "field", "complete_without")
    fields = []
    for row in table.tables("field"):
        row.only("code")
        fields.append(row.code("code", FieldCode))
    if not fields or len(set(fields)) != len(fields):
        raise table.wrong("field", "must name each field once")
    return CaptureProtocol(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        words=table.words("words"),
        fields=tuple(fields),
        complete_without=frozenset(table.codes("complete_without", EyeStatus)),
    )


def eye_statuses(exceptions: Iterable[CaptureException]) -> dict[Eye, EyeStatus]:
    """Which eyes were said to be absent or a prosthesis; of the others nothing was said."""
    return {
        excuse.eye: EyeStatus.ABSENT
        for excuse in exceptions
        if excuse.reason is NoImageReason.EYE_ABSENT
    }


def missing_fields(
    protocol: CaptureProtocol,
    *,
    images: Iterable[TakenImage],
    exceptions: Sequence[CaptureException],
) -> tuple[MissingField, ...]:
    """What is missing, right eye first, in the protocol's order; an eye not named is present."""
    taken = {(image.eye, image.field) for image in images}
    eye_status = eye_statuses(exceptions)
    excused = {
        (excuse.eye, excuse.field)
        for excuse in exceptions
        if excuse.reason is not NoImageReason.EYE_ABSENT
    }
    return tuple(
        MissingField(eye, field)
        for eye in Eye
        if eye_status.get(eye, EyeStatus.PRESENT) not in protocol.complete_without
        for field in protocol.fields
        if (eye, field) not in taken and not {(eye, field), (eye, None)} & excused
    )
