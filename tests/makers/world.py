"""A world for tests of the whole house: two consortia, every role, every object, all by services.

HOME invites and holds patients, cases, studies and referrals; LEAD is invited, holds reports and
the clinic, and was granted the rest; AWAY belongs to another consortium and was granted nothing.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from consult.cases.model import ServiceType
from consult.db.engine import parse_database_url
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.keys import load_vault
from consult.kernel.work import Role
from consult.people.organisations import agreements, consortia, panels
from server.settings import Settings
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium
from tests.makers.world_people import (
    NAMES,
    Person,
    Side,
    add_person,
    add_place,
    bare_person,
    found_installation,
    let_in,
)

CODES = {Side.HOME: "yxws", Side.LEAD: "jzyy", Side.AWAY: "hzey"}


@dataclass(frozen=True)
class Canary:
    """What must never stand where it does not belong."""

    name: str
    number: str
    phone: str
    address: str


CANARIES = (
    Canary("欧阳琉璃", citizen_number(172, birth="19470609"), "13757919461", "云溪镇琉璃巷9462号"),
    Canary("司徒琥珀", citizen_number(174, birth="19510217"), "13757929472", "云溪镇琥珀巷9473号"),
    Canary("诸葛玛瑙", citizen_number(176, birth="19530428"), "13757939483", "云溪镇玛瑙巷9484号"),
    Canary("慕容翡翠", citizen_number(178, birth="19550811"), "13757949494", "云溪镇翡翠巷9495号"),
    Canary("上官珊瑚", citizen_number(180, birth="19570923"), "13757959405", "云溪镇珊瑚巷9406号"),
    Canary("公孙玳瑁", citizen_number(182, birth="19590114"), "13757969416", "云溪镇玳瑁巷9417号"),
    Canary("宇文砗磲", citizen_number(184, birth="19610325"), "13757979427", "云溪镇砗磲巷9428号"),
)
MISNAMED = "公孙岱茂"
"""How the patient whose report was amended was called before."""


@dataclass
class World:
    """Who and what is in the house; `things` holds the id of each kind of object.

    `doubles` are people whose sessions a test may end, `spare` are people whom nobody would miss.
    """

    clinic: Clinic
    places: dict[Side, str]
    people: dict[tuple[Side, Role], Person] = field(default_factory=dict)
    doubles: dict[tuple[Side, Role], Person] = field(default_factory=dict)
    spare: dict[Side, Person] = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> Clinic:
        """Services on the house's own database at the present time."""
        return self.clinic.at(utc_now())

    def person(self, side: Side, role: Role) -> Person:
        """Somebody in this role at this place."""
        return self.people[side, role]

    @property
    def consortium(self) -> Consortium:
        """The inviting and the invited side, as the other makers know them."""
        physician = self.person(Side.HOME, Role.REQUESTING_PHYSICIAN).actor
        expert = self.person(Side.LEAD, Role.EXPERT).actor
        return Consortium(
            clinic=self.now,
            id=self.things["consortium"],
            panel_id=self.things["panel"],
            agreement_id=self.things["agreement"],
            lead_id=self.places[Side.LEAD],
            centre_id=self.places[Side.HOME],
            other_id=self.places[Side.AWAY],
            physician=physician,
            colleague=physician,
            photographer=self.person(Side.HOME, Role.PHOTOGRAPHER).actor,
            stranger=self.person(Side.AWAY, Role.REQUESTING_PHYSICIAN).actor,
            leader=expert,
            expert=expert,
        )


def found_world(settings: Settings) -> World:
    """Institutions, people, consortia, a panel and an agreement; everybody is signed in."""
    world = World(open_installation(settings), {})
    _add_people(world)
    _found_consortia(world)
    for key, person in world.people.items():
        world.people[key] = let_in(world.clinic, person)
    return world


def open_installation(settings: Settings) -> Clinic:
    """Services on the database of an installation, with its own keys."""
    vault = load_vault(settings.key_file)
    units = make_units(
        parse_database_url(settings.database_url),
        vault=vault,
        number=journal.number_entries,
        on_commit=lambda: None,
    )
    return Clinic(units, vault, utc_now())


def _add_people(world: World) -> None:
    """One in every role at each place, and a manager whom nobody would miss."""
    founder = "home.administrator"
    founder_id, world.places[Side.HOME] = found_installation(
        world.clinic, founder, CODES[Side.HOME]
    )
    for side in (Side.LEAD, Side.AWAY):
        world.places[side] = add_place(world.clinic, side, CODES[side], NAMES[side])
    for side in Side:
        for role in Role:
            login = f"{side}.{role}"
            world.people[side, role] = (
                bare_person(founder_id, side=side, role=role, login=login)
                if login == founder
                else add_person(world.clinic, world.places[side], side=side, role=role, login=login)
            )
        for role in Role:
            world.doubles[side, role] = add_person(
                world.clinic, world.places[side], side=side, role=role, login=f"{side}.{role}.2"
            )
        world.spare[side] = add_person(
            world.clinic, world.places[side], side=side, role=Role.MANAGER, login=f"{side}.spare"
        )
    world.things |= {
        "institution": add_place(world.clinic, Side.HOME, "sparehome", "备用卫生院"),
        "practitioner": world.spare[Side.HOME].id,
        "affiliation": let_in(world.clinic, world.spare[Side.HOME]).affiliation_id,
    }


def _found_consortia(world: World) -> None:
    do, places = world.clinic.system, world.places
    east = do(
        consortia.add_consortium, name="江州眼科医联体", name_en="", lead_id=places[Side.LEAD]
    )
    for place_id in (places[Side.HOME], world.things["institution"]):
        do(consortia.add_member, consortium_id=east.id, institution_id=place_id)
    do(consortia.add_consortium, name="海州眼科医联体", name_en="", lead_id=places[Side.AWAY])
    leader_id = world.person(Side.LEAD, Role.EXPERT).id
    services = frozenset(ServiceType)
    new = panels.NewPanel(
        consortium_id=east.id,
        institution_id=places[Side.LEAD],
        name="眼底病专家组",
        name_en="Retina panel",
        leader_id=leader_id,
        member_ids=frozenset(),
        services=services,
    )
    today = world.clinic.now.date()
    year = timedelta(days=365)
    terms = agreements.Terms(services, "免费", "按协议", today - year, today + year)
    agreement = do(
        agreements.add_agreement,
        consortium_id=east.id,
        inviting_id=places[Side.HOME],
        invited_id=places[Side.LEAD],
        terms=terms,
    )
    panel = do(panels.add_panel, new=new)
    world.things |= {"consortium": east.id, "panel": panel.id, "agreement": agreement.id}
