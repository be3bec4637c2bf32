"""Which panel is proposed, why, and that nobody passes the hub without a reason (Q-05, ID-06)."""

import itertools
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.model import Case, ServiceType
from consult.cases.routing import service as routing
from consult.kernel.errors import FormRefusedError, RefusedError
from consult.kernel.ids import InstitutionId, PanelId
from consult.kernel.rules import MalformedRulesError
from consult.people.organisations import consortia, panels
from consult.people.organisations.model import Tier
from consult.people.routing import service as capabilities
from consult.people.routing.model import (
    Candidate,
    Criterion,
    Need,
    RoutingRules,
    parse_routing_rules,
    propose,
)
from tests.makers.cases import fill_in, give_consent, make_draft, make_patient, submit
from tests.makers.consortium import Consortium
from tests.makers.people import add_institution
from tests.makers.reports import DIAGNOSIS_ANSWERS, add_photographs, make_read_case
from tests.makers.returns import agree, second_panel
from tests.makers.rulebooks import read_config

RULES = parse_routing_rules(read_config("routing.toml"))
TABLE = tomllib.loads((Path(__file__).parent / "routing_table.toml").read_text("utf-8"))["case"]
PLACES = {"retina": "lead", "glaucoma": "lead", "district": "district", "city": "city"}
SPECIALTIES = {
    "retina": frozenset({"retina"}),
    "glaucoma": frozenset({"glaucoma", "cataract"}),
    "district": frozenset({"retina"}),
    "city": frozenset({"cornea", "cataract"}),
}
CAN = {
    "lead": frozenset({"oct", "ffa", "intravitreal_injection", "retinal_laser", "vitrectomy"}),
    "district": frozenset({"oct", "fundus_camera"}),
    "city": frozenset({"oct", "retinal_laser", "vitrectomy"}),
}
MEMBERS = {"retina": 4, "glaucoma": 2, "district": 2, "city": 5}
OPEN = {"retina": 1, "glaucoma": 3, "district": 1, "city": 5}


def candidate(name: str, row: dict[str, Any]) -> Candidate:
    """A panel of the table as the row says it stands."""
    place = PLACES[name]
    return Candidate(
        panel_id=PanelId(name),
        institution_id=InstitutionId(place),
        specialties=SPECIALTIES[name],
        capabilities=CAN[place],
        is_hub=place == row["hub"],
        in_chain=place in row.get("chain", ()),
        on_duty=name not in row.get("off", ()),
        open_cases=row.get("open", {}).get(name, OPEN[name]),
        members=MEMBERS[name],
    )


def test_the_table_has_twenty_cases() -> None:
    assert len(TABLE) == 20


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["says"]))
def test_the_proposed_panel_is_that_of_the_table(row: dict[str, Any]) -> None:
    need = RULES.need_of(row["service"], row.get("answers", {}), row.get("priority", "routine"))
    found = [candidate(name, row) for name in row.get("agreed", PLACES)]
    proposal = propose(need, found, rules=RULES)
    assert proposal.first is not None
    assert proposal.first.candidate.panel_id == row["expect"]
    assert list(proposal.first.met) == row["why"]
    assert proposal.first.behind is None
    # it does not matter in which order the panels were founded, save between alike ones
    turned = propose(need, found[::-1], rules=RULES)
    assert turned.first is not None
    assert turned.first.candidate.panel_id == row["expect"]


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([PanelId(name) for name in PLACES]),
        st.just(InstitutionId("i")),
        st.frozensets(st.sampled_from(["retina", "glaucoma"])),
        st.frozensets(st.sampled_from(["oct", "vitrectomy"])),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=4,
    unique_by=lambda each: each.panel_id,
)
NEED = st.builds(
    Need,
    st.sampled_from(["", "retina"]),
    st.frozensets(st.sampled_from(["oct", "vitrectomy"])),
    st.booleans(),
)


