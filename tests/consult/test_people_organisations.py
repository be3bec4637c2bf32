"""Institutions, consortia, panels and agreements: who is there, and who may ask whom."""

from datetime import UTC, date, datetime

import pytest

from consult.access import policy
from consult.access.model import ObjectType, Party, Ref
from consult.access.store import find_custodian
from consult.kernel.errors import ForbiddenError, NotFoundError, RefusedError
from consult.kernel.work import Role, Work
from consult.people.organisations import agreements, consortia, panel_store, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import (
    AgreementClashError,
    AgreementMissingError,
    AgreementSignedError,
    CodeTakenError,
    LeaderStaysError,
    NameTakenError,
    NotAffiliatedError,
    NotAMemberError,
    StaleError,
)
from consult.people.organisations.model import AgreementField, Tier
from consult.people.practitioners import affiliations
from consult.people.practitioners.errors import LeadsPanelError
from tests.makers.clinic import Clinic
from tests.makers.people import (
    SERVICES,
    add_institution,
    add_panel,
    add_person,
    agree,
    make_house,
    terms,
)

TODAY = date(2026, 1, 5)


def test_an_institution_holds_itself_and_a_key_of_its_own(clinic: Clinic) -> None:
    first, second = add_institution(clinic, "jzeye"), add_institution(clinic, "yunxi")
    made = [clinic.system(organisations.get_institution, institution_id=i) for i in (first, second)]
    keys = {
        clinic.vault.unwrap_institution_key(each.wrapped_key, institution_id=each.id)
        for each in made
    }
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)
    holder = clinic.units.read(
        lambda session: find_custodian(session, Ref(ObjectType.INSTITUTION, first))
    )
    assert holder.result(timeout=20) == (Party.INSTITUTION, first)
    assert clinic.kinds()[:2] == ["institution.added", "institution.added"]


def test_two_institutions_cannot_share_a_code(clinic: Clinic) -> None:
    add_institution(clinic, "jzeye")
    with pytest.raises(CodeTakenError):
        add_institution(clinic, "jzeye")


def test_a_consortium_is_not_seen_from_another(clinic: Clinic) -> None:
    ours, theirs = make_house(clinic, "a"), make_house(clinic, "b")
    panel = add_panel(clinic, theirs)
    agreement = agree(clinic, theirs)
    boss = ours.administrator
    for step, kwargs in (
        (consortia.get_consortium, {"consortium_id": theirs.consortium_id}),
        (panels.get_panel, {"panel_id": panel}),
        (organisations.get_panel, {"panel_id": panel}),
        (agreements.get_agreement, {"agreement_id": agreement}),
    ):
        with pytest.raises(NotFoundError):
            clinic.do(boss, step, **kwargs)
        clinic.do(theirs.administrator, step, **kwargs)  # the control: their own see it
    seen = {each.id for each in clinic.do(boss, organisations.list_institutions)}
    assert seen == {ours.lead_id, ours.centre_id}
    assert clinic.do(boss, panels.list_panels) == []
    assert clinic.do(boss, agreements.list_agreements) == []


def test_every_step_in_another_consortium_is_refused_as_not_there(clinic: Clinic) -> None:
    ours, theirs = make_house(clinic, "a"), make_house(clinic, "b")
    panel, agreement = add_panel(clinic, theirs), agree(clinic, theirs)
    boss = ours.administrator
    before = clinic.kinds()
    steps = (
        (
            consortia.add_member,
            {"consortium_id": theirs.consortium_id, "institution_id": ours.lead_id},
        ),
        (
            consortia.set_lead,
            {"consortium_id": theirs.consortium_id, "institution_id": theirs.centre_id},
        ),
        (
            consortia.end_membership,
            {"consortium_id": theirs.consortium_id, "institution_id": theirs.centre_id},
        ),
        (
            consortia.add_member,
            {"consortium_id": ours.consortium_id, "institution_id": theirs.lead_id},
        ),
        (panels.stop_panel, {"panel_id": panel, "revision": 1}),
        (
            panels.add_panel_member,
            {"panel_id": panel, "revision": 1, "practitioner_id": ours.expert.person},
        ),
        (
            panels.set_panel_leader,
            {"panel_id": panel, "revision": 1, "practitioner_id": ours.expert.person},
        ),
        (agreements.end_agreement, {"agreement_id": agreement, "revision": 1}),
        (
            agreements.complete_agreement,
            {"agreement_id": agreement, "revision": 1, "terms": terms()},
        ),
    )
    for step, kwargs in steps:
        with pytest.raises(NotFoundError):
            clinic.do(boss, step, **kwargs)
    assert clinic.kinds() == before


