"""The modality worklist of a peer: the patients of its institution who are to be photographed."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from aiohttp import web

from consult.cases.images.scheduled import Scheduled, list_scheduled
from consult.cases.protocol import CaptureProtocol
from consult.studies.finding.model import date_range, time_range
from consult.studies.peers.model import Peer
from imaging.dimse.command import Status
from imaging.dimse.identifier import CHARSET, Attributes, Value
from server.dimse.questions import text_of
from server.dimse.receiving import actor_of
from server.dimse.wire import pack_attributes
from server.keys import RULES, UNITS
from server.threads import in_thread
from server.transactions import read_as

_STEP: Final = 0x00400100
_DAY, _TIME = 0x00400002, 0x00400003
_LONGEST_TEXT: Final = 64  # LO, PS3.5 6.2


async def find_scheduled(app: web.Application, peer: Peer, told: Attributes) -> Mapping[str, Any]:
    """The entries that match, in the words of the wire; a refusal where drafts are too many."""
    book = app[RULES]
    most = book.dicom.most_matches
    scheduled = await read_as(
        app[UNITS], actor_of(peer), list_scheduled, names=book.images.names, limit=most + 1
    )
    if len(scheduled) > most:
        return {"status": Status.OUT_OF_RESOURCES}
    entries = [
        _scheduled(each, peer, book.cases.protocol_of(each.service_type)) for each in scheduled
    ]
    found = await in_thread(_select, entries, told)
    return {"found": [pack_attributes(each) for each in found]}


def _select(entries: Sequence[Attributes], told: Attributes) -> list[Attributes]:
    return [each for each in entries if matches(each, told)]


def _scheduled(each: Scheduled, peer: Peer, protocol: CaptureProtocol | None) -> Attributes:
    """One entry of the worklist (PS3.4 K.6.1.2); every camera here can show Chinese."""
    labels, start = each.labels, each.local_start
    wanted = each.service_type.value if protocol is None else protocol.words.zh
    step: dict[int, Value] = {
        0x00080060: "OP",
        0x00400001: peer.title,
        _DAY: start.strftime("%Y%m%d"),
        _TIME: start.strftime("%H%M%S"),
        0x00400007: wanted[:_LONGEST_TEXT],
        0x00400009: labels.accession_number[:16],
        0x00400020: "SCHEDULED",
    }
    return {
        0x00080050: labels.accession_number[:16],
        0x00080090: "",
        0x00100010: labels.patient_name,
        0x00100020: labels.patient_number,
        0x00100030: labels.birth_on.strftime("%Y%m%d"),
        0x00100040: labels.sex,
        0x0020000D: each.study_instance_uid,
        0x00321060: wanted[:_LONGEST_TEXT],
        _STEP: [step],
        0x00401001: labels.accession_number[:16],
    }


def matches(entry: Attributes, told: Attributes) -> bool:
    """Whether every key of the question matches (PS3.4 C.2.2.2); unknown keys match all."""
    if not _is_in_time(entry, told):
        return False
    for tag, wanted in told.items():
        have = entry.get(tag)
        if have is None or not wanted or tag in {CHARSET, _DAY, _TIME}:
            continue
        if not isinstance(wanted, str):
            if not isinstance(have, str) and not _any_matches(have, wanted[0]):
                return False
        elif not isinstance(have, str) or not _matches_text(tag, have, wanted):
            return False
    return True


def _any_matches(items: Sequence[Attributes], wanted: Attributes) -> bool:
    return any(matches(each, wanted) for each in items)


def _is_in_time(entry: Attributes, told: Attributes) -> bool:
    """Day and time of a step; two ranges are one, from a moment to a moment (table K.6-1)."""
    if _DAY not in entry:
        return True
    day, time = text_of(entry, _DAY), text_of(entry, _TIME)
    asked_day, asked_time = (text_of(told, tag).strip("*") for tag in (_DAY, _TIME))
    days, times = date_range(asked_day), time_range(asked_time)
    if days is None or times is None:
        return False
    if "-" in asked_day and "-" in asked_time:
        return days[0] + times[0] <= day + time <= days[1] + times[1]
    return days[0] <= day <= days[1] and times[0] <= time <= times[1]


def _matches_text(tag: int, have: str, wanted: str) -> bool:
    pattern = wanted.casefold().replace("[", "[[]")
    texts = [have, *have.split("=")] if tag == 0x00100010 else [have]  # noqa: PLR2004 - a name
    return any(fnmatchcase(each.casefold(), pattern) for each in texts)
