"""Signing what one thinks after a call, and signing it anew: every wording is kept (VID-06)."""

import secrets
from datetime import UTC
from hashlib import sha256
from typing import Final

from consult.cases.model import Case, is_open
from consult.kernel.errors import RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.reports.canonical import canonical_json
from consult.reports.opinions import store
from consult.reports.opinions.errors import (
    NotParticipantError,
    OpinionMovedError,
    OpinionsFullError,
)
from consult.reports.opinions.model import MOST_OPINIONS, Opinion, Said
from consult.reports.opinions.tables import OpinionRow
from consult.reports.seal import Seal
from consult.reports.signing import BY_PASSWORD, Proof
from consult.rooms import records
from consult.rooms import service as rooms
from consult.rooms.errors import RoomCaseClosedError
from consult.rooms.journalling import journal_of
from consult.rooms.model import Room
from consult.rooms.records import CallRecord
from consult.rooms.rights import Talks

_SALT_BYTES: Final = 16


def took_part(call: CallRecord, person_id: str) -> bool:
    """Whether this person was in the call."""
    return any(each.person_id == person_id for each in call.people)


def require_signing(work: Work, *, case_id: str, room_id: str, talks: Talks) -> tuple[Case, Room]:
    """Whether the actor could sign an opinion on this call now, before a proof is spent on it.

    Raises NotFoundError, RoomCaseClosedError, RefusedError, NotParticipantError,
    OpinionsFullError, LicenceMissingError, LicenceExpiredError.
    """
    case = rooms.get_case_with_room(work, case_id, talks=talks)
    if not is_open(case.status):
        raise RoomCaseClosedError(case.id)
    calls = {each.room.id: each for each in records.list_calls(work, case)}
    if room_id not in calls:
        raise RefusedError("field-not-a-choice", field="room_id")
    if not took_part(calls[room_id], work.actor.person):
        raise NotParticipantError
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    if len(store.list_of_room(work.session, room_id)) >= MOST_OPINIONS:
        raise OpinionsFullError(case.id)
    return case, calls[room_id].room


def sign_opinion(
    work: Work,
    *,
    case_id: str,
    said: Said,
    seal: Seal,
    talks: Talks,
    proof: Proof = BY_PASSWORD,
) -> Opinion:
    """Sign what the actor thinks; a further wording amends her last one, which is kept.

    Raises as `require_signing`, OpinionMovedError, and NotInWindowError: no window is for it.
    """
    case, room = require_signing(work, case_id=case_id, room_id=said.room_id, talks=talks)
    proved = proof.alone()
    own = [each for each in store.list_of_room(work.session, room.id) if _is_own(work, each)]
    row = _row(work, case, room, said.text, before=own, seal=seal)
    if not store.save_opinion(work.session, row):
        raise OpinionMovedError(case.id)
    journal_of(
        work,
        case,
        "room.opinion_signed",
        room.id,
        opinion=row.id,
        number=row.number,
        sha256=row.sha256,
        **proved,
    )
    return store.opinion_of(row)


def list_opinions(work: Work, case: Case) -> list[Opinion]:
    """Every wording on every call of a case; policy is the caller's to ask."""
    return store.list_of_case(work.session, case.id)


def _is_own(work: Work, opinion: Opinion) -> bool:
    return opinion.author_id == work.actor.person


def _row(
    work: Work, case: Case, room: Room, text: str, *, before: list[Opinion], seal: Seal
) -> OpinionRow:
    opinion_id, person = new_id(), work.actor.person
    amends_id = before[-1].id if before else None
    name = practitioners.names_of(work, [person])[person]
    content = canonical_json(
        {
            "id": opinion_id,
            "case": {"id": case.id, "number": case.number},
            "room": {"id": room.id, "opened_at": room.opened_at.isoformat()},
            "number": len(before) + 1,
            "amends_id": amends_id,
            "author": {
                "id": person,
                "name": name.name,
                "name_en": name.name_en,
                "title": name.title,
            },
            "institution_id": work.actor.institution,
            "signed_at": work.now.astimezone(UTC).isoformat(),
            "text": text,
            "salt": secrets.token_hex(_SALT_BYTES),
            "seal_id": seal.id,
        }
    )
    return OpinionRow(
        id=opinion_id,
        case_id=case.id,
        room_id=room.id,
        number=len(before) + 1,
        amends_id=amends_id,
        author_id=person,
        institution_id=work.actor.institution,
        signed_at=work.now,
        content=content,
        sha256=sha256(content).hexdigest(),
        signature=seal.sign(content),
        seal_id=seal.id,
    )
