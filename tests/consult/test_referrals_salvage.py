"""A missed visit is followed up (追访): one person, calls, an outcome (REF-05, REF-12)."""

from pathlib import Path
from typing import Any

import pytest

from consult.cases.errors import LastPhysicianError
from consult.cases.model import CaseStatus
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.referrals import (
    service_book,
    service_calls,
    service_desk,
    service_end,
    service_handover,
    service_salvage,
)
from consult.referrals.calls import Call, CallResult, Spoken
from consult.referrals.errors import (
    AppointmentNotYetError,
    ReferralOverError,
    RiskNotToldError,
    SalvageChangedError,
    SalvageMissingError,
    SalvageOpenError,
    TriesTooFewError,
)
from consult.referrals.model import ReferralStatus, RequeueCause
from consult.referrals.records import Referral
from consult.referrals.salvage import Salvage, SalvageOutcome, SalvageView
from consult.referrals.service_salvage import SalvageEnd
from consult.reports.seal import load_seal
from tests.makers.clinic import Clinic
from tests.makers.referrals import (
    Office,
    book,
    case_of,
    confirm,
    hold,
    make_booked,
    make_office,
    on_the_day,
    publish,
    reread,
)


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def test_a_missed_visit_opens_a_follow_up_with_one_named_person(office: Office) -> None:
    referral, appointment = make_booked(office)
    with pytest.raises(AppointmentNotYetError):
        miss_now(office, referral)
    day, missed = miss(office, referral)
    salvage = salvage_of(day, missed)
    assert (salvage.owner_id, salvage.appointment_id) == (
        office.world.physician.practitioner_id,
        appointment.id,
    )
    assert (salvage.due_on - day.clinic.now.date()).days == 3
    assert missed.requeued_because is RequeueCause.NOSHOW
    assert case_of(day, missed).owner_id == office.desk.practitioner_id
    assert [each.id for each in follow_ups(day)] == [salvage.id]
    told = [line for line in day.clinic.lines() if line.kind == "referral.salvage_opened"]
    assert [line.codes["owner"] for line in told] == [salvage.owner_id]


def test_another_appointment_is_its_outcome(office: Office) -> None:
    referral, _ = make_booked(office)
    day, missed = miss(office, referral)
    slot = publish(day, physician_name="周怀瑾")[-1]
    hold(day, case_of(day, missed), slot)
    confirm(day, missed, slot)
    salvage = salvage_of(day, missed)
    assert (salvage.outcome, follow_ups(day)) == (SalvageOutcome.REBOOKED, [])
    done = day.clinic.do(day.world.physician, service_salvage.list_salvages, view=SalvageView.DONE)
    assert [each.id for each in done] == [salvage.id]


def test_a_refusal_needs_that_the_risk_was_told(office: Office) -> None:
    day, missed = miss(office, make_booked(office)[0])
    with pytest.raises(RiskNotToldError):
        end(day, missed, SalvageOutcome.REFUSED)
    with pytest.raises(RefusedError):
        end(day, missed, SalvageOutcome.REFUSED, reason=" ", risk_told=True)
    ended = end(day, missed, SalvageOutcome.REFUSED, risk_told=True)
    assert ended.status is ReferralStatus.PATIENT_DECLINED
    salvage = salvage_of(day, missed)
    assert (salvage.outcome, salvage.note) == (SalvageOutcome.REFUSED, "原因")
    assert case_of(day, missed).status is CaseStatus.FOLLOW_UP
    with pytest.raises(SalvageChangedError):
        end(day, missed, SalvageOutcome.ELSEWHERE)


