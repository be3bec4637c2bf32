"""Clinics and what they offer.

Publishing stands in service_publish.py, holding a slot for a patient in service_hold.py.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import slot_store, store
from consult.calendar.clinics import Clinic, ClinicFacts, Slot
from consult.calendar.errors import ClinicChangedError
from consult.calendar.tables import ClinicRow
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import scope

LONGEST_LIST = 200
MOST_SLOTS_SHOWN = 2000
_CONSORTIUM = "clinic"


def clinic_ref(clinic_id: str) -> Ref:
    """The clinic as policy knows it."""
    return Ref(ObjectType.CLINIC, clinic_id)


def add_clinic(work: Work, *, facts: ClinicFacts) -> Clinic:
    """A clinic of the acting institution, open to the institution's consortia."""
    clinic = store.save_clinic(
        work.session,
        ClinicRow(
            id=new_id(),
            institution_id=work.actor.institution,
            shared_with=[],
            added_at=work.now,
            revision=1,
            **asdict(facts),
        ),
    )
    access.keep(work, clinic_ref(clinic.id), custodian=(Party.INSTITUTION, clinic.institution_id))
    work.journal(
        Entry(
            "clinic.added",
            ObjectType.CLINIC,
            clinic.id,
            codes={"mode": clinic.facts.mode},
            words={"name": clinic.facts.name},
        )
    )
    return share_clinic(work, clinic)


def change_clinic(work: Work, *, clinic_id: str, revision: int, facts: ClinicFacts) -> Clinic:
    """Correct what the slip says of a clinic; raises ClinicChangedError for an old page."""
    before = get_own_clinic(work, clinic_id)
    if before.revision != revision or not store.save_facts(work.session, before, facts):
        raise ClinicChangedError(before.id)
    work.journal(
        Entry(
            "clinic.changed",
            ObjectType.CLINIC,
            before.id,
            codes={"revision": revision + 1, "mode": facts.mode},
            words={"name": facts.name, "address": facts.address, "phone": facts.phone},
        )
    )
    return share_clinic(work, get_own_clinic(work, clinic_id))


def get_clinic(work: Work, clinic_id: str) -> Clinic:
    """A clinic that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, clinic_ref(clinic_id))
    clinic = store.find_clinic(work.session, clinic_id)
    if clinic is None:
        raise NotFoundError
    return clinic


def get_own_clinic(work: Work, clinic_id: str) -> Clinic:
    """A clinic of the acting institution; raises NotFoundError otherwise."""
    policy.require_own(work, clinic_ref(clinic_id))
    return get_clinic(work, clinic_id)


def list_clinics(work: Work, *, limit: int = LONGEST_LIST) -> list[Clinic]:
    """The acting institution's clinics, and those of institutions that share a consortium with it.

    The institution itself must be visible too: one that has left a consortium takes its clinics
    with it.
    """
    return store.list_clinics(
        work.session,
        visible=policy.visible_ids(work, ObjectType.CLINIC),
        institutions=scope.visible(work, ObjectType.INSTITUTION),
        limit=min(limit, LONGEST_LIST),
    )


def list_own_clinics(work: Work) -> list[Clinic]:
    """The acting institution's clinics."""
    mine = work.actor.institution
    return [clinic for clinic in list_clinics(work) if clinic.institution_id == mine]


def clinics_by_id(work: Work, ids: Collection[str]) -> dict[str, Clinic]:
    """Clinics for lists that name them; between stages their names are no secret."""
    return store.clinics_by_id(work.session, ids)


def list_free_slots(
    work: Work, *, clinic_id: str, since: datetime, until: datetime, limit: int = LONGEST_LIST
) -> list[Slot]:
    """What can be had at a clinic in this time, in order."""
    clinic = get_clinic(work, clinic_id)
    return slot_store.list_free(
        work.session,
        clinic_id=clinic.id,
        since=since,
        until=until,
        now=work.now,
        limit=min(limit, LONGEST_LIST),
    )


def list_slots(
    work: Work, *, clinics: Collection[Clinic], since: datetime, until: datetime
) -> list[Slot]:
    """Every slot of clinics that the actor was shown, taken and stopped ones too, in order."""
    return slot_store.list_between(
        work.session,
        clinic_ids=[clinic.id for clinic in clinics],
        since=since,
        until=until,
        limit=MOST_SLOTS_SHOWN,
    )


def share_clinic(work: Work, clinic: Clinic) -> Clinic:
    """Open the clinic to consortia that its institution has joined since."""
    new = work.actor.consortium_ids - clinic.shared_with
    if not new:
        return clinic
    for consortium_id in sorted(new):
        to = (Party.CONSORTIUM, str(consortium_id))
        access.grant(work, clinic_ref(clinic.id), to=to, why=_CONSORTIUM)
    store.save_shared(work.session, clinic.id, clinic.shared_with | new)
    return get_clinic(work, clinic.id)
