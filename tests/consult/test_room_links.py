"""A link leads one person into one room, once, and says of her only what was compared (VID-09)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.model import Case
from consult.kernel.errors import ConsultError, NotFoundError
from consult.kernel.work import SYSTEM
from consult.people.patients import service as patients
from consult.rooms import service as rooms
from consult.rooms import service_stay
from consult.rooms.errors import NotAdmittedError, RoomCrowdedError
from consult.rooms.links import service as links
from consult.rooms.links import service_guest
from consult.rooms.links.errors import (
    GuestUnknownError,
    IdentityNeededError,
    LinkGoneError,
    NotInviterError,
)
from consult.rooms.links.model import (
    MOST_LINKS,
    Answered,
    Asks,
    Identity,
    Link,
    LinkFor,
    LinkState,
    Said,
    compare,
)
from consult.rooms.model import KnockState, RoomDevice, RoomRole, StayEnd
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import KEY, call, come_in, let_in, room_book, show, talks

RULES = room_book().links
TOKEN, BROWSER = "a" * 64, "b" * 64
AT_ONCE = 20


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case on which the physician has called."""
    found = make_read_case(world)
    call(world, found, world.physician)
    return found


def make(
    world: Consortium,
    case: Case,
    *,
    who: str = "physician",
    for_whom: LinkFor = LinkFor.PATIENT,
    token: str = TOKEN,
) -> Link:
    """A link that the physician makes."""
    return world.clinic.do(
        getattr(world, who),
        links.make_link,
        case_id=case.id,
        for_whom=for_whom,
        lasts=RULES.guest_for,
        token_hash=token,
        talks=talks(),
    )


def use(clinic: Clinic, *, token: str = TOKEN, browser: str = BROWSER) -> Link:
    return clinic.system(service_guest.use, token_hash=token, session_hash=browser)


def says(
    world: Consortium, name: str, tail: str, *, patient: str = "", browser: str = BROWSER
) -> Answered:
    said = Said(name, patient, tail)
    return world.clinic.system(service_guest.identify, session_hash=browser, said=said, rules=RULES)


def asks_in(world: Consortium, *, browser: str = BROWSER) -> KnockState:
    found = world.clinic.system(service_guest.knock, session_hash=browser, rules=RULES)
    return found.state


def answer(world: Consortium, case: Case, person_id: str, *, admitted: bool = True) -> None:
    world.clinic.do(
        world.physician,
        rooms.answer_knock,
        case_id=case.id,
        person_id=person_id,
        admitted=admitted,
        talks=talks(),
    )


def truth(world: Consortium, case: Case) -> tuple[str, str]:
    """The patient's name and the last four of her identity number."""
    patient = world.clinic.do(world.physician, patients.get_patient, patient_id=case.patient_id)
    return patient.name, patient.facts.document_number[-4:]


def state(clinic: Clinic, token: str = TOKEN) -> LinkState | None:
    found = clinic.system(service_guest.look, token_hash=token)
    return None if found is None else found.state


def gone(step: Callable[[], object]) -> str:
    with pytest.raises(LinkGoneError) as refused:
        step()
    return refused.value.state


def test_a_patient_comes_by_a_link_says_who_she_is_and_is_let_in(
    world: Consortium, case: Case
) -> None:
    link = make(world, case)
    assert (state(world.clinic), link.person_id) == (LinkState.FRESH, link.id)
    use(world.clinic)
    assert state(world.clinic) is LinkState.USED
    with pytest.raises(IdentityNeededError):
        asks_in(world)
    name, tail = truth(world, case)
    assert says(world, f" {name} ", tail.lower()) == Answered(Identity.MATCHED, 2)
    assert asks_in(world) is KnockState.WAITING
    with pytest.raises(NotAdmittedError):
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)
    with pytest.raises(NotAdmittedError):
        world.clinic.system(service_guest.come_in, session_hash=BROWSER)
    answer(world, case, link.id)
    place = world.clinic.system(service_guest.find_place, session_hash=BROWSER)
    assert (place.role, place.key) == (RoomRole.GUEST, KEY)
    world.clinic.system(service_guest.come_in, session_hash=BROWSER)
    seen = show(world, case, world.physician).rooms[0].attendances
    assert [each.person_id for each in seen] == [link.id]
    answer(world, case, link.id, admitted=False)
    with pytest.raises(NotAdmittedError):
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)


