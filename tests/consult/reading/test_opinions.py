"""Each participant of a call signs what she thinks, and every wording stays (VID-06)."""

import json
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.people.practitioners.errors import LicenceExpiredError
from consult.reports import store as reports_store
from consult.reports.opinions import service as opinions
from consult.reports.opinions import store
from consult.reports.opinions.audit import OpinionsTold, check_opinions
from consult.reports.opinions.errors import NotParticipantError, OpinionsFullError
from consult.reports.opinions.model import Opinion, Said
from consult.reports.seal import SystemSeal, load_seal
from consult.reports.signing import NotInWindowError, Proof, Way
from consult.rooms import service as rooms
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, expire_licence
from tests.makers.reports import claim, make_read_case
from tests.makers.rooms import call, come_in, let_in, talks


@pytest.fixture
def case(world: Consortium) -> Case:
    """The physician, the leader and the expert who holds the case have talked."""
    found = make_read_case(world)
    claim(world, found, by=world.expert)
    call(world, found, world.physician)
    come_in(world, found, world.physician)
    for who in (world.leader, world.expert):
        let_in(world, found, who, host=world.physician)
        come_in(world, found, who)
    world.clinic.do(world.physician, rooms.end_room, case_id=found.id, talks=talks())
    return found


def room_of(world: Consortium, case: Case) -> str:
    view = world.clinic.do(
        world.physician, lambda work: rooms.show_rooms(work, case.id, talks=talks())
    )
    return view.rooms[0].room.id


def sign(
    world: Consortium,
    case: Case,
    who: Actor,
    seal: SystemSeal,
    *,
    said: str = "建议行黄斑 OCT",
    at: Clinic | None = None,
    room_id: str = "",
    **more: Proof,
) -> Opinion:
    wanted = Said(room_id or room_of(world, case), said)
    step = partial(opinions.sign_opinion, case_id=case.id, said=wanted, seal=seal, **more)
    made: Opinion = (at or world.clinic).do(who, step, talks=talks())
    return made


def test_each_expert_signs_her_own_opinion_and_no_report_changes(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    for who, said in ((world.leader, "建议行黄斑 OCT"), (world.expert, "同意转诊")):
        opinion = sign(world, case, who, seal, said=said)
        told = json.loads(opinion.content)
        assert (told["text"], told["author"]["id"], told["number"]) == (said, who.person, 1)
        assert seal.is_valid(opinion.signature, opinion.content)
        assert not seal.is_valid(opinion.signature, opinion.content.replace(b"1", b"2"))
        assert opinion.sha256 == sha256(opinion.content).hexdigest()
    listed = world.clinic.system(lambda work: opinions.list_opinions(work, case))
    assert [each.text for each in listed] == ["建议行黄斑 OCT", "同意转诊"]
    held = world.clinic.system(lambda work: reports_store.list_of_case(work.session, case.id))
    assert held == []


def test_a_further_wording_stands_beside_the_first_one(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    first = sign(world, case, world.leader, seal)
    sign(world, case, world.expert, seal, said="同意")
    second = sign(
        world, case, world.leader, seal, said="不需要 OCT", at=world.clinic.later(hours=1)
    )
    assert (second.number, second.amends_id) == (2, first.id)
    listed = world.clinic.system(lambda work: opinions.list_opinions(work, case))
    assert [each.text for each in listed] == ["建议行黄斑 OCT", "同意", "不需要 OCT"]
    lines = [each for each in world.clinic.lines() if each.kind == "room.opinion_signed"]
    assert [(each.codes["number"], each.codes["by"]) for each in lines] == [
        (1, "password"),
        (1, "password"),
        (2, "password"),
    ]


def test_only_who_was_there_signs_with_a_licence_and_never_in_a_signing_window(
    world: Consortium, case: Case, seal: SystemSeal
) -> None:
    with pytest.raises(NotParticipantError):
        sign(world, case, world.colleague, seal)
    with pytest.raises(NotFoundError):
        sign(world, case, world.stranger, seal)
    with pytest.raises(RefusedError):
        sign(world, case, world.leader, seal, room_id="elsewhere")
    with pytest.raises(NotInWindowError):
        sign(world, case, world.leader, seal, proof=Proof(Way.WINDOW))
    expire_licence(world, world.leader.person)
    with pytest.raises(LicenceExpiredError):
        sign(world, case, world.leader, seal)
    assert world.clinic.system(lambda work: opinions.list_opinions(work, case)) == []


def test_opinions_are_bounded(
    world: Consortium, case: Case, seal: SystemSeal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opinions, "MOST_OPINIONS", 1)
    sign(world, case, world.leader, seal)
    with pytest.raises(OpinionsFullError):
        sign(world, case, world.expert, seal)


def test_what_was_signed_never_changes_and_verify_names_what_does(
    world: Consortium, case: Case, seal: SystemSeal, tmp_path: Path
) -> None:
    opinion = sign(world, case, world.leader, seal)
    assert faults(world, seal) == [opinion.id]
    with pytest.raises(DBAPIError):
        world.clinic.system(
            lambda work: work.session.execute(text("UPDATE room_opinions SET number = 2"))
        )
    assert faults(world, load_seal(tmp_path)) == ["opinion-signature", opinion.id]
    world.clinic.system(lambda work: work.session.execute(text("DELETE FROM room_opinions")))
    assert faults(world, seal) == ["opinion-missing"]
    kept = world.clinic.system(lambda work: store.list_of_case(work.session, case.id))
    assert kept == []


def faults(world: Consortium, seal: SystemSeal) -> list[str]:
    """What verify says of the opinions: their ids, and the kinds of what is wrong."""
    told = OpinionsTold()
    for line in world.clinic.lines():
        told.note(line)
    found = world.clinic.system(lambda work: list(check_opinions(work.session, told, seal=seal)))
    return [each if isinstance(each, str) else each.kind for each in found]