def test_a_patient_counts_as_lost_only_after_the_calls_and_days_of_the_rules(
    office: Office,
) -> None:
    day, missed = miss(office, make_booked(office)[0])
    rules = book().referrals.periods.salvage
    for _ in range(rules.least_calls):
        call(day, missed, CallResult.NO_ANSWER)
    call(day, missed, CallResult.NO_ANSWER, whom=Spoken.OTHER_SIDE)
    with pytest.raises(TriesTooFewError) as refusal:
        end(day, missed, SalvageOutcome.LOST)
    assert (refusal.value.calls, refusal.value.days) == (rules.least_calls, 1)
    tomorrow = day.at(day.clinic.later(hours=24))
    call(tomorrow, missed, CallResult.REACHED)
    with pytest.raises(TriesTooFewError):
        end(tomorrow, missed, SalvageOutcome.LOST)
    call(tomorrow, missed, CallResult.SWITCHED_OFF, by=office.desk)
    assert end(tomorrow, missed, SalvageOutcome.LOST).status is ReferralStatus.LOST


def test_attended_elsewhere_ends_the_referral_outside(office: Office) -> None:
    day, missed = miss(office, make_booked(office)[0])
    assert end(day, missed, SalvageOutcome.ELSEWHERE).status is ReferralStatus.OUTSIDE


@pytest.mark.parametrize("how", [ReferralStatus.LOST, ReferralStatus.PATIENT_DECLINED])
def test_the_common_ends_do_not_go_round_the_follow_up(office: Office, how: ReferralStatus) -> None:
    day, missed = miss(office, make_booked(office)[0])
    for by in (office.desk, office.world.physician):
        with pytest.raises(SalvageOpenError):
            end_plainly(day, missed, how, by=by)
    assert end_plainly(day, missed, ReferralStatus.DECLINED, by=office.desk).ended_at
    assert salvage_of(day, missed).outcome is SalvageOutcome.ENDED


def test_the_call_log_says_when_who_and_what_to_both_sides(office: Office) -> None:
    referral, _ = make_booked(office)
    call(office, referral, CallResult.REACHED, note="下周一来院", by=office.desk)
    call(office.at(office.clinic.later(minutes=1)), referral, CallResult.NO_ANSWER)
    for reader in (office.desk, office.world.physician):
        found = office.clinic.do(reader, service_calls.list_calls, referral_id=referral.id)
        assert [(each.caller_id, each.result) for each in found] == [
            (office.world.physician.person, CallResult.NO_ANSWER),
            (office.desk.person, CallResult.REACHED),
        ]
    with pytest.raises(NotFoundError):
        call(office, referral, CallResult.REACHED, by=office.world.expert)
    with pytest.raises(RefusedError):
        call(office, referral, CallResult.REACHED, note="长" * 501)
    assert office.clinic.kinds().count("referral.called") == 2
    end_plainly(office, referral, ReferralStatus.LOST, by=office.desk)
    with pytest.raises(ReferralOverError):
        call(office, referral, CallResult.REACHED)


def test_a_colleague_takes_it_over_and_an_old_page_does_not(office: Office) -> None:
    day, missed = miss(office, make_booked(office)[0])
    colleague = add_physician(office)
    take = {"referral_id": missed.id, "revision": 1}
    assert day.clinic.do(colleague, service_salvage.take_over, **take).owner_id == colleague.person
    assert day.clinic.do(colleague, service_salvage.take_over, **take).revision == 2
    with pytest.raises(SalvageChangedError):
        day.clinic.do(office.world.physician, service_salvage.take_over, **take)
    for somebody in (office.desk, office.world.stranger):
        with pytest.raises(NotFoundError):
            day.clinic.do(somebody, service_salvage.take_over, **take)


def test_whoever_leaves_hands_it_to_a_colleague_and_not_to_nobody(office: Office) -> None:
    day, missed = miss(office, make_booked(office)[0])
    place = leave_alone(office)
    with pytest.raises(LastPhysicianError):
        day.clinic.system(service_handover.stop_affiliation, affiliation_id=place, revision=1)
    assert salvage_of(day, missed).owner_id == office.world.physician.practitioner_id
    colleague = add_physician(office)
    day.clinic.system(service_handover.stop_affiliation, affiliation_id=place, revision=1)
    assert salvage_of(day, missed, by=colleague).owner_id == colleague.practitioner_id


