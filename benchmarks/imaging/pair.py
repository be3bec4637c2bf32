"""Orthanc and a house of ours, each on a folder of its own, open to the same clients."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from consult.studies.peers import service as peers
from consult.studies.peers.model import PeerForm
from server.auth.cookies import hash_token, make_token
from tests.makers.databases import free_port
from tests.makers.house import start_house
from tests.makers.orthanc import TITLE, open_orthanc
from tests.makers.world import CODES, World
from tests.makers.world_people import Side
from tests.makers.world_story import make_world

SENDER: Final = "BENCH"
OURS: Final = "ours"
THEIRS: Final = "Orthanc"


@dataclass(frozen=True)
class Server:
    """One of the two, as a client needs it."""

    name: str
    process_id: int
    host_port: int
    root: str
    token: str | None
    dicom_port: int
    title: str

    @property
    def headers(self) -> dict[str, str]:
        """What each request carries."""
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class Pair:
    """Both, and the world that ours holds."""

    ours: Server
    theirs: Server
    world: World
    folder: Path

    @property
    def by_turns(self) -> tuple[Server, Server]:
        """In the order in which they are asked."""
        return self.ours, self.theirs


@contextlib.contextmanager
def open_pair() -> Iterator[Pair]:
    """Both for the time of a block, with their ports on loopback alone."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beside-")))
        orthanc = stack.enter_context(open_orthanc(folder / "orthanc"))
        world = make_world(folder / "data")
        stack.callback(world.clinic.units.close)
        dicom_port = free_port()
        house = start_house(folder / "data", loop_guard="0", dicom_port=str(dicom_port))
        stack.callback(house.stop)
        _let_in_sender(world)
        ours = Server(
            OURS,
            house.process.pid,
            house.port,
            f"/dicomweb/{CODES[Side.HOME]}",
            let_in_machine(world),
            dicom_port,
            "LIANZHEN",
        )
        theirs = Server(
            THEIRS,
            orthanc.process_id,
            orthanc.http_port,
            "/dicom-web",
            None,
            orthanc.dicom_port,
            TITLE,
        )
        yield Pair(ours, theirs, world, folder)


def let_in_machine(world: World) -> str:
    """The token of a machine of the centre that may store, search and read."""
    token = make_token()
    world.now.do(
        world.person(Side.HOME, Role.ADMINISTRATOR).actor,
        machines.add_machine,
        institution_id=world.places[Side.HOME],
        name="影像归档",
        rights=tuple(Right),
        token_hash=hash_token(token),
        expires_at=None,
    )
    return token


def _let_in_sender(world: World) -> None:
    form = PeerForm(world.places[Side.HOME], SENDER, network="127.0.0.0/8", may_query=True)
    world.now.system(peers.add_peer, form=form)
