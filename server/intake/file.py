"""One file on its way in: looked at in the jail, wrapped where it is a photograph, encrypted."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from consult.blobs.store import BlobRef
from consult.cases.images.labels import FUNDUS_MODALITY, Labels
from consult.cases.images.model import Arrival, Evidence, Source
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.studies.model import (
    Captured,
    CapturedSource,
    Description,
    Likeness,
    Origin,
    Part,
    Received,
    Uids,
)
from consult.studies.uploads.model import Upload
from server.images.imagery import IMAGERY
from server.images.imagestore import save_file
from server.intake.labelling import person_params, uid_params
from server.intake.picture_check import check_of
from server.intake.spool import memory_files
from server.keys import JAIL
from server.looks.describing import find_indexed
from server.threads import all_of, both, in_thread

_OTHER_MODALITY: Final = "XC"
_BYTE_BITS: Final = 8
_SOURCES: Final = {
    "tag": Source.TAG,
    "file-name": Source.FILE_NAME,
    "disc": Source.DISC_POSITION,
}
_EYES: Final = {"R": Eye.RIGHT, "L": Eye.LEFT}
_LONGEST_MODALITY: Final = 16
_LONGEST_TEXT: Final = 64
_LARGEST_NUMBER: Final = 2**31 - 1
_SOUND_YEARS: Final = range(1950, 2200)


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at the files of one upload."""

    app: web.Application
    upload: Upload
    labels: Labels
    wrapped_key: bytes

    async def look(self, descriptor: int, name: str, *, sha256: str) -> Arrival:
        """What the file is, with its bytes stored; the caller has hashed it.

        Raises JailRefusedError when it is not taken, and every other JailError.
        """
        with memory_files(3) as outputs:
            told = await self.app[JAIL].run(
                "take", {"filename": name}, inputs=[descriptor], outputs=outputs
            )
            has_picture = told["verdict"] == "accepted"
            pictures = dict(zip((Part.PREVIEW, Part.THUMBNAIL), outputs, strict=False))
            parts = pictures if has_picture else {}
            arrival = await self._store(descriptor, name, told, parts, sha256=sha256)
            indexed = await find_indexed(told, outputs[2])
            return replace(arrival, received=replace(arrival.received, indexed=indexed))

    async def _store(
        self,
        descriptor: int,
        name: str,
        told: Mapping[str, Any],
        parts: Mapping[Part, int],
        *,
        sha256: str,
    ) -> Arrival:
        """The small pictures are stored while the photograph is wrapped: two processors work."""
        facts: Mapping[str, Any] = told["facts"]
        captured = self._captured(facts)
        is_photograph = told["kind"] == "photograph"
        uids = (
            self.labels.uids_of(sha256, modality=_modality_of(facts))
            if is_photograph
            else uids_of(facts)
        )
        small = self._save_all(parts)
        if is_photograph:
            wrapping = self._wrap(descriptor, facts, uids, captured)
            blobs, (original, made) = await both(small, wrapping)
            description = _of_photograph(facts, captured, made)
        else:
            blobs, original = await both(small, self._save(descriptor))
            description = describe_dicom(facts, captured, told["reason"])
        description = replace(description, quality=check_of(self.app, facts))
        received = Received(uids, sha256, description, blobs | {Part.ORIGINAL: original})
        return Arrival(name, received, evidence_of(facts))

    async def _save_all(self, parts: Mapping[Part, int]) -> dict[Part, BlobRef]:
        return dict(zip(parts, await all_of(map(self._save, parts.values())), strict=True))

    async def _wrap(
        self, descriptor: int, facts: Mapping[str, Any], uids: Uids, captured: Captured
    ) -> tuple[BlobRef, Mapping[str, Any]]:
        """The photograph as a DICOM instance, with no eye until a person has confirmed one."""
        local = None
        if captured.at is not None:
            local = self._clock(captured.at, facts).replace(tzinfo=None).isoformat()
        scratch = await in_thread(self.app[IMAGERY].spool.make_scratch)
        try:
            made = await self.app[JAIL].run(
                "wrap",
                person_params(self.labels)
                | uid_params(uids)
                | {
                    "captured_at": local,
                    "captured_source": None if local is None else captured.source.value,
                    "offset": facts.get("captured_offset"),
                    "institution_name": self.labels.institution_name[:_LONGEST_TEXT],
                    "device": facts.get("device") or "",
                    "is_other": True if _modality_of(facts) == _OTHER_MODALITY else None,
                },
                inputs=[descriptor],
                outputs=[scratch],
            )
            return await self._save(scratch), made
        finally:
            os.close(scratch)

    async def _save(self, descriptor: int) -> BlobRef:
        return await save_file(
            self.app,
            descriptor,
            institution_id=self.upload.institution_id,
            wrapped_key=self.wrapped_key,
            ledger=self.upload.id,
        )

    def _captured(self, facts: Mapping[str, Any]) -> Captured:
        """The capture time; where the file tells none, when it was last written."""
        if facts.get("captured_at") is None:
            at = self.upload.modified_at
            return Captured() if at is None else Captured(at, CapturedSource.FILE, "UTC")
        return captured_of(facts, zone=self.labels.zone)

    def _clock(self, at: datetime, facts: Mapping[str, Any]) -> datetime:
        """The time as the camera's own clock showed it."""
        offset = facts.get("captured_offset")
        zone = datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo if offset else None
        return at.astimezone(zone or ZoneInfo(self.labels.zone))


