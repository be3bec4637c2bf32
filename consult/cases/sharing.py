"""Opening a case to the invited institution, and closing it again."""

from collections.abc import Iterable

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases.events import case_ref, patient_ref
from consult.cases.model import Case
from consult.kernel.work import Work


def reason_of(case: Case) -> str:
    """Why the grants of a case are given: one case ended does not close another of the patient."""
    return f"case:{case.id}"


def open_to_invited(work: Work, case: Case, *, study_ids: Iterable[str]) -> None:
    """Grant case, patient and studies to the invited institution."""
    if case.invited_institution_id is None:
        return
    studies = [Ref(ObjectType.STUDY, study_id) for study_id in study_ids]
    for ref in (case_ref(case.id), patient_ref(case.patient_id), *studies):
        access.grant(
            work, ref, to=(Party.INSTITUTION, case.invited_institution_id), why=reason_of(case)
        )


def close_to_all(work: Work, case: Case) -> None:
    """End what any institution was given of this case: its sharing has no consent any more (U17).

    A live referral rests on a consent of its own: it keeps the patient's identity open to the
    office that expects her, and nothing else.
    """
    only_who_comes = frozenset({ObjectType.PATIENT})
    access.end_sharing(work, case_ref(case.id), why=reason_of(case), keeping=only_who_comes)


def close_to_invited(work: Work, case: Case) -> None:
    """End whatever was granted for this case."""
    access.end_every_grant(work, case_ref(case.id), why=reason_of(case))
