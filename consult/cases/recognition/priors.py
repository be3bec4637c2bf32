"""Earlier exams of a case's patient for whoever reads the case (VW-03), decision 0232."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from typing import Final

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases import service as cases
from consult.cases.events import case_entry, case_ref
from consult.cases.model import Case
from consult.cases.openings import OPENED, was_just_opened
from consult.cases.recognition import store
from consult.cases.recognition.finding import has_agreed, hold_both_consents
from consult.cases.recognition.model import Source
from consult.cases.sharing import reason_of
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId, PatientId
from consult.kernel.work import Work
from consult.people.patients.records import list_records_of_asker

MOST_PRIORS: Final = 20
_LONGEST_AGO: Final = timedelta(days=50 * 365)
_OPEN_FOR: Final = timedelta(hours=12)
_RENEWED_AFTER: Final = timedelta(hours=6)
_AS_PRIOR: Final = {"as": "prior"}


def list_priors(work: Work, case: Case) -> list[Source]:
    """The exams that were sent before this case, the newest first, of which its reader may know.

    Another institution's exam, or one that policy does not show the reader anyway, takes the
    patient's sharing tick (②) for this case and for that one, and both institutions in the
    consortium in which both were sent (decision 0181). The caller has asked policy about the case.
    """
    records: Mapping[PatientId, InstitutionId] = list_records_of_asker(
        work,
        case.patient_id,
        institution_id=case.institution_id,
        consortium_id=case.consortium_id,
    )
    found = store.list_sources(
        work.session,
        patient_ids=records,
        consortium_id=case.consortium_id,
        besides=case.id,
        since=work.now - _LONGEST_AGO,
    )
    earlier = [each for each in found if each.case_id < case.id]  # ids are in order of time
    if not earlier:
        return []
    is_agreed = has_agreed(work, case.patient_id, case.id, case.institution_id)
    newest = sorted(earlier, key=lambda each: (each.taken_at, each.case_id), reverse=True)
    shown = (each for each in newest if _is_shown(work, case, each, is_agreed=is_agreed))
    return list(islice(shown, MOST_PRIORS))


def open_prior(work: Work, *, case_id: str, prior_id: str) -> Source:
    """Look at an earlier exam beside a case: a look at that case too, and in its journal.

    Studies that the reader may not see anyway are open to her alone, and for half a day, for as
    long as both cases are shared. Raises NotFoundError where the exam is not among the priors.
    """
    case = cases.get_case(work, case_id)
    source = hold_both_consents(work, case, source_case_id=prior_id)
    prior = get_prior(work, case, prior_id)
    for study_id in sorted({picture.study_id for picture in prior.pictures}):
        _open(work, case, Ref(ObjectType.STUDY, study_id))
    if not was_just_opened(work, prior.case_id):
        work.journal(case_entry(source, OPENED, codes=_AS_PRIOR))
    return prior


def get_prior(work: Work, case: Case, prior_id: str) -> Source:
    """One of the priors; raises NotFoundError."""
    found = next((each for each in list_priors(work, case) if each.case_id == prior_id), None)
    if found is None:
        raise NotFoundError
    return found


def _is_shown(work: Work, case: Case, source: Source, *, is_agreed: bool) -> bool:
    is_of_same_record = source.patient_id == case.patient_id
    if is_of_same_record and _may_see(work, case_ref(source.case_id)):
        return True
    return is_agreed and has_agreed(work, source.patient_id, source.case_id, source.institution_id)


def _open(work: Work, case: Case, study: Ref) -> None:
    is_lasting = access.find_personal(work, study, until=work.now + _RENEWED_AFTER)
    is_personal = access.find_personal(work, study, until=work.now)
    if is_lasting or (_may_see(work, study) and not is_personal):
        return
    access.grant(
        work,
        study,
        to=(Party.PRACTITIONER, work.actor.person),
        why=reason_of(case),
        until=work.now + _OPEN_FOR,
    )


def _may_see(work: Work, ref: Ref) -> bool:
    return policy.may_see(work.session, work.actor, ref, now=work.now)
