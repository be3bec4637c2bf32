"""A house for a benchmark: the world of the tests, and as many people and cases as are wanted."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.access.tables import GrantRow
from consult.cases.images.tables import CaseImageRow
from consult.cases.tables import CaseRow
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Actor, Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Tier
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.people.sessions import service as sessions
from consult.people.sessions.model import Client
from server.auth.cookies import hash_token, make_token
from tests.makers.databases import run_cluster
from tests.makers.house import House, start_house
from tests.makers.people import sign_in_rules
from tests.makers.twins import copy_row
from tests.makers.world import World
from tests.makers.world_people import Person, Side, known_hash
from tests.makers.world_story import make_world

_AT_ONCE = 100
_BROWSER = Client("Chrome 109 · Windows", "10.0.0.7")


@dataclass(frozen=True)
class Town:
    """A running house, and who lives there."""

    house: House
    world: World

    def do(self, step: object, **told: object) -> object:
        """One unit of the town's own, with no person behind it."""
        return self.world.now.system(step, **told)  # type: ignore[arg-type] # any step

    def add_people(self, place_ids: list[str], *, count: int, role: Role) -> list[Person]:
        """So many people with this role at these places by turns, signed in already."""
        found: list[Person] = []
        for start in range(0, count, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, count))
            found += self.world.now.system(
                _add_some, places=[place_ids[n % len(place_ids)] for n in numbers], role=role
            )
        return found

    def add_places(self, count: int) -> list[str]:
        """So many community hospitals."""
        return self.world.now.system(_add_places, count=count)

    def copy_case(self, case_id: str, *, count: int, to: list[str] | None = None) -> list[str]:
        """Cases like this one, with its images and grants, held by the same or by these places."""
        found: list[str] = []
        for start in range(0, count, _AT_ONCE):
            size = min(_AT_ONCE, count - start)
            holders = None if to is None else [to[(start + n) % len(to)] for n in range(size)]
            found += self.world.now.system(_copy_some, case_id=case_id, count=size, holders=holders)
        return found


@contextlib.contextmanager
def open_town(*, is_postgres: bool = False) -> Iterator[Town]:
    """A house of its own on this machine, on SQLite or on PostgreSQL that waits for its disk."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        chosen = {}
        if is_postgres:
            cluster = stack.enter_context(run_cluster(waits_for_disk=True))
            chosen["database_url"] = cluster.make_database("template0")
        world = make_world(folder, **chosen)
        if is_postgres:
            world.clinic.units.close()  # the seat is the house's own
        house = start_house(folder, loop_guard="0", **chosen)
        if is_postgres:
            from server.settings import Settings  # noqa: PLC0415 - only here
            from tests.makers.world import open_installation  # noqa: PLC0415 - only here

            settings = Settings.model_validate({"data_dir": folder, **chosen})
            world.clinic = open_installation(settings)
        try:
            yield Town(house, world)
        finally:
            house.stop()
            world.clinic.units.close()


def _add_places(work: Work, *, count: int) -> list[str]:
    made = []
    for number in range(count):
        new = organisations.NewInstitution(
            code=f"town{number:04d}", name=f"第{number}卫生院", tier=Tier.COMMUNITY, phone=""
        )
        made.append(organisations.add_institution(work, new=new).id)
    return made


def _add_some(work: Work, *, places: list[str], role: Role) -> list[Person]:
    today, made = work.now.date(), []
    for place_id in places:
        login = f"town-{new_id()[-16:]}"
        profile = Profile(
            name="镇上医师",
            title="attending_physician",
            licence_no=login[-14:],
            licence_class="physician",
            licence_valid_until=today + timedelta(days=400),
        )
        added = practitioners.add_practitioner(
            work,
            login=login,
            profile=profile,
            affiliation=NewAffiliation(
                place_id, frozenset({role}), from_on=today - timedelta(days=9)
            ),
            password_hash=known_hash(),
            must_change=False,
        )
        made.append(_let_in(work, added.id, login, role))
    return made


def _let_in(work: Work, person_id: str, login: str, role: Role) -> Person:
    actor, token = Actor(PractitionerId(person_id), institution_id=None), make_token()
    own = Work(work.session, actor, work.now, work.journal)
    opened = sessions.open_for(
        own,
        affiliation_id=None,
        token_hash=hash_token(token),
        client=_BROWSER,
        rules=sign_in_rules().sessions,
    )
    return Person(Side.HOME, role, login, person_id, opened.affiliation_id, actor, token)


def _copy_some(work: Work, *, case_id: str, count: int, holders: list[str] | None) -> list[str]:
    case = work.session.get_one(CaseRow, case_id)
    images = work.session.scalars(select(CaseImageRow).where(CaseImageRow.case_id == case_id)).all()
    grants = work.session.scalars(
        select(GrantRow).where(
            GrantRow.object_type == ObjectType.CASE, GrantRow.object_id == case_id
        )
    ).all()
    made = []
    for number in range(count):
        twin = new_id()
        holder = case.institution_id if holders is None else holders[number]
        work.session.add(copy_row(case, id=twin, number=twin[-20:], institution_id=holder))
        work.session.flush()
        rows = [(image, {"case_id": twin}) for image in images]
        rows += [(grant, {"object_id": twin}) for grant in grants]
        work.session.add_all(copy_row(row, id=new_id(), **changes) for row, changes in rows)
        ref = Ref(ObjectType.CASE, twin)
        access.keep(work, ref, custodian=(Party.INSTITUTION, holder))
        made.append(twin)
    return made
