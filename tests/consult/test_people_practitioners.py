"""People: licences, affiliations, and what an administrator of one consortium may not do."""

from datetime import date

import pytest

from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import SYSTEM, Role
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import LeaderStaysError
from consult.people.organisations.model import Tier
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.errors import (
    AffiliationChangedError,
    AlreadyAffiliatedError,
    AlreadySetUpError,
    LastAdministratorError,
    LeadsPanelError,
    LicenceExpiredError,
    LicenceMissingError,
    LoginTakenError,
    RoleNotYoursError,
    WorksElsewhereError,
)
from consult.people.practitioners.model import Profile
from consult.people.sessions import service as sessions
from tests.makers.clinic import Clinic
from tests.makers.people import (
    actor_of,
    add_institution,
    add_panel,
    add_person,
    add_place,
    make_house,
)

HOSPITAL = organisations.NewInstitution(code="jzeye", name="市眼科医院", tier=Tier.TERTIARY)
SETTING_UP = {"name": "郭启航", "institution": HOSPITAL, "password_hash": "h"}


def test_an_empty_installation_is_set_up_exactly_once(clinic: Clinic) -> None:
    assert clinic.system(practitioners.is_set_up) is False
    running = [
        clinic.start(SYSTEM, practitioners.set_up, login=f"admin{number}", **SETTING_UP)
        for number in range(8)
    ]
    failures = [each.exception(timeout=20) for each in running]
    assert sum(failure is None for failure in failures) == 1
    assert all(isinstance(f, AlreadySetUpError) for f in failures if f is not None)
    assert clinic.system(practitioners.is_set_up) is True


def test_set_up_stays_closed_when_the_only_administrator_has_left(clinic: Clinic) -> None:
    person = clinic.system(practitioners.set_up, login="admin", **SETTING_UP)
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[person.id])
    assert place.roles == {Role.ADMINISTRATOR}
    years_later = clinic.later(days=9000)
    assert years_later.system(practitioners.is_set_up) is True
    with pytest.raises(AlreadySetUpError):
        years_later.system(practitioners.set_up, login="other", **SETTING_UP)


def test_the_command_line_adds_an_administrator_to_a_known_institution(clinic: Clinic) -> None:
    first = clinic.system(practitioners.add_administrator, login="one", **SETTING_UP)
    second = clinic.system(practitioners.add_administrator, login="two", **SETTING_UP)
    places = clinic.system(affiliations.list_affiliations, practitioner_ids=[first.id, second.id])
    assert len({place.institution_id for place in places}) == 1
    with pytest.raises(LoginTakenError):
        clinic.system(practitioners.add_administrator, login="TWO", **SETTING_UP)


def test_a_licence_is_good_until_its_last_day(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = add_person(clinic, "zhou", at, Role.EXPERT, licence_valid_until=date(2026, 1, 5))
    actor = actor_of(clinic, person)
    found = clinic.do(actor, practitioners.require_licensed, on=date(2026, 1, 5))
    assert found.licence_no == "110330000012345"
    with pytest.raises(LicenceExpiredError) as refused:
        clinic.do(actor, practitioners.require_licensed, on=date(2026, 1, 6))
    assert refused.value.facts == {"valid_until": "2026-01-05"}


def test_a_person_without_a_licence_signs_nothing(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = clinic.system(
        practitioners.add_practitioner,
        login="fang",
        profile=Profile(name="方小萍"),
        affiliation=NewAffiliation(at, frozenset({Role.REFERRAL_DESK})),
        password_hash="h",
    )
    with pytest.raises(LicenceMissingError):
        clinic.do(actor_of(clinic, person.id), practitioners.require_licensed, on=date(2026, 1, 5))


def test_names_are_read_without_passwords_and_found_by_pinyin(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = add_person(clinic, "zhou", at, Role.EXPERT)
    names = clinic.system(practitioners.names_of, ids=[person, "0" * 32])
    assert {key: name.name for key, name in names.items()} == {person: "周怀瑾"}
    found = clinic.system(practitioners.get_practitioner, practitioner_id=person)
    assert " zhouhuaijin " in found.pinyin
    assert "hash of zhou" not in repr(found)
    assert clinic.system(practitioners.password_hash_of, practitioner_id=person) == "hash of zhou"
    assert all("hash of" not in repr(line) for line in clinic.lines())


def test_a_person_has_one_affiliation_an_institution_at_a_time(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = add_person(clinic, "zhou", at, Role.EXPERT)
    with pytest.raises(AlreadyAffiliatedError):
        add_place(clinic, person, at, Role.REVIEWER)
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[person])
    clinic.system(affiliations.stop_affiliation, affiliation_id=place.id, revision=1)
    add_place(clinic, person, at, Role.REVIEWER)
    with pytest.raises(AffiliationChangedError):
        clinic.system(affiliations.stop_affiliation, affiliation_id=place.id, revision=1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"roles": frozenset()}, "roles"), ({"until_on": date(2024, 1, 1)}, "until_on")],
)
def test_an_affiliation_that_cannot_hold_is_refused(
    clinic: Clinic, changes: dict[str, object], field: str
) -> None:
    at, other = add_institution(clinic, "jzeye"), add_institution(clinic, "yunxi")
    person = add_person(clinic, "zhou", at, Role.EXPERT)
    said: dict[str, object] = {"roles": frozenset({Role.EXPERT}), "from_on": date(2025, 1, 1)}
    new = NewAffiliation(other, **(said | changes))  # type: ignore[arg-type] # a form of a test
    with pytest.raises(RefusedError) as refused:
        clinic.system(affiliations.add_affiliation, practitioner_id=person, new=new)
    assert refused.value.problems[0].field == field


