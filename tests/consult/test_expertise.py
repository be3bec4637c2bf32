"""What single experts read and do, and that a case goes where one who can is on duty (ID-06)."""

import pytest

from consult.cases.model import Priority
from consult.cases.routing import service as routing
from consult.cases.routing.service import Asked
from consult.kernel.errors import FormRefusedError, NotFoundError
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.duty.keeping import NewDay
from consult.people.organisations import consortia
from consult.people.organisations.model import Tier
from consult.people.routing import experts
from consult.people.routing.expertise import Expert, Expertise, Facet, Fit, Wanted, fit_of
from consult.people.routing.model import Criterion, Proposal, parse_routing_rules
from consult.queue import rosters
from tests.makers.consortium import Consortium
from tests.makers.people import add_institution
from tests.makers.returns import agree, second_panel
from tests.makers.rulebooks import read_config

RULES = parse_routing_rules(read_config("routing.toml"))
KNOWN = {
    Facet.FIELD: {"retina", "glaucoma"},
    Facet.SERVICE: {"screening_read", "remote_diagnosis"},
    Facet.CAPABILITY: {"oct", "intravitreal_injection"},
}
READS_OCT = Expertise(fields=frozenset({"retina"}), capabilities=frozenset({"oct"}))
BLIND = Asked("", "remote_diagnosis", {"red_flags": ["sudden_vision_loss"]}, Priority.ROUTINE)


def wanted(*capabilities: str, field: str = "", service: str = "") -> Wanted:
    return Wanted(field, service, frozenset(capabilities))


def expert(expertise: Expertise, *, on_duty: bool = True) -> Expert:
    return Expert(PractitionerId("e"), on_duty, expertise)


@pytest.mark.parametrize(
    ("said", "asked", "can"),
    [
        (READS_OCT, wanted("oct"), True),
        (READS_OCT, wanted("oct", field="retina"), True),
        (READS_OCT, wanted("oct", "ffa"), False),
        (READS_OCT, wanted("oct", field="glaucoma"), False),
        (READS_OCT, wanted(), None),
        (READS_OCT, wanted("oct", service="screening_read"), True),
        (Expertise(), wanted("oct"), None),
        (Expertise(fields=frozenset({"retina"})), wanted("oct", field="retina"), None),
        (Expertise(services=frozenset({"screening_read"})), wanted(service="x"), False),
        (Expertise(services=frozenset({"screening_read"})), wanted(service="screening_read"), None),
    ],
)
def test_an_expert_can_do_what_is_said_of_her_and_nothing_is_taken_from_silence(
    said: Expertise, asked: Wanted, *, can: bool | None
) -> None:
    assert expert(said).can(asked) is can


def test_a_panel_is_best_with_one_on_duty_who_can_and_worst_where_nobody_can() -> None:
    asked, other = wanted("oct"), Expertise(capabilities=frozenset({"ffa"}))
    assert fit_of([expert(other), expert(READS_OCT)], asked) is Fit.ON_DUTY
    assert fit_of([expert(other), expert(READS_OCT, on_duty=False)], asked) is Fit.UNKNOWN
    assert fit_of([expert(other), expert(Expertise())], asked) is Fit.UNKNOWN
    assert fit_of([expert(other)], asked) is Fit.NOBODY
    assert fit_of([], asked) is Fit.UNKNOWN


def elsewhere(world: Consortium) -> tuple[str, Actor]:
    """A panel of another hospital that the centre may ask as well, and its only expert."""
    place = add_institution(world.clinic, "qita", tier=Tier.SECONDARY)
    world.clinic.system(consortia.add_member, consortium_id=world.id, institution_id=place)
    panel_id, leader = second_panel(world, at=place)
    agree(world, invited_id=place)
    return panel_id, leader


def say(world: Consortium, person: str, expertise: Expertise) -> None:
    world.clinic.system(
        experts.set_expertise, practitioner_id=person, expertise=expertise, known=KNOWN
    )


def proposed(world: Consortium) -> Proposal:
    """For a patient of the centre who has suddenly lost her sight: retina, and OCT."""
    asked = Asked(world.centre_id, BLIND.service_type, BLIND.answers, BLIND.priority)
    return world.clinic.do(world.physician, routing.proposal_for, asked=asked, rules=RULES)