def test_members_see_the_consortium_and_leave_it_again(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    institution = Ref(ObjectType.INSTITUTION, house.centre_id)
    colleague = house.expert

    def sees() -> bool:
        found = clinic.units.read(
            lambda session: policy.may_see(session, colleague, institution, now=clinic.now)
        )
        return found.result(timeout=20)

    assert sees()
    left = clinic.later(minutes=1)
    left.do(
        house.administrator,
        consortia.end_membership,
        consortium_id=house.consortium_id,
        institution_id=house.centre_id,
    )
    clinic = left.later(minutes=1)
    assert not sees()
    with pytest.raises(LeaderStaysError):
        clinic.do(
            house.administrator,
            consortia.end_membership,
            consortium_id=house.consortium_id,
            institution_id=house.lead_id,
        )


def test_a_consortium_administrator_adds_institutions_only_into_her_own(clinic: Clinic) -> None:
    ours, theirs = make_house(clinic, "a"), make_house(clinic, "b")
    new = organisations.NewInstitution(code="neu", name="新站", tier=Tier.COMMUNITY)
    with pytest.raises(RefusedError) as refused:
        clinic.do(ours.administrator, consortia.add_new_member, new=new, consortium_id=None)
    assert refused.value.problems[0].field == "consortium_id"
    with pytest.raises(NotFoundError):
        clinic.do(
            ours.administrator,
            consortia.add_new_member,
            new=new,
            consortium_id=theirs.consortium_id,
        )
    made = clinic.do(
        ours.administrator, consortia.add_new_member, new=new, consortium_id=ours.consortium_id
    )
    members = clinic.do(
        ours.administrator, consortia.list_members, consortium_id=ours.consortium_id
    )
    assert made.id in {member.institution.id for member in members}


def test_a_new_lead_hospital_replaces_the_old_one(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    clinic.system(
        consortia.set_lead, consortium_id=house.consortium_id, institution_id=house.centre_id
    )
    members = clinic.system(consortia.list_members, consortium_id=house.consortium_id)
    assert [(m.institution.id, m.standing.value) for m in members] == [
        (house.centre_id, "lead"),
        (house.lead_id, "member"),
    ]


def test_an_institution_is_stopped_once_and_never_ones_own(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    stop = {"institution_id": house.centre_id, "revision": 1}
    clinic.system(organisations.stop_institution, **stop)
    with pytest.raises(StaleError):
        clinic.system(organisations.stop_institution, **stop)
    with pytest.raises(ForbiddenError):
        clinic.do(
            house.administrator,
            organisations.stop_institution,
            institution_id=house.lead_id,
            revision=1,
        )


def test_a_panel_takes_only_experts_of_its_member_institution(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    clerk = add_person(clinic, "clerk", house.lead_id, Role.REFERRAL_DESK)
    for stranger in (clerk, house.physician.person, other.expert.person):
        new = panels.NewPanel(
            house.consortium_id, house.lead_id, "组", "", stranger, frozenset(), SERVICES
        )
        with pytest.raises(NotAffiliatedError):
            clinic.system(panels.add_panel, new=new)
    outside = panels.NewPanel(
        house.consortium_id, other.lead_id, "组", "", other.expert.person, frozenset(), SERVICES
    )
    with pytest.raises(NotAMemberError):
        clinic.system(panels.add_panel, new=outside)
    add_panel(clinic, house)
    with pytest.raises(NameTakenError):
        add_panel(clinic, house)


def test_a_panel_page_that_is_out_of_date_changes_nothing(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    second = add_person(clinic, "second", house.lead_id, Role.EXPERT)
    step = {"panel_id": panel, "revision": 1, "practitioner_id": second}
    clinic.do(house.administrator, panels.add_panel_member, **step)
    for late in (panels.add_panel_member, panels.end_panel_member, panels.set_panel_leader):
        with pytest.raises(StaleError):
            clinic.do(house.administrator, late, **step)
    now = step | {"revision": 2}
    with pytest.raises(panels.AlreadyInPanelError):
        clinic.do(house.administrator, panels.add_panel_member, **now)
    with pytest.raises(LeaderStaysError):
        clinic.do(
            house.administrator,
            panels.end_panel_member,
            **(now | {"practitioner_id": house.expert.person}),
        )
    clinic.do(house.administrator, panels.set_panel_leader, **now)
    found = clinic.do(house.administrator, organisations.get_panel, panel_id=panel)
    assert found.leader_id == second
    assert found.member_ids == {second, house.expert.person}


def _require(clinic: Clinic, inviting_id: str, panel_id: str, **changes: object) -> object:
    kwargs: dict[str, object] = {"service_type": "remote_consultation", "on": TODAY} | changes
    return clinic.system(
        organisations.require_agreement, inviting_id=inviting_id, panel_id=panel_id, **kwargs
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"fee_rule": ""}, AgreementField.FEE_RULE),
        ({"liability": ""}, AgreementField.LIABILITY),
        ({"services": frozenset()}, AgreementField.SERVICES),
        ({"services": frozenset({"screening_read"})}, AgreementField.SERVICES),
        ({"valid_from": date(2026, 1, 6)}, AgreementField.VALID_FROM),
        (
            {"valid_from": date(2025, 1, 1), "valid_until": date(2026, 1, 4)},
            AgreementField.VALID_UNTIL,
        ),
    ],
)
def test_without_a_complete_agreement_the_missing_field_is_named(
    clinic: Clinic, changes: dict[str, object], missing: AgreementField
) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    with pytest.raises(AgreementMissingError) as refused:
        _require(clinic, house.centre_id, panel)
    assert refused.value.missing is AgreementField.AGREEMENT
    agree(clinic, house, **changes)
    with pytest.raises(AgreementMissingError) as refused:
        _require(clinic, house.centre_id, panel)
    assert refused.value.missing is missing
    offered = clinic.system(
        organisations.panel_choices,
        inviting_id=house.centre_id,
        service_type="remote_consultation",
        on=TODAY,
    )
    assert offered == []


def test_an_agreement_ends_at_midnight_of_the_inviting_institution(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    agree(clinic, house, valid_until=date(2026, 3, 31))
    centre = clinic.system(organisations.get_institution, institution_id=house.centre_id)
    last = centre.local_day(datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC))
    first_after = centre.local_day(datetime(2026, 3, 31, 16, 0, 0, tzinfo=UTC))
    assert (last, first_after) == (date(2026, 3, 31), date(2026, 4, 1))
    _require(clinic, house.centre_id, panel, on=last)
    with pytest.raises(AgreementMissingError):
        _require(clinic, house.centre_id, panel, on=first_after)


def test_the_choices_are_the_panels_with_an_agreement(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    panel = add_panel(clinic, house)
    add_panel(clinic, other)
    agreement = agree(clinic, house)
    choices = clinic.do(
        house.physician,
        organisations.panel_choices,
        inviting_id=house.centre_id,
        service_type="screening_read",
        on=TODAY,
    )
    assert [(c.panel.id, c.invited.id, c.agreement.id) for c in choices] == [
        (panel, house.lead_id, agreement)
    ]
    clinic.system(panels.stop_panel, panel_id=panel, revision=1)
    assert (
        clinic.system(
            organisations.panel_choices,
            inviting_id=house.centre_id,
            service_type="screening_read",
            on=TODAY,
        )
        == []
    )


def test_a_stopped_panel_still_answers_what_it_has(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    clinic.system(panels.stop_panel, panel_id=panel, revision=1)
    with pytest.raises(StaleError):
        clinic.system(panels.stop_panel, panel_id=panel, revision=2)
    found = clinic.system(panels.get_panel, panel_id=panel)
    ids = clinic.system(_panels_of, person=found.leader_id, place=house.lead_id)
    assert ids == {panel}
    places = clinic.system(affiliations.list_affiliations, practitioner_ids=[found.leader_id])
    with pytest.raises(LeadsPanelError):
        clinic.system(
            affiliations.stop_affiliation,
            affiliation_id=places[0].id,
            revision=places[0].revision,
        )


def _panels_of(work: Work, *, person: str, place: str) -> frozenset[str]:
    return frozenset(panel_store.panel_ids_of(work.session, person, place))


def test_one_pair_has_one_agreement_for_a_service_at_a_time(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    agree(clinic, house)
    with pytest.raises(AgreementClashError):
        agree(clinic, house, valid_from=date(2026, 12, 31), valid_until=date(2027, 12, 31))
    agree(clinic, house, services=frozenset({"remote_diagnosis"}))
    agree(clinic, house, valid_from=date(2027, 1, 1), valid_until=date(2027, 12, 31))


def test_a_hundred_agreements_at_once_leave_one(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    running = [
        clinic.start(
            house.administrator,
            agreements.add_agreement,
            consortium_id=house.consortium_id,
            inviting_id=house.centre_id,
            invited_id=house.lead_id,
            terms=terms(),
        )
        for _ in range(20)
    ]
    failures = [each.exception(timeout=20) for each in running]
    assert sum(failure is None for failure in failures) == 1
    assert all(isinstance(f, AgreementClashError) for f in failures if f is not None)


def test_a_signed_agreement_is_ended_not_changed(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    draft = agree(clinic, house, liability="")
    boss = house.administrator
    with pytest.raises(RefusedError):
        clinic.do(
            boss,
            agreements.complete_agreement,
            agreement_id=draft,
            revision=1,
            terms=terms(valid_until=date(2025, 1, 1)),
        )
    clinic.do(boss, agreements.complete_agreement, agreement_id=draft, revision=1, terms=terms())
    with pytest.raises(AgreementSignedError):
        clinic.do(
            boss, agreements.complete_agreement, agreement_id=draft, revision=2, terms=terms()
        )
    with pytest.raises(StaleError):
        clinic.do(boss, agreements.end_agreement, agreement_id=draft, revision=1)
    clinic.do(boss, agreements.end_agreement, agreement_id=draft, revision=2)
    ended = clinic.do(boss, agreements.get_agreement, agreement_id=draft)
    assert ended.valid_until == TODAY
    kinds = [kind for kind in clinic.kinds() if kind.startswith("agreement.")]
    assert kinds == ["agreement.written", "agreement.signed", "agreement.ended"]


def test_an_agreement_ended_before_its_first_day_never_holds(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    coming = agree(clinic, house, valid_from=date(2026, 6, 1))
    clinic.system(agreements.end_agreement, agreement_id=coming, revision=1)
    with pytest.raises(AgreementMissingError):
        _require(clinic, house.centre_id, panel, on=date(2026, 6, 1))
    agree(clinic, house)


def test_an_agreement_needs_two_members(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    for inviting, invited, field in (
        (house.centre_id, house.centre_id, "invited_id"),
        (other.centre_id, house.lead_id, "inviting_id"),
        (house.centre_id, other.lead_id, "invited_id"),
    ):
        with pytest.raises(RefusedError) as refused:
            clinic.system(
                agreements.add_agreement,
                consortium_id=house.consortium_id,
                inviting_id=inviting,
                invited_id=invited,
                terms=terms(),
            )
        assert refused.value.problems[0].field == field
