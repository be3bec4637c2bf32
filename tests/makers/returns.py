"""Cases sent back and sent on, for tests: all through the services."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import update

from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_take
from consult.cases.images.model import ImageRules
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.cases.returns.model import ItemKind, ReturnItem, Wanted
from consult.kernel.eyes import Eye
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.organisations import agreements, panels
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.people.practitioners.tables import AffiliationRow
from consult.queue import service as queue
from consult.queue import service_leader, service_return
from tests.makers.consortium import Consortium, agreed_terms, case_rules
from tests.makers.reports import arrival, queue_limits

LEFT_MACULA = ReturnItem(ItemKind.IMAGE, "out_of_focus", Eye.LEFT, FieldCode.MACULA_CENTRED)
RIGHT_DISC = ReturnItem(ItemKind.IMAGE, "field_incomplete", Eye.RIGHT, FieldCode.DISC_CENTRED)


def send_back(
    world: Consortium,
    case: Case,
    *items: ReturnItem,
    by: Actor | None = None,
    note: str = "",
) -> Case:
    """Whoever holds it sends it back, for the left macula where nothing else is named."""
    return world.clinic.do(
        by or world.expert,
        service_return.return_case,
        case_id=case.id,
        wanted=Wanted(items or (LEFT_MACULA,), note),
        rules=case_rules(),
    )


def photograph(world: Consortium, case: Case, *asked: ReturnItem) -> list[str]:
    """The clinic takes these photographs again and confirms them; the ids of the new images."""
    protocol = case_rules().protocol_of(case.service_type)
    do, by = world.clinic.do, world.physician
    for item in asked:
        assert item.eye is not None
        assert item.field is not None
        do(
            by,
            service_take.take_in_images,
            case_id=case.id,
            received=[arrival(world, item.eye, item.field)],
            rules=ImageRules(own_window_min=30, longest_window_min=100_000),
        )
    found = do(by, images.list_case_images, case_id=case.id, protocol=protocol)
    fresh = [image for image in found if not image.is_confirmed]
    said = [
        service_confirm.Said(image.id, item.eye, item.field)
        for image, item in zip(fresh, asked, strict=True)
    ]
    do(
        by,
        service_confirm.confirm_alone,
        case_id=case.id,
        said=said,
        relabelled=[],
        protocol=protocol,
    )
    return [image.id for image in fresh]


def decline(world: Consortium, case: Case, *, by: Actor, reason: str = "非本专科") -> Case:
    """Decline it."""
    return world.clinic.do(
        by, queue.decline_case, case_id=case.id, reason=reason, limits=queue_limits()
    )


def forward(world: Consortium, case: Case, *, to: str, by: Actor | None = None) -> Case:
    """Send it to another panel."""
    return world.clinic.do(
        by or world.leader,
        service_leader.forward_case,
        case_id=case.id,
        to_panel_id=to,
        reason="属青光眼专业",
    )


def coordinator(world: Consortium, *, at: str | None = None, login: str = "xie") -> Actor:
    """A coordinator of the lead hospital."""
    return add_person(world, login, Role.COORDINATOR, at=at or world.lead_id)


def second_panel(
    world: Consortium, *, at: str | None = None, services: Sequence[str] | None = None
) -> tuple[str, Actor]:
    """Another panel with its leader, at the lead hospital or elsewhere; no agreement is made."""
    place = at or world.lead_id
    leader = add_person(world, "qin" if at is None else "tang", Role.EXPERT, at=place)
    panel = world.clinic.system(
        panels.add_panel,
        new=panels.NewPanel(
            consortium_id=world.id,
            institution_id=place,
            name="青光眼专家组",
            name_en="Glaucoma panel",
            leader_id=leader.person,
            member_ids=frozenset(),
            services=frozenset(services or ("remote_diagnosis", "screening_read")),
        ),
    )
    return panel.id, replace(leader, panel_ids=frozenset({panel.id}))


def agree(world: Consortium, *, invited_id: str) -> None:
    """The centre may send its cases there."""
    world.clinic.system(
        agreements.add_agreement,
        consortium_id=world.id,
        inviting_id=world.centre_id,
        invited_id=invited_id,
        terms=agreed_terms(world.clinic, frozenset({"remote_diagnosis"})),
    )


def leave_today(world: Consortium, actor: Actor) -> Consortium:
    """Today is her last day; the consortium tomorrow."""
    last = (
        update(AffiliationRow)
        .where(AffiliationRow.practitioner_id == actor.person)
        .values(until_on=world.clinic.now.date())
    )
    world.clinic.units.write(lambda session: session.execute(last) and None).result(timeout=60)
    return later(world, days=1)


def add_expert(world: Consortium, login: str = "he2") -> Actor:
    """One more expert on the panel."""
    person = add_person(world, login, Role.EXPERT, at=world.lead_id)
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    world.clinic.system(
        panels.add_panel_member,
        panel_id=panel.id,
        revision=panel.revision,
        practitioner_id=person.person,
    )
    return replace(person, panel_ids=world.expert.panel_ids)


def add_person(world: Consortium, login: str, role: Role, *, at: str) -> Actor:
    """Somebody in this role."""
    today = world.clinic.now.date()
    person = world.clinic.system(
        practitioners.add_practitioner,
        login=login,
        profile=Profile(
            name=f"同事{login}",
            title="attending_physician",
            licence_no="110" + login,
            licence_valid_until=today + timedelta(days=365),
        ),
        affiliation=NewAffiliation(at, frozenset({role}), from_on=today - timedelta(days=30)),
        password_hash="",
    )
    return Actor(
        practitioner_id=PractitionerId(person.id),
        institution_id=InstitutionId(at),
        roles=frozenset({role}),
        consortium_ids=world.expert.consortium_ids,
    )


def later(world: Consortium, **delta: float) -> Consortium:
    """The same consortium some time later."""
    return replace(world, clinic=world.clinic.later(**delta))
