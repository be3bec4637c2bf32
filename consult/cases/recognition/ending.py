"""A recognition ends: given up, or because what it rests on is not shared any more."""

from consult.access import service as access
from consult.access.model import FOR_PICTURES, ObjectType, Ref
from consult.cases import store as case_store
from consult.cases.events import case_entry, case_ref
from consult.cases.images import store as image_store
from consult.cases.images.sent import was_sent
from consult.cases.images.service import OPEN_FOR_IMAGES
from consult.cases.model import Case
from consult.cases.recognition import store
from consult.cases.recognition.model import Recognition
from consult.cases.recognition.tables import RecognitionRow
from consult.journal.rows import kept
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work

GIVEN_UP = "given_up"
CASE_ENDED = "case_ended"
SOURCE_CLOSED = "source_closed"


def grant_reason(recognition: Recognition) -> str:
    """Why the institution that uses an exam sees its pictures."""
    return f"{FOR_PICTURES}{recognition.id}"


def end_of_case(work: Work, case: Case) -> None:
    """The case has come to its end unanswered: what it used of others closes to its institution."""
    for each in store.list_of_case(work.session, case.id):
        if each.is_used:
            _end(work, case, each, why=CASE_ENDED)


def end_as_source(work: Work, case: Case) -> None:
    """The pictures of a case are shared no more: nobody rests on them by recognition from now on.

    A case that was sent keeps them on record and shows them to nobody.
    """
    for each in store.list_used_of_source(work.session, case.id):
        image_store.hold_case(work.session, each.case_id)
        user = case_store.find_case(work, each.case_id)
        if user is None:
            raise NotFoundError
        _close(work, user, each)
        if user.status in OPEN_FOR_IMAGES:
            _take_out(work, user, each)
        _end(work, user, each, why=SOURCE_CLOSED)
    for study_id in sorted(store.own_studies(work.session, case.id)):
        access.end_personal(work, Ref(ObjectType.STUDY, study_id))  # opened as a prior (0232)


def give_up(work: Work, case: Case, recognition: Recognition) -> None:
    """Whoever prepares the case does without the exam after all."""
    _close(work, case, recognition)
    _take_out(work, case, recognition)
    _end(work, case, recognition, why=GIVEN_UP)


def give_up_all(work: Work, case: Case) -> None:
    """The patient agrees to nothing any more: her draft rests on no other institution's exam."""
    for each in store.list_of_case(work.session, case.id):
        if each.is_used and each.source_institution_id != case.institution_id:
            give_up(work, case, each)


def _close(work: Work, case: Case, recognition: Recognition) -> None:
    """Nobody sees the exam's studies on account of this case, but those in which its own lie."""
    studies = {study for _image, study in store.list_images_by(work.session, recognition.id)}
    for study_id in sorted(studies - store.own_studies(work.session, case.id)):
        access.end_alike(work, Ref(ObjectType.STUDY, study_id), like=case_ref(case.id))


def _take_out(work: Work, case: Case, recognition: Recognition) -> None:
    rows = {row.id: row for row in image_store.list_images(work, case.id)}
    for image_id, _study in store.list_images_by(work.session, recognition.id):
        if image_id in rows and was_sent(work, case, rows[image_id]):
            image_store.change_images(work.session, [image_id], removed_at=work.now)
        else:
            image_store.delete_image(work.session, image_id)


def _end(work: Work, case: Case, recognition: Recognition, *, why: str) -> None:
    access.end_every_grant(work, case_ref(case.id), why=grant_reason(recognition))
    store.change_recognition(work.session, recognition.id, ended_at=work.now, ended_why=why)
    codes = {
        "recognition": recognition.id,
        "kind": recognition.kind,
        "why": why,
        **kept(work, RecognitionRow, recognition.id),
    }
    work.journal(case_entry(case, "recognition.ended", codes=codes))