@given(need=NEED, found=CANDIDATES)
def test_nobody_stands_before_one_who_is_better_in_everything(
    need: Need, found: list[Candidate]
) -> None:
    ranked = propose(need, found, rules=RULES).ranked
    assert sorted(each.candidate.panel_id for each in ranked) == sorted(
        each.panel_id for each in found
    )
    for first, second in itertools.pairwise(ranked):
        ahead = [first.candidate.rank(one, need) for one in Criterion]
        after = [second.candidate.rank(one, need) for one in Criterion]
        assert not (all(a >= b for a, b in zip(ahead, after, strict=True)) and ahead != after)
    # whoever is not first says in what it stands behind, unless it is alike in everything
    for each in ranked[1:]:
        ranks = [each.candidate.rank(one, need) for one in Criterion]
        best = [ranked[0].candidate.rank(one, need) for one in Criterion]
        assert (each.behind is None) == (ranks == best)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("order", ["hub"]),
        ("order", ["hub", "hub", "chain", "duty", "load", "specialty"]),
        ("order_pressing", ["moon", "specialty", "hub", "chain", "duty", "load"]),
        ("moon", "full"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(key: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_routing_rules({**read_config("routing.toml"), key: value})


def elsewhere(world: Consortium) -> str:
    """A panel at another hospital, which the centre may ask as well."""
    place = add_institution(world.clinic, "qita", tier=Tier.SECONDARY)
    world.clinic.system(consortia.add_member, consortium_id=world.id, institution_id=place)
    panel_id, _leader = second_panel(world, at=place)
    agree(world, invited_id=place)
    return panel_id


def draft_for(world: Consortium, panel_id: str) -> Case:
    """A draft with all that a submission asks for, before another panel."""
    patient = make_patient(world)
    give_consent(world, patient)
    case = make_draft(
        replace(world, panel_id=panel_id), patient, service_type=ServiceType.REMOTE_DIAGNOSIS
    )
    add_photographs(world, case)
    return fill_in(world, case, DIAGNOSIS_ANSWERS)


def test_the_hub_is_passed_over_only_with_a_reason(world: Consortium) -> None:
    case = draft_for(world, elsewhere(world))
    with pytest.raises(FormRefusedError) as refused:
        submit(world, case)
    assert [(each.field, each.code) for each in refused.value.problems] == [
        ("hub_reason", "hub-reason-missing")
    ]
    said = {"case_id": case.id, "revision": case.revision, "rules": RULES}
    with pytest.raises(RefusedError):
        world.clinic.do(world.physician, routing.say_hub_reason, reason="  ", **said)
    reason = "患者已在该院住院"
    world.clinic.do(world.physician, routing.say_hub_reason, reason=reason, **said)
    sent = submit(world, case)
    kept = world.clinic.do(world.physician, routing.find_routing, case=sent)
    assert kept is not None
    assert (kept.hub_reason, kept.proposed_id) == (reason, world.panel_id)
    assert kept.recorded_at is not None
    [line] = [line for line in world.clinic.lines() if line.kind == "case.hub_skipped"]
    assert line.words["reason"] == reason
    [line] = [line for line in world.clinic.lines() if line.kind == "case.submitted"]
    assert (line.codes["proposed"], line.codes["why"]) == (world.panel_id, "duty")


def test_a_case_to_the_hub_keeps_why_it_was_proposed(world: Consortium) -> None:
    case = make_read_case(world)
    kept = world.clinic.do(world.expert, routing.find_routing, case=case)
    assert kept is not None
    assert (kept.panel_id, kept.proposed_id) == (world.panel_id, world.panel_id)
    assert set(kept.why) >= {"hub", "duty"}
    assert (kept.rules, kept.hub_reason) == (RULES.version, "")


def test_a_chain_makes_its_second_hospital_the_hub(world: Consortium) -> None:
    panel_id = elsewhere(world)
    place = world.clinic.system(panels.get_panel, panel_id=panel_id).institution_id
    world.clinic.system(
        capabilities.set_chain,
        institution_id=world.centre_id,
        second_id=place,
        third_id=world.lead_id,
    )
    proposal = world.clinic.do(
        world.physician,
        routing.new_proposal,
        service_type="remote_diagnosis",
        institution_id=world.centre_id,
        rules=RULES,
    )
    assert [each.candidate.panel_id for each in proposal.ranked] == [panel_id, world.panel_id]
    assert proposal.skips_hub(world.panel_id)
    assert submit(world, draft_for(world, panel_id)).panel_id == panel_id


def test_who_does_oct_and_injections_in_the_consortium(world: Consortium) -> None:
    known = {"oct", "intravitreal_injection", "retinal_laser"}
    for place, codes in (
        (world.lead_id, {"oct", "intravitreal_injection"}),
        (world.centre_id, {"oct"}),
    ):
        world.clinic.system(
            capabilities.set_capabilities,
            institution_id=place,
            codes=frozenset(codes),
            known=known,
        )
    wanted = {"oct", "intravitreal_injection"}
    found = world.clinic.do(world.physician, capabilities.list_able, needed=wanted)
    assert [each.institution.id for each in found if not each.lacks] == [world.lead_id]
    lacks = {each.institution.id: set(each.lacks) for each in found}
    assert lacks[world.centre_id] == {"intravitreal_injection"}
    assert lacks[world.other_id] == wanted
    with pytest.raises(RefusedError):
        world.clinic.system(
            capabilities.set_capabilities,
            institution_id=world.lead_id,
            codes=frozenset({"moon"}),
            known=known,
        )
    assert world.clinic.kinds().count("institution.capabilities_set") == 2


def test_the_shipped_rules_are_whole() -> None:
    assert isinstance(RULES, RoutingRules)
    assert set(RULES.order) == set(RULES.order_pressing) == set(Criterion)
    terms = read_config("terms/capabilities.toml")["capability"]
    assert all(each.capabilities <= set(terms) for each in RULES.needs)
    specialties = read_config("terms/organisations.toml")["specialty"]
    assert set(RULES.specialties.values()) <= set(specialties)