def test_a_case_goes_to_the_panel_with_an_expert_on_duty_who_can(world: Consortium) -> None:
    panel_id, reader = elsewhere(world)
    first = proposed(world).first
    assert first is not None
    assert first.candidate.panel_id == world.panel_id, "nothing is said of anybody: the hub"
    assert Criterion.EXPERT not in first.met

    say(world, world.leader.person, Expertise(fields=frozenset({"retina"})))
    say(world, reader.person, READS_OCT)
    proposal = proposed(world)
    assert proposal.first is not None
    assert proposal.first.candidate.panel_id == panel_id
    assert Criterion.EXPERT in proposal.first.met
    hub = proposal.find(world.panel_id)
    assert hub is not None
    assert hub.behind is Criterion.EXPERT

    off = NewDay(reader.person, world.clinic.now.date(), None, is_on=False)
    world.clinic.do(reader, rosters.add_day, panel_id=panel_id, new=off)
    first = proposed(world).first
    assert first is not None
    assert first.candidate.panel_id == world.panel_id, "she is not on duty: the hub again"


def test_a_panel_of_which_it_is_said_that_nobody_can_stands_behind_all(world: Consortium) -> None:
    panel_id, _reader = elsewhere(world)
    for person in (world.leader.person, world.expert.person):
        say(world, person, Expertise(capabilities=frozenset({"intravitreal_injection"})))
    first = proposed(world).first
    assert first is not None
    assert first.candidate.panel_id == panel_id


def test_who_reads_oct_and_injects_in_the_consortium(world: Consortium) -> None:
    both = frozenset({"oct", "intravitreal_injection"})
    say(world, world.expert.person, Expertise(capabilities=both))
    say(world, world.leader.person, READS_OCT)
    _panel, reader = elsewhere(world)
    found = world.clinic.do(
        world.physician,
        experts.list_able_experts,
        wanted=Wanted(capabilities=both),
        consortium_id=world.id,
    )
    told = [(each.expert.practitioner_id, each.can, set(each.lacks)) for each in found]
    assert told == [
        (world.expert.person, True, set()),
        (world.leader.person, False, {"intravitreal_injection"}),
        (reader.person, None, set(both)),
    ]
    assert all(each.expert.on_duty for each in found)
    nowhere = world.clinic.do(
        world.physician, experts.list_able_experts, wanted=Wanted(), consortium_id="none"
    )
    assert nowhere == []


def test_what_is_said_takes_the_place_of_what_was_and_is_written_down(world: Consortium) -> None:
    person = world.expert.person
    say(world, person, READS_OCT)
    say(world, person, Expertise(services=frozenset({"screening_read"})))
    known = world.clinic.system(experts.expertise_of, ids=[person])
    assert known[person] == Expertise(services=frozenset({"screening_read"}))
    lines = [line for line in world.clinic.lines() if line.kind == "practitioner.expertise_set"]
    assert [line.codes["capability"] for line in lines] == ["oct", ""]
    assert lines[-1].codes["service"] == "screening_read"


def test_a_word_that_nobody_knows_is_refused_by_its_kind(world: Consortium) -> None:
    moon = Expertise(fields=frozenset({"moon"}), capabilities=frozenset({"oct", "moon"}))
    with pytest.raises(FormRefusedError) as refused:
        say(world, world.expert.person, moon)
    assert [each.field for each in refused.value.problems] == ["field", "capability"]
    assert (
        world.clinic.system(experts.expertise_of, ids=[world.expert.person])[world.expert.person]
        == Expertise()
    )


def test_an_administrator_elsewhere_says_nothing_of_her(world: Consortium) -> None:
    stranger = add_institution(world.clinic, "waidi", tier=Tier.SECONDARY)
    other = Actor(
        practitioner_id=world.stranger.person,
        institution_id=InstitutionId(stranger),
        roles=frozenset({Role.CONSORTIUM_ADMINISTRATOR}),
    )
    with pytest.raises(NotFoundError):
        world.clinic.do(
            other,
            experts.set_expertise,
            practitioner_id=world.expert.person,
            expertise=READS_OCT,
            known=KNOWN,
        )
