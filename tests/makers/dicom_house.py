"""A running house with its DICOM door open, and strangers' tools that come to it."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from consult.studies.peers import service as peers
from consult.studies.peers.model import Charset, PeerForm
from imaging.dimse import classes
from imaging.dimse.house import Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.line import Patience
from imaging.dimse.sending import Outward, Requestor
from tests.makers.databases import free_port
from tests.makers.image_house import ImageHouse, open_image_house

OUR_TITLE = "LIANZHEN"
CAMERA, ARCHIVE, FOREIGN, LISTENER = "CAMERA", "ARCHIVE", "FOREIGN", "LISTENER"
READER = "READER"
_PATIENCE = Patience(artim_s=60, idle_s=120, unit_s=120)
_TOOL_S = 100.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool of a stranger ended with and wrote."""

    code: int
    text: str


@dataclass
class DicomHouse:
    """The house, the port, and where a peer of ours listens."""

    images: ImageHouse
    port: int
    listener_port: int

    @property
    def place(self) -> Place:
        """Where it listens."""
        return Place(OUR_TITLE, "127.0.0.1", self.port)

    def process_id(self) -> int:
        """The DICOM process."""
        started = re.findall(r'"child": "dicom", "pid": (\d+)', self.images.house.log())
        return int(started[-1])

    def memory_bytes(self) -> int:
        """What the DICOM process holds in memory."""
        text = Path(f"/proc/{self.process_id()}/statm").read_text("ascii")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def call(
        self, tool: str, *options: str, title: str = CAMERA, called: str = OUR_TITLE, file: str = ""
    ) -> Said:
        """Run a tool of dcmtk against the door."""
        port = str(self.port)
        names = ["-aet", title, "-aec", called]
        return await run_tool(
            tool, "-v", *names, *options, "127.0.0.1", port, *([file] if file else [])
        )

    async def connect(self, *kinds: tuple[str, str], title: str = CAMERA) -> Requestor:
        """Associate as a peer; each kind is a class and a transfer syntax."""
        return await Requestor.connect(
            self.place,
            calling=title,
            proposals=kinds or [(classes.VERIFICATION, classes.IMPLICIT_LE)],
            outward=Outward(_PATIENCE, 1 << 17),
        )

    async def store(self, path: Path, name: ObjectName, *, title: str = CAMERA) -> int:
        """Send one file as it is, and give the status."""
        there = await self.connect((name.sop_class_uid, name.transfer_syntax_uid), title=title)
        try:
            return await there.store(path, name, {})
        finally:
            await there.release()


@contextmanager
def open_dicom_house(data_dir: Path, **settings: str) -> Iterator[DicomHouse]:
    """A house whose camera, archive and listener are on the list, and a foreign archive."""
    port, listener = free_port(), free_port()
    with open_image_house(data_dir, dicom_port=str(port), **settings) as images:
        own = images.world.physician.institution
        foreign = images.world.stranger.institution
        for form in (
            PeerForm(own, CAMERA, network="127.0.0.0/8", may_query=True),
            PeerForm(own, ARCHIVE, network="127.0.0.1", may_query=True, charset=Charset.GB18030),
            PeerForm(own, LISTENER, network="127.0.0.0/8", host="127.0.0.1", port=listener),
            PeerForm(foreign, FOREIGN, network="127.0.0.0/8", may_query=True),
            PeerForm(images.world.expert.institution, READER, network="127.0.0.0/8"),
            PeerForm(own, "FARAWAY", network="10.9.8.0/24"),
        ):
            images.clinic.system(peers.add_peer, form=form)
        yield DicomHouse(images, port, listener)


def dcmtk(tool: str) -> str:
    """The path of a tool of dcmtk: other packages bring programs of the same names."""
    found = shutil.which(tool, path=os.defpath)
    assert found, f"dcmtk's {tool} is not installed"
    return found


async def run_tool(tool: str, *words: str) -> Said:
    """Run a tool of dcmtk to its end, without the machine's proxies."""
    quiet = {name: text for name, text in os.environ.items() if "proxy" not in name.lower()}
    process = await asyncio.create_subprocess_exec(
        dcmtk(tool),
        *words,
        env=quiet,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_TOOL_S):
        output, _ = await process.communicate()
    return Said(process.returncode or 0, output.decode("utf-8", "replace"))


@asynccontextmanager
async def listening(port: int, folder: Path, *flags: str) -> AsyncIterator[None]:
    """A storescp of dcmtk that keeps what it is sent."""
    await asyncio.to_thread(folder.mkdir)
    process = await asyncio.create_subprocess_exec(
        dcmtk("storescp"), *flags, "-od", str(folder), "-aet", LISTENER, str(port)
    )
    try:
        await _until_open(port)
        yield
    finally:
        process.kill()
        await process.wait()


async def _until_open(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def keys(*pairs: str) -> Sequence[str]:
    """Keys of a question as dcmtk takes them."""
    return [word for pair in pairs for word in ("-k", pair)]