def captured_of(facts: Mapping[str, Any], *, zone: str) -> Captured:
    """The capture time as an instant; a clock without a zone is read in the institution's."""
    told = facts.get("captured_at")
    if told is None:
        return Captured()
    source = CapturedSource.DICOM
    if facts.get("captured_source") == "exif":
        source = CapturedSource.EXIF
    offset = facts.get("captured_offset")
    local = datetime.fromisoformat(f"{told}{offset or ''}")
    if local.tzinfo is None:
        local = local.replace(tzinfo=ZoneInfo(zone))
    if local.year not in _SOUND_YEARS:  # a camera whose clock was never set
        return Captured()
    return Captured(local.astimezone(UTC), source, offset or zone)


def evidence_of(facts: Mapping[str, Any]) -> Evidence:
    """What the image itself says about eye and field."""
    eyes = {
        _SOURCES[each["source"]]: _EYES[each["value"]] for each in facts["laterality_proposals"]
    }
    known = {code.value: code for code in FieldCode}
    fields = {
        _SOURCES[each["source"]]: known[each["value"]]
        for each in facts["field_proposals"]
        if each["value"] in known
    }
    return Evidence(eyes, fields, camera=(facts.get("device") or "")[:_LONGEST_TEXT])


def _modality_of(facts: Mapping[str, Any]) -> str:
    """What is no fundus goes into a class for any photograph, which has 8 bits at most."""
    is_other = not facts["fundus"]["is_fundus"] and facts["bits"] == _BYTE_BITS
    return _OTHER_MODALITY if is_other else FUNDUS_MODALITY


def _of_photograph(
    facts: Mapping[str, Any], captured: Captured, made: Mapping[str, Any]
) -> Description:
    return Description(
        origin=Origin.PHOTOGRAPH,
        sop_class_uid=made["sop_class_uid"],
        transfer_syntax_uid=made["transfer_syntax_uid"],
        modality=_modality_of(facts),
        rows=facts["rows"],
        columns=facts["columns"],
        frames=1,
        captured=captured,
        likeness=_likeness(facts),
    )


def describe_dicom(facts: Mapping[str, Any], captured: Captured, reason: str | None) -> Description:
    """What the row keeps of a DICOM object, from what the jail said of it."""
    laterality = facts["image_laterality"]
    return Description(
        origin=Origin.DICOM,
        sop_class_uid=facts["sop_class_uid"],
        transfer_syntax_uid=facts["transfer_syntax_uid"],
        modality=(facts["modality"] or "")[:_LONGEST_MODALITY],
        rows=_bounded(facts["rows"]),
        columns=_bounded(facts["columns"]),
        frames=_bounded(facts["frames"]) or 1,
        captured=captured,
        laterality=laterality if laterality in {"R", "L", "B"} else None,
        picture_reason=reason,
        likeness=_likeness(facts),
        named_name=facts["patient_name"] or "",
        named_number=facts["patient_id"] or "",
    )


def uids_of(facts: Mapping[str, Any]) -> Uids:
    """The object's identity."""
    return Uids(
        study_instance_uid=facts["study_instance_uid"],
        series_instance_uid=facts["series_instance_uid"],
        sop_instance_uid=facts["sop_instance_uid"],
    )


def _bounded(number: int | None) -> int | None:
    """A count as a file claims it; nonsense is kept out of the columns."""
    return number if number is not None and 0 < number <= _LARGEST_NUMBER else None


def _likeness(facts: Mapping[str, Any]) -> Likeness:
    """A picture that was not looked at (another modality, no pixels) is no fundus photograph."""
    if facts["fundus"] is None:
        return Likeness.NOT_FUNDUS
    return Likeness.FUNDUS if facts["fundus"]["is_fundus"] else Likeness.NOT_FUNDUS
