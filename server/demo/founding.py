"""Founding the consortium: institutions, people, panels, agreements."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, time
from types import MappingProxyType
from zoneinfo import ZoneInfo

from consult.kernel.work import SYSTEM, Actor, Role
from consult.people.organisations import agreements, consortia, panels
from consult.people.organisations.model import DEFAULT_ZONE, Tier
from consult.people.organisations.service import NewInstitution
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Affiliation, Profile
from server.demo import model
from server.demo.actors import make_actor
from server.demo.model import InstitutionPlan, PractitionerPlan
from server.demo.stage import Stage
from server.keys import PASSWORDS

_TIERS: Mapping[model.Tier, Tier] = MappingProxyType(
    {
        model.Tier.LEAD: Tier.TERTIARY,
        model.Tier.DISTRICT: Tier.SECONDARY,
        model.Tier.COMMUNITY: Tier.COMMUNITY,
        model.Tier.AUTHORITY: Tier.AUTHORITY,
    }
)
_TREATING = frozenset({Role.REQUESTING_PHYSICIAN, Role.EXPERT})
_FOUNDED = time(9, tzinfo=ZoneInfo(DEFAULT_ZONE))


class Founder:
    """Founds everything on the first day of the agreements, as the installation's administrator."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._plan = stage, stage.plan
        self._admin = SYSTEM
        first_day = min(agreement.valid_from for agreement in stage.plan.agreements)
        self.at = datetime.combine(first_day, _FOUNDED)
        self.institutions: dict[str, str] = {}
        self.people: dict[str, str] = {}
        self.panels: dict[str, str] = {}
        self._consortium_id = ""

    async def found(self) -> dict[tuple[str, str], Actor]:
        """Do it, and return everybody who can act, by sign-in name and institution."""
        people = self._plan.practitioners
        hashed = await asyncio.gather(
            *(self._stage.app[PASSWORDS].hash(person.password) for person in people)
        )
        hashes = {person.login: each for person, each in zip(people, hashed, strict=True)}
        administrator = next(person for person in people if _is_administrator(person))
        await self._set_up(administrator, hashes[administrator.login])
        await self._add_institutions()
        for person in people:
            await self._add_person(person, hashes[person.login])
        await self._add_panels()
        await self._add_agreements()
        return await self._actors()

    async def _set_up(self, person: PractitionerPlan, password_hash: str) -> None:
        plans = {place.code: place for place in self._plan.institutions}
        code = person.affiliations[0].institution
        made = await self._stage.act(
            self.at,
            SYSTEM,
            practitioners.set_up,
            login=person.login,
            name=person.name.zh,
            institution=_new(plans[code]),
            password_hash=password_hash,
        )
        self.people[person.login] = made.id
        place = (await self._holding(made.id))[0]
        self._admin = make_actor(place)
        self.institutions[code] = place.institution_id
        await self._stage.act(
            self.at,
            self._admin,
            practitioners.change_practitioner,
            practitioner_id=made.id,
            revision=made.revision,
            profile=_profile(person),
        )

    async def _add_institutions(self) -> None:
        for place in self._plan.institutions:
            if place.code not in self.institutions:
                made = await self._stage.act(
                    self.at,
                    self._admin,
                    consortia.add_new_member,
                    new=_new(place),
                    consortium_id=None,
                )
                self.institutions[place.code] = made.id
        consortium = await self._stage.act(
            self.at,
            self._admin,
            consortia.add_consortium,
            name=self._plan.consortium.name.zh,
            name_en=self._plan.consortium.name.en,
            lead_id=self.institutions[self._plan.consortium.lead],
        )
        self._consortium_id = consortium.id
        for code in self._plan.consortium.members:
            await self._stage.act(
                self.at,
                self._admin,
                consortia.add_member,
                consortium_id=consortium.id,
                institution_id=self.institutions[code],
            )
        for code in self._plan.consortium.overseers:
            await self._stage.act(
                self.at,
                self._admin,
                consortia.add_overseer,
                consortium_id=consortium.id,
                institution_id=self.institutions[code],
            )

    async def _add_person(self, person: PractitionerPlan, password_hash: str) -> None:
        places = [
            NewAffiliation(self.institutions[at.institution], frozenset(at.roles))
            for at in person.affiliations
        ]
        if person.login not in self.people:
            made = await self._stage.act(
                self.at,
                self._admin,
                practitioners.add_practitioner,
                login=person.login,
                profile=_profile(person),
                affiliation=places[0],
                password_hash=password_hash,
                must_change=False,
            )
            self.people[person.login] = made.id
        for place in places[1:]:
            await self._stage.act(
                self.at,
                self._admin,
                affiliations.add_affiliation,
                practitioner_id=self.people[person.login],
                new=place,
            )

    async def _add_panels(self) -> None:
        for panel in self._plan.panels:
            new = panels.NewPanel(
                consortium_id=self._consortium_id,
                institution_id=self.institutions[panel.institution],
                name=panel.name.zh,
                name_en=panel.name.en,
                leader_id=self.people[panel.leader],
                member_ids=frozenset(self.people[login] for login in panel.members),
                services=frozenset(panel.services),
            )
            made = await self._stage.act(self.at, self._admin, panels.add_panel, new=new)
            self.panels[panel.code] = made.id

    async def _add_agreements(self) -> None:
        for paper in self._plan.agreements:
            await self._stage.act(
                self.at,
                self._admin,
                agreements.add_agreement,
                consortium_id=self._consortium_id,
                inviting_id=self.institutions[paper.inviting],
                invited_id=self.institutions[paper.invited],
                terms=agreements.Terms(
                    services=frozenset(paper.services),
                    fee_rule=paper.fee_rule.zh,
                    liability=paper.liability.zh,
                    valid_from=paper.valid_from,
                    valid_until=paper.valid_until,
                ),
            )

    async def _actors(self) -> dict[tuple[str, str], Actor]:
        allied = {self._plan.consortium.lead, *self._plan.consortium.members}
        codes = {place_id: code for code, place_id in self.institutions.items()}
        found = {}
        for login, person_id in self.people.items():
            for place in await self._holding(person_id):
                code = codes[place.institution_id]
                mine = [
                    self.panels[panel.code]
                    for panel in self._plan.panels
                    if panel.institution == code and login in panel.members
                ]
                found[login, code] = make_actor(
                    place,
                    consortium_ids=[self._consortium_id] if code in allied else [],
                    panel_ids=mine,
                )
        return found

    async def _holding(self, person_id: str) -> list[Affiliation]:
        return await self._stage.act(self.at, SYSTEM, affiliations.list_holding, person_id)


def _is_administrator(person: PractitionerPlan) -> bool:
    return Role.ADMINISTRATOR in person.affiliations[0].roles


def _new(place: InstitutionPlan) -> NewInstitution:
    return NewInstitution(
        code=place.code,
        name=place.name.zh,
        name_en=place.name.en,
        tier=_TIERS[place.tier],
        phone=place.phone,
    )


def _profile(person: PractitionerPlan) -> Profile:
    treats = any(_TREATING & set(at.roles) for at in person.affiliations)
    return Profile(
        name=person.name.zh,
        name_en=person.name.en,
        title=person.title,
        specialty=person.specialty,
        licence_no=person.licence or "",
        licence_class="physician" if treats else "",
    )
