"""Who may see an object, asked once for all, is what the policy says of each one."""

from dataclasses import replace
from datetime import timedelta

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.work import Actor, Work
from tests.makers.cases import citizen_number, make_draft, make_patient, make_submitted
from tests.makers.clinic import Clinic
from tests.makers.consortium import make_consortium


def differing(work: Work, *, refs: list[Ref], actors: list[Actor]) -> list[tuple[Ref, Actor]]:
    audiences = policy.audiences_of(work.session, refs, now=work.now)
    return [
        (ref, actor)
        for ref in refs
        for actor in actors
        if policy.may_see(work.session, actor, ref, now=work.now)
        != bool(audiences.get(ref, frozenset()) & policy.parties_of(actor))
    ]


def test_the_audience_of_an_object_is_whoever_the_policy_lets_see_it(clinic: Clinic) -> None:
    world = make_consortium(clinic)
    sent = make_submitted(world)
    draft = make_draft(world, make_patient(world, document_number=citizen_number(44)))
    panel = Ref(ObjectType.PANEL, world.panel_id)
    refs = [Ref(ObjectType.CASE, draft.id), Ref(ObjectType.CASE, sent.id), panel]
    refs.append(Ref(ObjectType.CASE, "0" * 32))
    known = [world.physician, world.photographer, world.stranger, world.leader, world.expert]
    actors = known + [replace(actor, is_reading=True) for actor in known]
    assert clinic.system(differing, refs=refs, actors=actors) == []

    for party in (Party.EMERGENCY, Party.PRACTITIONER):
        until = clinic.now + timedelta(minutes=5)
        to = (party, str(world.stranger.practitioner_id))
        clinic.system(access.grant, ref=refs[0], to=to, why="test", until=until)
        assert clinic.system(differing, refs=refs, actors=actors) == []
    over = clinic.later(minutes=6)
    assert over.system(differing, refs=refs, actors=actors) == []