def test_a_consortium_administrator_cannot_make_or_unmake_administrators(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    boss = house.administrator
    for role in (Role.ADMINISTRATOR, Role.CONSORTIUM_ADMINISTRATOR):
        with pytest.raises(RoleNotYoursError):
            clinic.do(
                boss,
                practitioners.add_practitioner,
                login="sneaky",
                profile=Profile(name="某某"),
                affiliation=NewAffiliation(house.lead_id, frozenset({role})),
                password_hash="h",
            )
    administrator = add_person(clinic, "root", house.lead_id, Role.ADMINISTRATOR)
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[administrator])
    with pytest.raises(RoleNotYoursError):
        clinic.do(boss, affiliations.stop_affiliation, affiliation_id=place.id, revision=1)
    with pytest.raises(RoleNotYoursError):
        clinic.do(boss, sessions.reset_password, practitioner_id=administrator, password_hash="x")
    assert clinic.system(practitioners.find_by_login, login="sneaky") is None


def test_nobody_resets_the_password_of_a_person_who_also_works_elsewhere(clinic: Clinic) -> None:
    ours, theirs = make_house(clinic, "a"), make_house(clinic, "b")
    shared = ours.expert.person
    place = add_place(clinic, shared, theirs.centre_id, Role.REQUESTING_PHYSICIAN)
    reset = {"practitioner_id": shared, "password_hash": "mine now"}
    for boss in (ours.administrator, theirs.administrator):
        with pytest.raises(WorksElsewhereError):
            clinic.do(boss, sessions.reset_password, **reset)
    clinic.system(affiliations.stop_affiliation, affiliation_id=place, revision=1)
    clinic.do(ours.administrator, sessions.reset_password, **reset)
    assert "password.reset" in clinic.kinds()


def test_people_of_another_consortium_are_not_there(clinic: Clinic) -> None:
    ours, theirs = make_house(clinic, "a"), make_house(clinic, "b")
    boss, stranger = ours.administrator, theirs.expert.person
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[stranger])
    new = NewAffiliation(ours.lead_id, frozenset({Role.EXPERT}))
    steps = (
        (
            practitioners.change_practitioner,
            {"practitioner_id": stranger, "revision": 1, "profile": Profile(name="x")},
        ),
        (sessions.reset_password, {"practitioner_id": stranger, "password_hash": "x"}),
        (affiliations.add_affiliation, {"practitioner_id": stranger, "new": new}),
        (affiliations.stop_affiliation, {"affiliation_id": place.id, "revision": 1}),
        (
            affiliations.add_affiliation,
            {
                "practitioner_id": ours.expert.person,
                "new": NewAffiliation(theirs.lead_id, frozenset({Role.EXPERT})),
            },
        ),
        (affiliations.add_affiliation, {"practitioner_id": "0" * 32, "new": new}),
    )
    before = clinic.kinds()
    for step, kwargs in steps:
        with pytest.raises(NotFoundError):
            clinic.do(boss, step, **kwargs)
    assert clinic.kinds() == before
    listed = {person.id for person in clinic.do(boss, practitioners.list_practitioners)}
    assert stranger not in listed
    assert ours.expert.person in listed


def test_a_leader_is_replaced_before_leaving_and_members_leave_their_panels(
    clinic: Clinic,
) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    second = add_person(clinic, "second", house.lead_id, Role.EXPERT)
    clinic.system(panels.add_panel_member, panel_id=panel, revision=1, practitioner_id=second)
    places = {
        each.practitioner_id: each.id
        for each in clinic.system(
            affiliations.list_affiliations, practitioner_ids=[second, house.expert.person]
        )
    }
    with pytest.raises(LeadsPanelError):
        clinic.system(
            affiliations.stop_affiliation,
            affiliation_id=places[house.expert.person],
            revision=1,
        )
    clinic.system(affiliations.stop_affiliation, affiliation_id=places[second], revision=1)
    assert clinic.system(organisations.get_panel, panel_id=panel).member_ids == {
        house.expert.person
    }
    assert LeaderStaysError().code == LeadsPanelError().code


def test_the_last_administrator_stays(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    only = add_person(clinic, "root", at, Role.ADMINISTRATOR)
    add_person(clinic, "past", at, Role.ADMINISTRATOR, until_on=date(2025, 12, 31))
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[only])
    stop = {"affiliation_id": place.id, "revision": 1}
    with pytest.raises(LastAdministratorError):
        clinic.system(affiliations.stop_affiliation, **stop)
    add_person(clinic, "second", at, Role.ADMINISTRATOR)
    clinic.system(affiliations.stop_affiliation, **stop)


def test_a_stale_profile_changes_nothing(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    change = {
        "practitioner_id": house.expert.person,
        "revision": 1,
        "profile": Profile(name="周怀瑜", licence_no="1", licence_class="physician"),
    }
    clinic.do(house.administrator, practitioners.change_practitioner, **change)
    with pytest.raises(AffiliationChangedError):
        clinic.do(house.administrator, practitioners.change_practitioner, **change)
    found = clinic.system(practitioners.get_practitioner, practitioner_id=house.expert.person)
    assert (found.name, found.revision) == ("周怀瑜", 2)
