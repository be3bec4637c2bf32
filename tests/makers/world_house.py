"""A running house with a whole world in it."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from consult.cases.images import service as images
from consult.studies.uploads.model import NewUpload
from server.intake.spool import Spool
from server.rules.images import load_image_book
from tests.makers.certificates import make_authority
from tests.makers.consortium import CONFIG
from tests.makers.house import House, open_house
from tests.makers.rulebooks import copy_config
from tests.makers.visitor import Visitor
from tests.makers.world import CODES, World
from tests.makers.world_copies import copy_world
from tests.makers.world_people import Person, Side
from tests.makers.world_story import make_world

_SERVING = {
    *("config_dir", "loop_guard", "path_prefix", "trusted_proxy", "patience_s", "public_url"),
    *("mail_host", "mail_port", "mail_ca", "mail_user", "mail_password_file", "mail_from"),
    *("notice_origins", "web_spare"),
}
"""Settings that change how a world is served, and nothing in it."""


@dataclass(frozen=True)
class WorldHouse:
    """The server, and who and what is in it."""

    house: House
    world: World

    @property
    def base(self) -> str:
        """Its address in a browser."""
        return self.house.base

    def things(self, person: Person | None = None) -> dict[str, str]:
        """The ids that stand in paths, as they are for this person."""
        return self.world.things | {
            "institution_code": CODES[Side.HOME],
            "frame": "1",
            "tail": "7FE00010",
            "service_type": "screening_read",
            "position": "0",
            "today": self.world.now.now.date().isoformat(),
            "text": "已复诊",
            "export_reason": "archive",
            "tongue": "zh-Hans",
            "lead": self.world.things["institution"],
            "leader": self.world.things["practitioner"],
            "inviting": self.world.things["institution"],
            "invited": self.world.places[Side.LEAD],
            "session": str(None if person is None else person.actor.session_id),
        }

    def visitor(self, person: Person, *, language: str = "zh-Hans") -> Visitor:
        """A browser in which this person is signed in already."""
        visitor = Visitor(self.base, language=language)
        visitor.come_as(person.token, person.csrf)
        return visitor

    def new_upload(self) -> str:
        """An upload of the centre of which nothing has arrived yet."""
        upload = self.world.now.do(
            self.world.consortium.physician,
            images.open_upload,
            new=NewUpload("OS.jpg", 4),
            case_id=self.world.things["draft"],
            limits=load_image_book(CONFIG).limits,
        )
        Spool(self.house.data_dir / "spool").create(upload.id)
        return upload.id


@contextlib.contextmanager
def open_world(data_dir: Path, **settings: str) -> Iterator[WorldHouse]:
    """Fill a data folder, and serve it for the time of a block.

    Its people sign in once, and no test waits for those who have nothing to do for a while.
    """
    if "config_dir" not in settings:
        config = data_dir.with_name(f"{data_dir.name}-config")
        copy_config(config, "sign_in.toml", after_minutes="55")
        settings["config_dir"] = str(config)
    world = _world_in(data_dir, settings)
    try:
        with open_house(data_dir, **settings) as house:
            yield WorldHouse(house, world)
    finally:
        world.clinic.units.close()


def _world_in(data_dir: Path, settings: Mapping[str, str]) -> World:
    """A copy, unless a setting decides where things are kept or how they are sealed."""
    if set(settings) <= _SERVING:
        return copy_world(data_dir, **settings)
    world = make_world(data_dir, **settings)
    make_authority(data_dir / "keys" / "tls")
    return world
