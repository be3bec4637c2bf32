"""What somebody in a call knows of its recording, as JSON: by names where she is waited for."""

from typing import Any

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.rooms.recordings import service as recordings
from consult.rooms.recordings.model import Consent, Plan, Wish
from consult.rooms.recordings.service import RecordingView
from consult.rooms.rights import Talks


class AwaitedAnswer(BaseModel):
    """Somebody who has not answered yet."""

    person_id: str
    name: str
    name_en: str


class RecordingAnswer(BaseModel):
    """The recording of a call; `refused_by` tells the sides, never the persons.

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


def recording_as_json(work: Work, case_id: str, *, talks: Talks) -> dict[str, Any]:
    """What the actor knows of the recording of the call in which she is."""
    view = recordings.show(work, case_id=case_id, talks=talks)
    own = {each.person_id: each.consent for each in view.answers}.get(work.actor.person)
    state, why = _state_of(view)
    last = view.last
    return RecordingAnswer(
        state=state,
        why=why,
        code="" if last is None else last.code,
        began_at=None if last is None or last.began_at is None else last.began_at.isoformat(),
        own="none" if own is None else "agreed" if own is Consent.AGREED else "refused",
        may_lead=view.may_lead,
        awaited=[] if view.plan is None else _awaited(work, view.plan),
        refused_by=_sides_that_refused(view),
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


def _awaited(work: Work, plan: Plan) -> list[AwaitedAnswer]:
    names = practitioners.names_of(work, plan.awaited)
    return [
        AwaitedAnswer(person_id=each, name=names[each].name, name_en=names[each].name_en)
        for each in plan.awaited
        if each in names
    ]


def _sides_that_refused(view: RecordingView) -> list[str]:
    """Of which side somebody does not want it: that is all that the others need to know."""
    return sorted(
        {
            "inviting" if each.institution_id == view.case.institution_id else "invited"
            for each in view.answers
            if each.consent is not Consent.AGREED
        }
    )
