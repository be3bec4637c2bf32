"""Questions of a peer: what it may see of stored studies, and who is to be photographed."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web

from consult.blobs.store import copy_to_fd
from consult.kernel.errors import NotFoundError
from consult.studies import service as studies
from consult.studies.finding import service as finding
from consult.studies.finding.errors import TooWideError
from consult.studies.peers.model import Peer
from imaging.dimse import classes
from imaging.dimse.command import Status
from imaging.dimse.identifier import Attributes, Value
from imaging.errors import JailError
from server.dimse.questions import LEVEL, is_bounded, is_narrow, question_of, text_of
from server.dimse.receiving import WAY, actor_of
from server.dimse.scheduling import find_scheduled
from server.dimse.wire import pack_attributes, unpack_attributes
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, wrapped_key_of
from server.keys import BLOBS, JAIL, RULES, SETTINGS, UNITS, VAULT
from server.threads import in_thread
from server.transactions import read_as, write_as

Answer = Mapping[str, Any]
_NOTHING: Final[Answer] = MappingProxyType({"file": None})
_CHARSET, _RETRIEVE_FROM, _AVAILABLE = 0x00080005, 0x00080054, 0x00080056
KEYWORDS: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00080016: "SOPClassUID",
        0x00080018: "SOPInstanceUID",
        0x00080020: "StudyDate",
        0x00080030: "StudyTime",
        0x00080050: "AccessionNumber",
        0x00080060: "Modality",
        0x00080061: "ModalitiesInStudy",
        0x00080090: "ReferringPhysicianName",
        0x00081030: "StudyDescription",
        0x00100010: "PatientName",
        0x00100020: "PatientID",
        0x00100030: "PatientBirthDate",
        0x00100040: "PatientSex",
        0x0020000D: "StudyInstanceUID",
        0x0020000E: "SeriesInstanceUID",
        0x00200010: "StudyID",
        0x00200011: "SeriesNumber",
        0x00200013: "InstanceNumber",
        0x00201206: "NumberOfStudyRelatedSeries",
        0x00201208: "NumberOfStudyRelatedInstances",
        0x00201209: "NumberOfSeriesRelatedInstances",
        0x00280008: "NumberOfFrames",
        0x00280010: "Rows",
        0x00280011: "Columns",
    }
)
"""What answers hold where the question names it."""

UNMATCHED: Final = frozenset(
    {0x00201206, 0x00201208, 0x00201209, 0x00280008, 0x00280010, 0x00280011}
)
"""Of these what is told only: a value in a question matches everything."""


async def find(app: web.Application, peer: Peer, asked: Mapping[str, Any]) -> Answer:
    """What matches; a refusal where a question is nonsense or too wide."""
    told = unpack_attributes(asked["question"])
    if not is_bounded(told):
        return {"status": Status.CLASS_MISMATCH}
    if asked["model"] == classes.WORKLIST_FIND:
        answer = await find_scheduled(app, peer, told)
        _note(app, peer, "worklist", len(answer.get("found", ())))
        return answer
    question = question_of(told, asked["model"], is_combined=asked["is_combined"])
    if question is None:
        return {"status": Status.CLASS_MISMATCH}
    most = app[RULES].dicom.most_matches
    try:
        found = await read_as(app[UNITS], actor_of(peer), finding.find, question, limit=most)
    except TooWideError:
        return {"status": Status.OUT_OF_RESOURCES}
    _note(app, peer, question.level.lower(), len(found))
    title = app[SETTINGS].dicom_title
    return {"found": [pack_attributes(_answer(told, each.values, title)) for each in found]}


async def list_held(app: web.Application, peer: Peer, asked: Mapping[str, Any]) -> Answer:
    """Which objects a retrieval names; it is written down as leaving the house."""
    told = unpack_attributes(asked["question"])
    question = question_of(told, asked["model"]) if is_bounded(told) else None
    if question is None or not is_narrow(question):
        return {"status": Status.CLASS_MISMATCH}
    actor, most = actor_of(peer), app[RULES].dicom.most_retrieved
    try:
        found = await read_as(app[UNITS], actor, finding.list_retrievable, question, limit=most)
    except TooWideError:
        return {"status": Status.MATCHES_NOT_COUNTED}
    await write_as(app[UNITS], actor, finding.note_retrieval, found, peer=peer.title)
    return {
        "held": [
            [each.instance_id, each.sop_class_uid, each.sop_instance_uid, each.transfer_syntax_uid]
            for each in found
        ]
    }


async def fetch(app: web.Application, peer: Peer, asked: Mapping[str, Any]) -> Answer:
    """Put an object into the file that is waiting for it, decoded where that is asked.

    The file is the DICOM process's: where it has lost its patience there is none any more.
    """
    try:
        instance = await read_as(app[UNITS], actor_of(peer), studies.get_instance, asked["id"])
        output = await in_thread(_open_file, app, str(asked["file"]))
    except (NotFoundError, FileNotFoundError):
        return _NOTHING
    blob = instance.original
    try:
        if instance.description.transfer_syntax_uid == asked["syntax"]:
            key = await wrapped_key_of(app, blob.institution_id)
            await in_thread(
                copy_to_fd, app[BLOBS], app[VAULT], blob, institution_key=key, descriptor=output
            )
        else:
            async with in_memory(app, blob) as source:
                await app[JAIL].run("transcode", {}, inputs=[source], outputs=[output])
    except JailError:
        return _NOTHING
    finally:
        os.close(output)
    return {"file": asked["file"]}


async def list_kept(app: web.Application, peer: Peer, asked: Mapping[str, Any]) -> Answer:
    """Which objects the peer's institution holds: rows and bytes are durable together."""
    pairs = [(str(kind), str(uid)) for kind, uid in asked["asked"]]
    kept = await read_as(app[UNITS], actor_of(peer), finding.list_stored, pairs)
    return {"kept": sorted(kept)}


def _open_file(app: web.Application, file: str) -> int:
    """Names in the folder are the DICOM process's own; nothing else is opened, or made.

    Raises FileNotFoundError.
    """
    if "/" in file or file.startswith("."):
        raise FileNotFoundError
    path = app[SETTINGS].dicom_folder / file
    return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)


def _note(app: web.Application, peer: Peer, level: str, found: int) -> None:
    app[IMAGERY].searches.note(actor_of(peer), way=WAY, level=level, found=found)


def _answer(told: Attributes, values: Mapping[str, str], title: str) -> Attributes:
    """What was asked for and is known; what is not known is empty (PS3.4 C.4.1.3.2)."""
    found: dict[int, Value] = {
        tag: values.get(KEYWORDS[tag], "") if tag in KEYWORDS else ""
        for tag, value in told.items()
        if isinstance(value, str) and tag != _CHARSET
    }
    found[LEVEL] = text_of(told, LEVEL)
    found[_RETRIEVE_FROM] = title
    found[_AVAILABLE] = "ONLINE"
    return found
