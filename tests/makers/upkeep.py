"""A clinic whose images truly lie in a store, and what looks after that store."""

import dataclasses
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from consult.blobs.store import BlobRef, BlobStore, save_blob
from consult.kernel.errors import Fact
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Work
from consult.people.machines.tables import MachineRow
from consult.people.organisations import service as organisations
from consult.storage.model import StorageRules, parse_storage_rules
from consult.studies import ingest
from consult.studies.deliveries import store as deliveries
from consult.studies.deliveries.model import Delivery
from consult.studies.model import Instance, Origin, Part
from server.intake.spool import Spool
from server.upkeep.scrub import Scrub
from server.upkeep.sweep import Sweep
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival
from tests.makers.rulebooks import read_config

AT_ONCE = dataclasses.replace(
    parse_storage_rules(read_config("storage.toml")),
    scrub_first_after=timedelta(0),
    sweep_first_after=timedelta(0),
    scrub_every=timedelta(0),
    sweep_every=timedelta(0),
    cooling_every=timedelta(0),
    cold_after=timedelta(days=-1),
    grace=timedelta(days=-1),
    scrub_bytes_per_s=1 << 40,
)
"""A house that begins each pass as soon as it can, and gives nothing any grace."""


@dataclass
class Cellar:
    """The store of a clinic."""

    world: Consortium
    store: BlobStore
    spool: Spool
    rules: StorageRules = AT_ONCE
    _number: int = 0

    def save(
        self, data: bytes, *, announce: Callable[[str], None] | None = None, at: str = ""
    ) -> BlobRef:
        """Bytes in the store that no row names yet."""
        clinic = self.world.clinic
        institution_id = at or self.world.centre_id
        holder = clinic.system(organisations.get_institution, institution_id=self.world.centre_id)
        key = holder.wrapped_key
        if at:
            key = clinic.vault.make_institution_key(at)
        return save_blob(
            self.store,
            clinic.vault,
            institution_id=institution_id,
            institution_key=key,
            source=io.BytesIO(data),
            announce=announce,
        )

    def keep(self, data: bytes, *, announce: Callable[[str], None] | None = None) -> Instance:
        """An object that came from a device, its bytes first and its row after."""
        self._number += 1
        blob = self.save(data, announce=announce)
        arrival = make_arrival(
            self.world, data=data, uid=f"2.25.4{self._number}", origin=Origin.DICOM
        )
        received = dataclasses.replace(arrival.received, blobs={Part.ORIGINAL: blob})
        return self.world.clinic.system(
            ingest.receive,
            received=received,
            institution_id=self.world.centre_id,
            way="dimse",
            source="",
        ).instance

    def collide(self, with_: Instance, data: bytes) -> BlobRef:
        """Other bytes under the number of a stored object: kept until a person settles it."""
        blob = self.save(data)
        arrival = make_arrival(
            self.world, data=data, uid=with_.uids.sop_instance_uid, origin=Origin.DICOM
        )
        received = dataclasses.replace(arrival.received, blobs={Part.ORIGINAL: blob})
        told = self.world.clinic.system(
            ingest.receive,
            received=received,
            institution_id=self.world.centre_id,
            way="dimse",
            source="",
        )
        assert told.conflict_id is not None
        return blob

    def shelve(self, data: bytes) -> tuple[str, BlobRef]:
        """A picture of a camera that waits for a person: its upload, and where it lies."""
        blob, upload_id = self.save(data), new_id()

        def write(work: Work) -> None:
            machine = MachineRow(
                id=new_id(),
                institution_id=self.world.centre_id,
                name="相机",
                rights=[],
                token_hash=new_id(),
                added_at=work.now,
                added_by=self.world.physician.person,
            )
            work.session.add(machine)
            work.session.flush()
            place = InstitutionId(self.world.centre_id)
            delivery = Delivery(upload_id, place, machine.id, new_id(), work.now, None)
            deliveries.save_new(work.session, delivery)
            deliveries.save_blobs(work.session, upload_id, {Part.ORIGINAL: blob})

        self.world.clinic.system(write)
        return upload_id, blob

    def scrub(self) -> Scrub:
        """Whoever reads everything back."""
        clinic = self.world.clinic
        return Scrub(clinic.units, self.store, clinic.vault, self.rules)

    async def read_all_back(self) -> None:
        """A whole pass, begun or gone on with."""
        scrub, last = self.scrub(), len(self.told("storage.passed"))
        while len(self.told("storage.passed")) == last:
            assert await scrub.go_on()

    async def sweep(self, **changes: Any) -> Sweep:
        """Hold the store against the rows."""
        rules = dataclasses.replace(self.rules, **changes)
        sweep = Sweep(self.world.clinic.units, self.store, rules, self.spool.all_noted_keys)
        assert await sweep.run()
        return sweep

    def told(self, kind: str) -> list[dict[str, Fact]]:
        """What the journal has of this kind, with the object it is about."""
        return [
            {"object": line.object_id, **line.codes}
            for line in self.world.clinic.lines()
            if line.kind == kind
        ]

    def keys(self) -> set[str]:
        """What lies in the store."""
        return set(self.store.list_keys())


def make_cellar(world: Consortium, store: BlobStore, folder: Path) -> Cellar:
    """A clinic with its store, and a spool for its ledgers."""
    return Cellar(world, store, Spool(folder / "spool"))
