"""What somebody in a call knows of its recording, as JSON: by names where she is waited for."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.rooms.errors import CALL_IS_OVER
from consult.rooms.links import service as links
from consult.rooms.links import service_guest as guests
from consult.rooms.links.model import Link
from consult.rooms.recordings import service as recordings
from consult.rooms.recordings import service_guest
from consult.rooms.recordings.model import Consent, Plan, Wish
from consult.rooms.recordings.service import RecordingView
from consult.rooms.rights import Talks
from server.terms import Terms
from server.views.rooms import named_guest


class AwaitedAnswer(BaseModel):
    """Somebody who has not answered yet."""

    person_id: str
    name: str
    name_en: str


class RecordingAnswer(BaseModel):
    """The recording of a call; `refused_by` tells the sides (inviting, invited, guest).

    `state` is none, asked, on, paused or ended; `why` private or consent while it is paused, and
    stopped, refused, room_ended or failed once it has ended.
    """

    state: str
    why: str
    code: str
    began_at: str | None
    own: str
    may_lead: bool
    awaited: list[AwaitedAnswer]
    refused_by: list[str]


_NOTHING: Final = RecordingAnswer(
    state="none",
    why="",
    code="",
    began_at=None,
    own="none",
    may_lead=False,
    awaited=[],
    refused_by=[],
)


def recording_as_json(work: Work, case_id: str, *, talks: Talks, terms: Terms) -> dict[str, Any]:
    """What the actor knows of the recording of the call in which she is.

    A page may still ask while the call ends under it: nothing is recorded then.
    """
    try:
        view = recordings.show(work, case_id=case_id, talks=talks)
    except CALL_IS_OVER:
        return _NOTHING.model_dump()
    return _told(work, view, work.actor.person, terms)


def guest_recording_as_json(work: Work, *, session_hash: str, terms: Terms) -> dict[str, Any]:
    """The same for a guest in the call."""
    known = guests.find_guest(work, session_hash=session_hash)
    if known is not None and known.is_over:
        return _NOTHING.model_dump()
    view = service_guest.show(work, session_hash=session_hash)
    me = guests.get_link(work, session_hash=session_hash).person_id
    return _told(work, view, me, terms)


def _told(work: Work, view: RecordingView, me: str, terms: Terms) -> dict[str, Any]:
    own = {str(each.person_id): each.consent for each in view.answers}.get(me)
    by_link = links.guests_in(work, [view.room_id])
    state, why = _state_of(view)
    last = view.last
    return RecordingAnswer(
        state=state,
        why=why,
        code="" if last is None else last.code,
        began_at=None if last is None or last.began_at is None else last.began_at.isoformat(),
        own="none" if own is None else "agreed" if own is Consent.AGREED else "refused",
        may_lead=view.may_lead,
        awaited=[] if view.plan is None else _awaited(work, view.plan, by_link, terms),
        refused_by=_sides_that_refused(view, by_link),
    ).model_dump()


def _state_of(view: RecordingView) -> tuple[str, str]:
    plan = view.plan
    if plan is None or plan.wish is Wish.STOP:
        recording = view.last if plan is None else plan.recording
        if recording is None:
            return "none", ""
        return "ended", "refused" if recording.why is None else recording.why.value
    if plan.recording.began_at is None:
        return "asked", ""
    if plan.wish is Wish.RECORD:
        return "on", ""
    return "paused", "private" if plan.recording.is_private else "consent"


def _awaited(
    work: Work, plan: Plan, by_link: Mapping[str, Link], terms: Terms
) -> list[AwaitedAnswer]:
    names = practitioners.names_of(work, [each for each in plan.awaited if each not in by_link])
    found = []
    for person_id in plan.awaited:
        if person_id in by_link:
            guest = named_guest(by_link[person_id], terms, tells_identity=False)
            name, name_en = guest.name, guest.name_en
        elif person_id in names:
            name, name_en = names[person_id].name, names[person_id].name_en
        else:
            continue
        found.append(AwaitedAnswer(person_id=person_id, name=name, name_en=name_en))
    return found


def _sides_that_refused(view: RecordingView, by_link: Mapping[str, Link]) -> list[str]:
    """Of which side somebody does not want it: that is all that the others need to know."""
    return sorted(
        {
            "guest"
            if each.person_id in by_link
            else "inviting"
            if each.institution_id == view.case.institution_id
            else "invited"
            for each in view.answers
            if each.consent is not Consent.AGREED
        }
    )