def test_what_was_said_stands_nowhere_in_the_journal(world: Consortium, case: Case) -> None:
    make(world, case)
    use(world.clinic)
    says(world, "王五一二三", "98Q6")
    name, tail = truth(world, case)
    says(world, name, tail)
    told = [line for line in world.clinic.lines() if line.kind == "room.guest_identified"]
    assert [line.codes["identity"] for line in told] == ["not_matched", "matched"]
    for word in ("王五一二三", "98Q6", name, tail, BROWSER, TOKEN):
        assert all(word not in f"{line.codes} {line.words}" for line in told)


def test_tries_are_bounded_and_the_host_sees_that_it_did_not_match(
    world: Consortium, case: Case
) -> None:
    make(world, case)
    use(world.clinic)
    name, tail = truth(world, case)
    left = [says(world, name, "0000").left for _ in range(RULES.tries)]
    assert left == [2, 1, 0]
    assert says(world, name, tail).identity is Identity.NOT_MATCHED  # nothing is compared any more
    assert asks_in(world) is KnockState.WAITING
    with pytest.raises(NotAdmittedError):
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)


def test_a_relative_names_the_patient_and_a_colleague_nobody(world: Consortium, case: Case) -> None:
    name, tail = truth(world, case)
    relative = make(world, case, for_whom=LinkFor.RELATIVE)
    use(world.clinic)
    assert says(world, "赵小妹", tail, patient=name).identity is Identity.MATCHED
    make(world, case, for_whom=LinkFor.COLLEAGUE, token="c" * 64)
    use(world.clinic, token="c" * 64, browser="d" * 64)
    asks = world.clinic.system(service_guest.what_is_asked, session_hash="d" * 64)
    assert asks is Asks.NOTHING
    assert says(world, "钱医生", "", browser="d" * 64).identity is Identity.NOT_ON_FILE
    shown = world.clinic.do(world.physician, links.guests_in, room_ids=[relative.room_id])
    assert sorted(each.name for each in shown.values()) == ["赵小妹", "钱医生"]


def test_twenty_browsers_at_once_use_one_link_up_once(world: Consortium, case: Case) -> None:
    make(world, case)
    started = [
        world.clinic.start(
            SYSTEM, service_guest.use, token_hash=TOKEN, session_hash=f"{number:064x}"
        )
        for number in range(AT_ONCE)
    ]
    outcomes = [each.exception(timeout=60) for each in started]
    assert outcomes.count(None) == 1
    assert {type(each) for each in outcomes if each is not None} == {LinkGoneError}
    assert world.clinic.kinds().count("room.link_used") == 1
    owners = [
        number
        for number in range(AT_ONCE)
        if world.clinic.system(service_guest.find_guest, session_hash=f"{number:064x}")
    ]
    assert owners == [outcomes.index(None)]


def test_twenty_tries_at_once_are_no_more_than_are_allowed(world: Consortium, case: Case) -> None:
    make(world, case)
    use(world.clinic)
    started = [
        world.clinic.start(
            SYSTEM,
            service_guest.identify,
            session_hash=BROWSER,
            said=Said("某人", "", "0000"),
            rules=RULES,
        )
        for _ in range(AT_ONCE)
    ]
    for each in started:
        assert each.exception(timeout=60) is None or isinstance(each.exception(), ConsultError)
    told = world.clinic.kinds().count("room.guest_identified")
    assert 1 <= told <= RULES.tries


def test_a_link_opens_nothing_once_it_is_old_taken_back_or_its_room_is_over(
    world: Consortium, case: Case
) -> None:
    later = world.clinic.later(seconds=RULES.guest_for.total_seconds())
    make(world, case)
    assert state(later) is LinkState.EXPIRED
    assert gone(lambda: use(later)) == "expired"
    link = make(world, case, token="c" * 64)
    told = {"case_id": case.id, "link_id": link.id, "talks": talks()}
    with pytest.raises(NotInviterError):
        world.clinic.do(world.expert, links.revoke_link, **told)
    world.clinic.do(world.physician, links.revoke_link, **told)
    assert gone(lambda: use(world.clinic, token="c" * 64)) == "revoked"
    make(world, case, token="e" * 64)
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    assert gone(lambda: use(world.clinic, token="e" * 64)) == "over"
    with pytest.raises(GuestUnknownError):
        use(world.clinic, token="f" * 64)


def test_a_guest_is_out_once_her_link_is_taken_back_or_the_room_ends(
    world: Consortium, case: Case
) -> None:
    link = make(world, case)
    use(world.clinic)
    says(world, *truth(world, case))
    asks_in(world)
    answer(world, case, link.id)
    world.clinic.do(
        world.physician, links.revoke_link, case_id=case.id, link_id=link.id, talks=talks()
    )
    with pytest.raises(GuestUnknownError):
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)
    make(world, case, token="c" * 64)
    use(world.clinic, token="c" * 64, browser="d" * 64)
    world.clinic.do(world.physician, rooms.end_room, case_id=case.id, talks=talks())
    call(world, case, world.physician)
    with pytest.raises(GuestUnknownError):
        says(world, *truth(world, case), browser="d" * 64)


