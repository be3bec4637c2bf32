"""A house in which the pages about images have something to show, for whoever looks at pages."""

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from PIL import Image
from pydicom import dcmread

from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Heartbeat, Right
from consult.people.organisations import agreements
from consult.storage import service as storage
from consult.storage.model import Checked, FaultKind
from consult.studies.index.names import folded
from consult.studies.peers import service as peers
from consult.studies.peers.model import PeerForm
from consult.studies.quotas import service as quotas
from consult.studies.waiting import service as waiting
from server.settings import Settings
from server.stores import make_store
from tests.makers.cases import citizen_number, give_consent, make_patient, submit
from tests.makers.classes import make_object
from tests.makers.consortium import Consortium, agreed_terms
from tests.makers.degraded import blurred
from tests.makers.dicomweb import Machine, make_sample, open_machine, written
from tests.makers.exams import SCREENING, ask, repeat, use
from tests.makers.image_house import Sender
from tests.makers.pictures import own_copy
from tests.makers.tiny_images import Darkroom
from tests.makers.tour import Sight
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side, add_person, let_in

_GIGABYTE = 1_000_000_000


@dataclass
class Furnisher:
    """Goes through a house and its neighbour's, and leaves something on every page."""

    house: WorldHouse
    real_files: Path
    sights: list[Sight] = field(default_factory=list)

    @property
    def physician(self) -> Person:
        """Who prepares cases."""
        return self.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)

    async def furnish(self) -> Sequence[Sight]:
        """All of it; the pages that are worth a look of their own."""
        self.add_machines()
        self.add_devices()
        self.note_storage()
        self.send_studies()
        async with Sender(self.house.base) as sender:
            sender.come_as(self.physician.token, self.physician.csrf)
            await self.ask_for_documents(sender)
            await self.ask_for_retake(sender)
        self.ask_for_exams()
        return self.sights

    def add_machines(self) -> None:
        """A camera's computer that has fallen silent, and an archive that was shut out."""
        world = self.house.world
        now = world.now.now
        told = Heartbeat(
            told_at=now - timedelta(days=2),
            version="0.1.0",
            waiting=14,
            waiting_bytes=41_000_000,
            oldest_at=now - timedelta(days=3),
            refused=3,
            error="folder-missing",
        )
        world.now.system(machines.hear, machine_id=world.things["machine"], told=told)
        manager = world.person(Side.HOME, Role.ADMINISTRATOR).actor
        open_machine(self.house, Right.SEARCH_IMAGES)
        for machine in world.now.do(manager, machines.list_machines):
            if machine.rights == {Right.SEARCH_IMAGES}:
                world.now.do(manager, machines.revoke_machine, machine_id=machine.id)

    def add_devices(self) -> None:
        """One that is reached by TLS, and one that nothing lets in."""
        world = self.house.world
        home = world.places[Side.HOME]
        manager = world.person(Side.HOME, Role.ADMINISTRATOR).actor
        for form in (
            PeerForm(
                home,
                "TOPCON_NW400",
                network="10.1.2.0/24",
                host="camera-2.eye.example",
                port=11112,
                may_query=True,
                over_tls=True,
                certificate="camera-2.eye.example",
            ),
            PeerForm(home, "OCT_OLD", certificate="oct.eye.example"),
        ):
            world.now.do(manager, peers.add_peer, form=form)

    def note_storage(self) -> None:
        """A bound, and two objects that the scrub found broken."""
        world = self.house.world
        manager = world.person(Side.HOME, Role.ADMINISTRATOR).actor
        world.now.do(
            manager,
            quotas.set_bounds,
            institution_id=world.places[Side.HOME],
            most_bytes=500 * _GIGABYTE,
            most_instances=200_000,
        )
        found = world.now.system(storage.list_next, position="", limit=2)
        kinds = (FaultKind.DAMAGED, FaultKind.MISSING)
        checked = [Checked(named, kind) for named, kind in zip(found, kinds, strict=True)]
        world.now.system(storage.note_checked, checked=checked, read_bytes=0)

    def send_studies(self) -> None:
        """What devices sent: one study waits, one collides with itself, one was put aside."""
        archive = open_machine(self.house, Right.STORE_IMAGES)
        for name, count in (("Wang^GuiYing=王^桂英", 3), ("Zhou^SuQin=周^素琴", 1)):
            self._send(archive, name, count)
        world = self.house.world
        by = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN).actor
        last = next(
            each
            for each in world.now.do(by, waiting.list_waiting)[0]
            if folded("Zhou") in folded(each.named_name)
        )
        world.now.do(by, waiting.put_aside, study_id=last.id, reason="调试设备时误发")

    def _send(self, archive: Machine, name: str, count: int) -> None:
        sample = make_sample(self.real_files)
        sample.PatientName = name
        for _ in range(count):
            sample.SOPInstanceUID = f"2.25.{secrets.randbits(100)}"
            sample.file_meta.MediaStorageSOPInstanceUID = sample.SOPInstanceUID
            assert archive.store(written(sample)).status_code == 200
        other = dcmread(io.BytesIO(written(sample)))
        other.StudyDescription = "sent again"
        archive.store(written(other))

    async def ask_for_documents(self, sender: Sender) -> None:
        """A draft with a report as text and one as a file: both are read, none is opened."""
        case = self._draft(610, "傅雅琴")
        study = f"2.25.{secrets.randbits(90)}"
        for tail, name in (("88.33", "SR.dcm"), ("104.1", "OCT.dcm"), ("77.1.5.4", "cube.dcm")):
            await sender.upload(case.id, make_object(tail, study=study), name)
        for image in (await sender.images(case.id))["images"]:
            if image["document_url"]:
                name = f"document-{image['file_name'].removesuffix('.dcm').lower()}"
                self.sights.append(Sight(name, image["document_url"], self.physician))
        self.sights.append(Sight("case-documents", f"/cases/{case.id}#images", self.physician))

    async def ask_for_retake(self, sender: Sender) -> None:
        """A draft with a good photograph and one that had better be taken again."""
        case = self._draft(612, "叶素芬")
        path = self.real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg"
        coded = io.BytesIO()
        with Image.open(path) as good:
            blurred(0.02)(good.convert("RGB")).save(coded, "JPEG", quality=92)
        await sender.upload(case.id, own_copy(path.read_bytes()), "OD_macula.jpg")
        await sender.upload(case.id, own_copy(coded.getvalue()), "OS_macula.jpg")
        self.sights.append(Sight("case-quality", f"/cases/{case.id}#images", self.physician))

    def ask_for_exams(self) -> None:
        """Patients whom the neighbour photographed: one is taken again for a reason, one is not."""
        near = self.house.world.consortium
        far = self._neighbour(near)
        store = make_store(Settings(data_dir=self.house.house.data_dir))
        cases = []
        for sequence in (614, 616):
            number = citizen_number(sequence)
            there, here = (
                make_patient(each, name="柳翠娥", document_number=number) for each in (far, near)
            )
            taken = ask(far, there)
            Darkroom(far, store).add(taken, there)
            submit(far, taken)
            cases.append(ask(near, here))
        offered, used = cases
        repeat(near, offered, note="三个月内视力下降")
        use(near, used)
        self.sights += [
            Sight("case-exams", f"/cases/{offered.id}#case-exams", self.physician),
            Sight("case-exams-used", f"/cases/{used.id}#case-exams", self.physician),
        ]

    def _neighbour(self, near: Consortium) -> Consortium:
        """The other centre of the consortium with a physician of its own, ten days ago."""
        there = self.house.world.things["institution"]
        login, role = "furnished.physician", Role.REQUESTING_PHYSICIAN
        person = add_person(near.clinic, there, side=Side.HOME, role=role, login=login)
        actor = let_in(near.clinic, person).actor
        agreement = near.clinic.system(
            agreements.add_agreement,
            consortium_id=near.id,
            inviting_id=there,
            invited_id=near.lead_id,
            terms=agreed_terms(near.clinic, frozenset({SCREENING})),
        )
        return replace(
            near,
            clinic=near.clinic.at(near.clinic.now - timedelta(days=10)),
            centre_id=there,
            agreement_id=agreement.id,
            physician=actor,
            photographer=actor,
        )

    def _draft(self, sequence: int, name: str) -> Case:
        near = self.house.world.consortium
        number = citizen_number(sequence, birth="19550606")
        patient = make_patient(near, name=name, document_number=number)
        give_consent(near, patient)
        return ask(near, patient, agreed=False)