def test_without_a_missed_visit_nothing_is_followed_up(office: Office) -> None:
    referral, _ = make_booked(office)
    with pytest.raises(SalvageMissingError):
        salvage_of(office, referral)
    office.clinic.do(
        office.desk,
        service_book.cancel_booking,
        referral_id=referral.id,
        revision=referral.revision,
        reason="改期",
        rules=book().referrals,
    )
    assert reread(office, referral).requeued_because is RequeueCause.CANCELLED
    with pytest.raises(SalvageMissingError):
        salvage_of(office, referral)


def miss(office: Office, referral: Referral) -> tuple[Office, Referral]:
    """The day of the visit, on which nobody came."""
    day = on_the_day(office)
    return day, miss_now(day, referral)


def miss_now(office: Office, referral: Referral) -> Referral:
    return office.clinic.do(
        office.desk,
        service_desk.mark_noshow,
        referral_id=referral.id,
        revision=referral.revision,
        rules=book().referrals,
    )


def salvage_of(office: Office, referral: Referral, *, by: Actor | None = None) -> Salvage:
    _, salvage = office.clinic.do(
        by or office.world.physician, service_salvage.get_salvage, referral_id=referral.id
    )
    return salvage


def follow_ups(office: Office) -> list[Salvage]:
    return office.clinic.do(
        office.world.physician, service_salvage.list_salvages, view=SalvageView.OPEN
    )


def call(
    office: Office,
    referral: Referral,
    result: CallResult,
    *,
    by: Actor | None = None,
    whom: Spoken = Spoken.PATIENT,
    note: str = "",
) -> Call:
    return office.clinic.do(
        by or office.world.physician,
        service_calls.log_call,
        referral_id=referral.id,
        whom=whom,
        result=result,
        note=note,
    )


def end(office: Office, referral: Referral, outcome: SalvageOutcome, **told: Any) -> Referral:
    said = SalvageEnd(**{"outcome": outcome, "reason": "原因", **told})
    revision = salvage_of(office, referral).revision
    return office.clinic.do(
        office.world.physician,
        service_salvage.record_outcome,
        referral_id=referral.id,
        revision=revision,
        said=said,
        rules=book().referrals,
    )


def end_plainly(office: Office, referral: Referral, how: ReferralStatus, *, by: Actor) -> Referral:
    return office.clinic.do(
        by,
        service_end.end_referral,
        referral_id=referral.id,
        revision=reread(office, referral).revision,
        how=how,
        reason="原因",
    )


def add_physician(office: Office) -> Actor:
    """A colleague at the inviting institution."""
    world, roles = office.world, frozenset({Role.REQUESTING_PHYSICIAN})
    person = office.clinic.system(
        practitioners.add_practitioner,
        login="colleague",
        profile=Profile(name="夏禾", title="attending"),
        affiliation=NewAffiliation(world.centre_id, roles, from_on=office.clinic.now.date()),
        password_hash="",
    )
    return Actor(
        practitioner_id=PractitionerId(person.id),
        institution_id=InstitutionId(world.centre_id),
        roles=roles,
        consortium_ids=world.physician.consortium_ids,
    )


def leave_alone(office: Office) -> str:
    """The place of the physician who has the follow-up, whose colleagues have all left."""
    found = office.clinic.system(
        affiliations.list_people_with_role,
        institution_id=office.world.centre_id,
        role=Role.REQUESTING_PHYSICIAN,
    )
    mine = office.world.physician.practitioner_id
    for other in found:
        if other.practitioner_id != mine:
            office.clinic.system(
                affiliations.stop_affiliation, affiliation_id=other.id, revision=other.revision
            )
    return next(str(each.id) for each in found if each.practitioner_id == mine)
