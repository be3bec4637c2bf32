"""A running house with a small consortium in it, and somebody who sends files by tus."""

import asyncio
import base64
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.blobs.folder import FolderStore
from consult.blobs.store import open_range
from consult.cases.model import Case
from consult.db.engine import parse_database_url
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.keys import load_vault
from consult.people.organisations import service as organisations
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.studies import service as studies
from server.auth.passwords import hash_password
from server.transactions import utc_now
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.house import House, open_house
from tests.makers.visitor import Visitor

PASSWORD = "crane-window-42-lamp"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
_CHUNK = 1 << 20
_PATIENCE_S = 60.0


@dataclass
class ImageHouse:
    """The server, and the way behind its door."""

    house: House
    world: Consortium
    _sequence: int = 2

    @property
    def clinic(self) -> Clinic:
        """Services on the server's own database, at the present time."""
        return self.world.clinic.at(utc_now())

    def patient(self, name: str = "张桂英") -> Patient:
        """A new patient of the centre."""
        self._sequence += 2
        return make_patient(self.world, name=name, document_number=citizen_number(self._sequence))

    def draft(self, patient: Patient | None = None) -> Case:
        """A new draft of the centre."""
        return make_draft(self.world, patient or self.patient())

    def spooled(self) -> list[str]:
        """What lies in the spool."""
        spool = self.house.data_dir / "spool"
        return sorted(path.name for path in spool.glob("[!.]*")) if spool.is_dir() else []

    def original(self, instance_id: str) -> Dataset:
        """The stored DICOM object of an instance."""
        clinic, store = self.clinic, FolderStore(self.house.data_dir / "blobs")
        instance = clinic.system(studies.get_instance, instance_id=instance_id)
        holder = clinic.system(
            organisations.get_institution, institution_id=instance.institution_id
        )
        pieces = open_range(
            store, clinic.vault, instance.original, institution_key=holder.wrapped_key
        )
        return dcmread(io.BytesIO(b"".join(pieces)))

    def blobs(self) -> int:
        """How many blobs are stored."""
        return len(list((self.house.data_dir / "blobs").glob("[!.]*/*/*")))


@contextmanager
def open_image_house(data_dir: Path, **settings: str) -> Iterator[ImageHouse]:
    """A server with people who can sign in."""
    with open_house(data_dir, **settings) as house:
        vault = load_vault(data_dir / "keys" / "master.key")
        units = make_units(
            parse_database_url(house.database_url),
            vault=vault,
            number=journal.number_entries,
            on_commit=lambda: None,
        )
        try:
            world = make_consortium(Clinic(units, vault, utc_now()))
            hashed = hash_password(PASSWORD)
            for actor in (world.physician, world.photographer, world.stranger, world.expert):
                world.clinic.system(
                    practitioners.set_password,
                    practitioner_id=actor.person,
                    password_hash=hashed,
                    must_change=False,
                )
            yield ImageHouse(house, world)
        finally:
            units.close()


async def until(is_so: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait for what the server does after its answer."""
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - another process makes it so
            await asyncio.sleep(0.05)


class Sender(Visitor):
    """A browser that uploads."""

    async def arrive(self, login: str = "chen") -> "Sender":
        """Sign in."""
        await self.sign_in(login, PASSWORD)
        return self

    @property
    def own(self) -> dict[str, str]:
        """What every request of the page carries."""
        return {"X-CSRF-Token": self.token, "Origin": self.base}

    async def create(self, case_id: str, size: int, name: bytes | str, **more: str) -> Any:
        """Begin an upload; the answer as it came."""
        raw = name.encode() if isinstance(name, str) else name
        told = {"filename": raw, "case_id": case_id.encode()}
        told |= {key: value.encode() for key, value in more.items()}
        metadata = ",".join(
            f"{key} {base64.b64encode(value).decode()}" for key, value in told.items()
        )
        headers = {**self.own, **TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
        async with self.raw.post(self.at("/api/uploads"), headers=headers) as answer:
            await answer.read()
            return answer

    async def head(self, url: str, *, override: bool = False) -> tuple[int, int]:
        """Status and offset; with an override by POST, as our pages ask."""
        headers = {**self.own, **TUS} | ({"X-HTTP-Method-Override": "HEAD"} if override else {})
        method = "POST" if override else "HEAD"
        async with self.raw.request(method, url, headers=headers) as answer:
            return answer.status, int(answer.headers.get("Upload-Offset", -1))

    async def patch(self, url: str, offset: int, data: bytes, *, override: bool = True) -> int:
        """Send a piece; the status."""
        headers = {**self.own, **PIECE, "Upload-Offset": str(offset)}
        if override:
            headers["X-HTTP-Method-Override"] = "PATCH"
        method = "POST" if override else "PATCH"
        async with self.raw.request(method, url, headers=headers, data=io.BytesIO(data)) as answer:
            await answer.read()
            return answer.status

    async def upload(self, case_id: str, data: bytes, name: str, **more: str) -> dict[str, Any]:
        """Send a whole file and wait for its result."""
        answer = await self.create(case_id, len(data), name, **more)
        assert answer.status == 201, await answer.text()
        url = answer.headers["Location"]
        for offset in range(0, len(data), _CHUNK):
            assert await self.patch(url, offset, data[offset : offset + _CHUNK]) == 204
        return await self.result(url)

    async def result(self, url: str) -> dict[str, Any]:
        """Wait until the server has judged a file."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                status, answer = await self.get(f"{url}/result")
                assert status == 200, answer
                if answer["status"] in {"done", "refused"}:
                    return dict(answer) | {"url": url}
                await asyncio.sleep(0.02)

    async def images(self, case_id: str) -> dict[str, Any]:
        """The images of a case as the page has them."""
        status, answer = await self.get(f"/api/cases/{case_id}/images")
        assert status == 200, answer
        return dict(answer)