def test_only_who_may_call_invites_and_nobody_without_bound(world: Consortium, case: Case) -> None:
    for who in ("expert", "colleague", "photographer"):
        with pytest.raises(NotInviterError):
            make(world, case, who=who, token=who * 8)
    with pytest.raises(NotFoundError):
        make(world, case, who="stranger", token="s" * 64)
    for number in range(MOST_LINKS):
        make(world, case, token=f"{number:064x}")
    with pytest.raises(RoomCrowdedError):
        make(world, case, token="z" * 64)


def companion(world: Consortium, case: Case, token: str = TOKEN, who: str = "expert") -> Link:
    return world.clinic.do(
        getattr(world, who),
        links.make_companion,
        case_id=case.id,
        lasts=RULES.companion_for,
        token_hash=token,
        talks=talks(),
    )


def test_a_telephone_is_for_whoever_is_let_in_and_the_newest_link_alone_opens(
    world: Consortium, case: Case
) -> None:
    with pytest.raises(NotAdmittedError):
        companion(world, case)
    let_in(world, case, world.expert, host=world.physician)
    companion(world, case)
    companion(world, case, "c" * 64)
    assert gone(lambda: use(world.clinic)) == "revoked"


def test_a_telephone_joins_as_a_second_device_of_one_person_and_goes_with_her(
    world: Consortium, case: Case
) -> None:
    let_in(world, case, world.expert, host=world.physician)
    companion(world, case)
    use(world.clinic)
    with pytest.raises(NotAdmittedError):  # she is not in the room with her first device
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)
    stay = come_in(world, case, world.expert)
    place = world.clinic.system(service_guest.find_place, session_hash=BROWSER)
    assert place.role is RoomRole.PARTICIPANT
    world.clinic.system(service_guest.come_in, session_hash=BROWSER)
    record = show(world, case, world.physician).rooms[0]
    assert [(each.person_id, each.stays) for each in record.attendances] == [
        (world.expert.person, 2)
    ]
    go = {"case_id": case.id, "stay_id": stay}
    world.clinic.system(service_stay.go, how=StayEnd.LOST, **go)
    assert world.clinic.system(service_guest.find_place, session_hash=BROWSER) == place
    later = world.clinic.later(minutes=1)
    with pytest.raises(NotAdmittedError):
        later.system(service_guest.find_place, session_hash=BROWSER)
    again = come_in(world, case, world.expert, device=RoomDevice.FIRST)
    assert world.clinic.system(service_guest.find_place, session_hash=BROWSER) == place
    world.clinic.system(service_stay.go, case_id=case.id, stay_id=again, how=StayEnd.LEFT)
    with pytest.raises(NotAdmittedError):
        world.clinic.system(service_guest.find_place, session_hash=BROWSER)


def test_a_telephone_is_no_guest_and_knocks_at_nothing(world: Consortium, case: Case) -> None:
    companion(world, case, who="physician")
    use(world.clinic)
    with pytest.raises(GuestUnknownError):
        asks_in(world)


@given(noise=st.sampled_from(["", " ", "　", "·", "・"]), shift=st.sampled_from([0, 0xFEE0]))
def test_a_name_is_the_same_however_it_is_spaced(noise: str, shift: int) -> None:
    patient = patient_named("Ma Li 4a", "11010519491231002X")
    typed = noise.join("Ma Li 4a")
    name = "".join(chr(ord(each) + shift) if "!" <= each <= "~" else each for each in typed)
    assert compare(patient, name, "002x") is Identity.MATCHED
    assert compare(patient, f"{name}b", "002x") is Identity.NOT_MATCHED
    assert compare(patient, name, "0021") is Identity.NOT_MATCHED
    assert compare(patient, name, "") is Identity.NOT_MATCHED


def test_the_telephone_is_asked_where_there_is_no_number_and_nothing_where_neither() -> None:
    assert compare(patient_named("李四", "", "13800138000"), "李四", "8000") is Identity.MATCHED
    assert compare(patient_named("李四", "", ""), "李四", "8000") is Identity.NOT_ON_FILE


def patient_named(name: str, number: str, phone: str = "") -> Any:
    """A patient of whom only that is known."""
    facts = SimpleNamespace(document_number=number, phone=phone)
    return SimpleNamespace(name=name, facts=facts)
