"""Orthanc as another archive of the hospital: it sends to us and fetches from us, by both ways."""

import contextlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.people.machines import service as machines
from consult.people.machines.model import Right
from consult.people.organisations import service as organisations
from consult.studies.peers import service as peers
from consult.studies.peers.model import PeerForm
from server.auth.cookies import hash_token, make_token
from tests.makers.dicom_house import OUR_TITLE, DicomHouse, open_dicom_house
from tests.makers.dicomweb import written
from tests.makers.orthanc import TITLE, Orthanc, open_orthanc

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
US = "lianzhen"
SAMPLES = (
    "dicom/explicit-vr-le/CT_small.dcm",
    "dicom/jpeg-baseline/SC_rgb_jpeg_dcmtk.dcm",
)


@dataclass
class Neighbours:
    """Our house and an Orthanc that know each other."""

    house: DicomHouse
    orthanc: Orthanc

    def ask(self, path: str, content: object) -> Any:
        """Have Orthanc do something with its neighbour."""
        return self.orthanc.ask("POST", path, content)

    def hold(self, dataset: Dataset) -> str:
        """Put an object into Orthanc."""
        return self.orthanc.take(written(dataset))

    def held(self, dataset: Dataset) -> bytes:
        """The object as Orthanc holds it."""
        found = self.ask("/tools/lookup", str(dataset.SOPInstanceUID).encode())
        assert len(found) == 1, found
        return self.orthanc.fetch(f"/instances/{found[0]['ID']}/file")


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """Both on this machine, each on the other's list."""
    folder = tmp_path_factory.mktemp("neighbours")
    with contextlib.ExitStack() as stack:
        orthanc = stack.enter_context(open_orthanc(folder / "orthanc"))
        house = stack.enter_context(open_dicom_house(folder / "house"))
        _introduce(house, orthanc)
        yield Neighbours(house, orthanc)


def _introduce(house: DicomHouse, orthanc: Orthanc) -> None:
    clinic, own = house.images.clinic, house.images.world.physician.institution
    form = PeerForm(
        own,
        TITLE,
        network="127.0.0.0/8",
        host="127.0.0.1",
        port=orthanc.dicom_port,
        may_query=True,
    )
    clinic.system(peers.add_peer, form=form)
    token = make_token()
    clinic.do(
        house.images.world.physician,
        machines.add_machine,
        institution_id=own,
        name="影像归档",
        rights=tuple(Right),
        token_hash=hash_token(token),
        expires_at=None,
    )
    code = clinic.system(organisations.get_institution, institution_id=own).code
    orthanc.name_modality(US, title=OUR_TITLE, port=house.port)
    root = f"{house.images.house.base}/dicomweb/{code}/"
    orthanc.name_server(US, url=root, token=token)


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest, real_files: Path) -> Dataset:
    """A real object under identifiers of its own."""
    found = dcmread(real_files / request.param)
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        setattr(found, keyword, f"2.25.{secrets.randbits(100)}")
    found.file_meta.MediaStorageSOPInstanceUID = found.SOPInstanceUID
    found.PatientID = f"N{secrets.randbits(40)}"
    return found


def test_what_it_sends_by_dicom_it_fetches_again_by_dicomweb(
    neighbours: Neighbours, sample: Dataset
) -> None:
    kept = neighbours.hold(sample)
    sent = neighbours.ask(f"/modalities/{US}/store", {"Resources": [kept], "Synchronous": True})
    assert (sent["InstancesCount"], sent["FailedInstancesCount"]) == (1, 0)
    before = neighbours.held(sample)
    neighbours.orthanc.forget_all()
    query = {"Uri": "studies", "Arguments": {"StudyInstanceUID": sample.StudyInstanceUID}}
    found = neighbours.ask(f"/dicom-web/servers/{US}/qido", query)
    assert [each["0020000d"]["Value"] for each in found] == [sample.StudyInstanceUID]
    wanted = {"Resources": [{"Study": sample.StudyInstanceUID}], "Synchronous": True}
    neighbours.ask(f"/dicom-web/servers/{US}/retrieve", wanted)
    _require_same(neighbours.held(sample), before)


def test_what_it_stores_by_dicomweb_it_finds_and_fetches_by_dicom(
    neighbours: Neighbours, sample: Dataset
) -> None:
    kept = neighbours.hold(sample)
    told = {"Resources": [kept], "Synchronous": True}
    sent = neighbours.ask(f"/dicom-web/servers/{US}/stow", told)
    assert sent["InstancesCount"] == "1", sent
    before = neighbours.held(sample)
    neighbours.orthanc.forget_all()
    question = {"Level": "Study", "Query": {"StudyInstanceUID": sample.StudyInstanceUID}}
    found = neighbours.ask(f"/modalities/{US}/query", question)
    assert neighbours.orthanc.ask("GET", f"{found['Path']}/answers") == ["0"]
    neighbours.ask(f"{found['Path']}/retrieve", {"TargetAet": TITLE, "Synchronous": True})
    _require_same(neighbours.held(sample), before)


def _require_same(now: bytes, before: bytes) -> None:
    """The same data set; the file meta group is each archive's own."""
    first, second = dcmread(io.BytesIO(before)), dcmread(io.BytesIO(now))
    assert first.file_meta.TransferSyntaxUID == second.file_meta.TransferSyntaxUID
    assert first == second
