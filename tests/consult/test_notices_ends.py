"""Who is told outside the page that a case ended, or that its answer changed (U6)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consult.calendar.clinics import Stop
from consult.cases.advance import service as advance
from consult.cases.advance import store as advance_store
from consult.cases.advance.model import Advance
from consult.cases.returns import service as returns
from consult.kernel.work import Actor, Role, Work
from consult.notices.model import NoticeEvent
from consult.people.practitioners import affiliations
from consult.people.practitioners.affiliations import NewAffiliation
from consult.queue import service_leader
from consult.referrals import service_book, service_handover, service_stop
from consult.referrals.records import Appointment, Referral
from consult.reports.seal import SystemSeal, load_seal
from tests.makers.cases import make_draft, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, case_rules
from tests.makers.notices import gather, note, read_to_end, wish
from tests.makers.referrals import Office, book, make_booked, make_office
from tests.makers.reports import amend, claim, make_read_case, make_signed, retract
from tests.makers.returns import decline, send_back

_E = NoticeEvent


def not_retaken(world: Consortium, _seal: SystemSeal) -> Consortium:
    """Nobody takes the photographs again in time."""
    case = claim(world, make_read_case(world), by=world.expert)
    send_back(world, case)
    gather(world)
    return later_by(world, days=60, step=returns.expire_returned)


def turned_down(world: Consortium, _seal: SystemSeal) -> Consortium:
    """The panel's leader turns a declined case down for good."""
    case = decline(world, make_read_case(world), by=world.expert)
    world.clinic.do(world.leader, service_leader.reject_case, case_id=case.id, reason="非本专科")
    return world


def amended(world: Consortium, seal: SystemSeal) -> Consortium:
    """The reader amends what she signed."""
    report = make_signed(world, seal=seal)
    gather(world)
    amend(world, report, seal=seal, impression="左眼陈旧病灶")
    return world


def retracted(world: Consortium, seal: SystemSeal) -> Consortium:
    """The reader takes back what she signed."""
    report = make_signed(world, seal=seal)
    gather(world)
    retract(world, report, seal=seal)
    return world


def later_by(world: Consortium, *, days: int, step: Callable[[Work], int]) -> Consortium:
    """The same consortium after a step of the clock some days later."""
    then = world.clinic.later(days=days)
    assert then.system(step)
    return replace(world, clinic=then)


@pytest.mark.parametrize(
    ("happens", "event"),
    [
        (not_retaken, _E.ENDED),
        (turned_down, _E.ENDED),
        (amended, _E.AMENDED),
        (retracted, _E.AMENDED),
    ],
)
def test_the_clinic_is_told_of_what_ends_its_case_or_changes_its_answer(
    world: Consortium,
    seal: SystemSeal,
    happens: Callable[[Consortium, SystemSeal], Consortium],
    event: NoticeEvent,
) -> None:
    read_to_end(world)
    way = wish(world, world.physician)
    wish(world, world.stranger)
    assert gather(happens(world, seal)) == [(way, event)]


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    """A referral office with a clinic."""
    return make_office(clinic, load_seal(tmp_path / "seal"))


def cancel(office: Office, referral: Referral, *, by: Actor) -> None:
    """One side cancels the appointment; the referral asks for another."""
    asked = {"reason": "改期", "rules": book().referrals, "revision": referral.revision}
    office.clinic.do(by, service_book.cancel_booking, referral_id=referral.id, **asked)


def stop(office: Office, appointment: Appointment) -> None:
    """The hospital stops the hours in which the appointment lies."""
    stopping = Stop(reason="停诊", slot_ids=(appointment.slot_id,))
    asked = {"clinic_id": office.clinic_id, "stop": stopping, "rules": book().referrals}
    office.clinic.do(office.desk, service_stop.stop_clinic, **asked)


