"""Institutions and consortia: founded, joined, left, and not seen from another one."""

import pytest

from consult.access import policy
from consult.access.model import ObjectType, Party, Ref
from consult.access.store import find_custodian
from consult.kernel.errors import ForbiddenError, NotFoundError, RefusedError
from consult.people.organisations import agreements, consortia, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import (
    CodeTakenError,
    LeaderStaysError,
    StaleError,
)
from consult.people.organisations.model import Tier
from tests.makers.clinic import Clinic
from tests.makers.people import (
    add_institution,
    add_panel,
    agree,
    make_house,
    terms,
)


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
