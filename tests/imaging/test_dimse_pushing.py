"""Objects that go out by themselves: why nobody was reached is told, and a try stores nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from pynetdicom import AE, evt

from imaging.dimse.associate import Associate
from imaging.dimse.classes import EXPLICIT_LE, PLAIN
from imaging.dimse.errors import RefusedAssociationError, Rejection
from imaging.dimse.house import Guest, Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.pushing import Parcel, Pushed, listen, push
from imaging.dimse.sending import Outward
from tests.makers.databases import free_port
from tests.makers.open_door import PATIENCE, Door, OpenHouse, open_plain_door

OUTWARD = Outward(PATIENCE, 1 << 17)
PDF, SR = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.88.33"
KINDS = [(uid, syntax) for uid in (PDF, SR) for syntax in PLAIN]


class Choosy(OpenHouse):
    """Lets nobody in, for one reason."""

    def __init__(self, folder: Path, rejection: Rejection) -> None:
        super().__init__(folder)
        self._rejection = rejection

    async def admit(self, asked: Associate, address: str, names: frozenset[str]) -> Guest:
        """Nobody."""
        del asked, address, names
        raise RefusedAssociationError(self._rejection)


def there(door: Door) -> Place:
    """Where a door listens."""
    return Place("LIANZHEN", "127.0.0.1", door.port)


def parcel(folder: Path, uid: str, kind: str) -> Parcel:
    """A file whose data set is one element."""
    path = folder / uid
    meta = b"\x02\x00\x00\x00UL\x04\x00\x00\x00\x00\x00"
    path.write_bytes(bytes(128) + b"DICM" + meta + b"\x08\x00\x18\x00UI\x04\x001.2\x00")
    return Parcel(path, ObjectName(kind, uid, EXPLICIT_LE))


@pytest.mark.parametrize(
    ("rejection", "failure"),
    [
        (Rejection.CALLED_UNKNOWN, "refuses-called"),
        (Rejection.CALLING_UNKNOWN, "refuses-calling"),
        (Rejection.CONGESTED, "peer-refuses"),
    ],
)
async def test_a_rejected_association_says_whose_title_is_wrong(
    tmp_path: Path, rejection: Rejection, failure: str
) -> None:
    async with open_plain_door(Choosy(tmp_path, rejection)) as door:
        parcels = [parcel(tmp_path, "1.2", PDF)]
        pushed = await push(there(door), parcels, calling="US", outward=OUTWARD)
        assert pushed == Pushed({}, failure=failure, was_associated=False)
        heard = await listen(there(door), KINDS, calling="US", outward=OUTWARD)
        assert heard.failure == failure


async def test_nobody_there_and_nobody_known_are_told_apart(tmp_path: Path) -> None:
    parcels = [parcel(tmp_path, "1.2", PDF)]
    nobody = Place("PACS", "127.0.0.1", free_port())
    away = await push(nobody, parcels, calling="US", outward=OUTWARD)
    assert (away.failure, away.was_associated) == ("peer-absent", False)
    nameless = await push(replace(nobody, host="a..b"), parcels, calling="US", outward=OUTWARD)
    assert (nameless.failure, nameless.was_associated) == ("peer-absent", False)
    async with open_plain_door(OpenHouse(tmp_path)) as door:
        for place in (
            replace(there(door), over_tls=True),
            replace(there(door), certificate="pacs"),
        ):
            unknown = await push(place, parcels, calling="US", outward=OUTWARD)
            assert (unknown.failure, unknown.was_associated) == ("peer-untrusted", False)


async def test_an_archive_that_takes_one_class_gets_it_and_the_other_is_named(
    tmp_path: Path,
) -> None:
    taken: list[str] = []

    def take(event: evt.Event) -> int:
        taken.append(str(event.request.AffectedSOPInstanceUID))
        return 0xB007

    archive, port = AE(ae_title="PACS"), free_port()
    archive.add_supported_context(PDF, EXPLICIT_LE)
    server = archive.start_server(
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, take)]
    )
    try:
        place = Place("PACS", "127.0.0.1", port)
        heard = await listen(place, KINDS, calling="US", outward=OUTWARD)
        assert (heard.status, heard.taken, heard.failure) == (None, (PDF,), "")
        assert taken == []
        parcels = [parcel(tmp_path, "1.2", PDF), parcel(tmp_path, "1.3", SR)]
        pushed = await push(place, parcels, calling="US", outward=OUTWARD)
        assert pushed == Pushed({"1.2": 0xB007, "1.3": None})
        assert taken == ["1.2"]
    finally:
        server.shutdown()


async def test_our_own_door_answers_an_echo_and_takes_every_class(tmp_path: Path) -> None:
    async with open_plain_door(OpenHouse(tmp_path)) as door:
        heard = await listen(there(door), KINDS, calling="US", outward=OUTWARD)
        assert (heard.status, heard.taken) == (0, (PDF, SR))