@pytest.mark.parametrize("how", ["stopped", "cancelled_there", "cancelled_here"])
def test_both_sides_hear_that_a_patient_has_no_appointment_any_more(
    office: Office, how: str
) -> None:
    world = office.world
    referral, appointment = make_booked(office)
    read_to_end(world)
    clinic, desk = (
        wish(world, who, NoticeEvent.REFERRAL) for who in (world.physician, office.desk)
    )
    if how == "stopped":
        stop(office, appointment)
    else:
        cancel(office, referral, by=office.desk if how == "cancelled_there" else world.physician)
    told = desk if how == "cancelled_here" else clinic
    assert gather(world) == [(told, NoticeEvent.REFERRAL)], "whoever did it knows"


def in_advance(world: Consortium) -> Advance:
    """The physician has submitted a draft before its files were there."""
    case = make_draft(world, make_patient(world))
    return Advance(
        case_id=case.id,
        institution_id=case.institution_id,
        practitioner_id=world.physician.person,
        session_id=None,
        revision=case.revision - 1,
        asked_at=world.clinic.now,
    )


@pytest.mark.parametrize("how", ["changed", "refused"])
def test_whoever_submitted_in_advance_hears_that_the_case_did_not_go(
    world: Consortium, how: str
) -> None:
    read_to_end(world)
    way = wish(world, world.physician)
    wish(world, world.colleague)
    asked = in_advance(world)
    world.clinic.system(lambda work: advance_store.save_advance(work.session, asked))
    if how == "changed":
        world.clinic.do(world.physician, advance.settle, asked=asked, rules=case_rules())
    else:
        world.clinic.system(advance.give_up, asked=asked, why="consent-missing")
    assert gather(world) == [(way, NoticeEvent.NOT_SUBMITTED)]


def test_whoever_takes_her_own_submission_back_is_not_told_of_it(world: Consortium) -> None:
    read_to_end(world)
    wish(world, world.physician)
    asked = in_advance(world)
    world.clinic.system(lambda work: advance_store.save_advance(work.session, asked))
    world.clinic.do(world.physician, advance.call_off, case_id=asked.case_id)
    assert gather(world) == []


def leave(world: Consortium, who: Actor, *, new_place: str | None = None) -> None:
    """She leaves her institution, and may work elsewhere from now on."""
    if new_place is not None:
        role = frozenset({Role.REQUESTING_PHYSICIAN})
        new = NewAffiliation(new_place, role)
        world.clinic.system(affiliations.add_affiliation, practitioner_id=who.person, new=new)
    old = next(
        each
        for each in world.clinic.system(
            affiliations.list_affiliations, practitioner_ids=[who.person]
        )
        if each.institution_id == world.centre_id
    )
    world.clinic.system(
        service_handover.stop_affiliation, affiliation_id=old.id, revision=old.revision
    )


@pytest.mark.parametrize("after", ["gone", "elsewhere"])
def test_the_notice_goes_to_whoever_has_the_case_once_the_physician_has_left(
    world: Consortium, seal: SystemSeal, after: str
) -> None:
    read_to_end(world)
    wish(world, world.physician)
    heir = wish(world, world.colleague)
    report = make_signed(world, seal=seal)
    gather(world)
    leave(world, world.physician, new_place=world.other_id if after == "elsewhere" else None)
    amend(world, report, seal=seal, impression="左眼陈旧病灶")
    assert gather(world) == [(heir, NoticeEvent.AMENDED)]


def test_an_expert_who_works_elsewhere_hears_no_more_of_her_former_hospital(
    world: Consortium,
) -> None:
    case = claim(world, make_read_case(world), by=world.expert)
    read_to_end(world)
    wish(world, world.expert)
    moved = NewAffiliation(world.other_id, frozenset({Role.EXPERT}))
    world.clinic.system(
        affiliations.add_affiliation, practitioner_id=world.expert.person, new=moved
    )
    [old, _new] = sorted(
        world.clinic.system(affiliations.list_affiliations, practitioner_ids=[world.expert.person]),
        key=lambda each: each.institution_id != world.lead_id,
    )
    note(world, case, "case.report_near", to=world.expert.person)
    assert [event for _, event in gather(world)] == [NoticeEvent.PROMISE_NEAR]
    world.clinic.system(affiliations.stop_affiliation, affiliation_id=old.id, revision=old.revision)
    note(world, case, "case.report_missed", to=world.expert.person)
    assert gather(world) == []
