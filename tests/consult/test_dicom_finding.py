"""What a machine of the DICOM network is told of stored studies."""

import dataclasses

from consult.kernel.work import Actor
from consult.studies import conflicts, ingest
from consult.studies.finding import service as finding
from consult.studies.index.model import Indexed
from consult.studies.model import Ingested, Origin, Verdict
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival


def machine(world: Consortium) -> Actor:
    """A camera of the centre."""
    return Actor(None, world.centre_id, machine_id="1")


def receive(
    world: Consortium, data: bytes, *, uid: str = "1.2.3", modality: str = "OP", **told: str
) -> Ingested:
    """An object comes from the camera; what it tells is named by tag."""
    arrival = make_arrival(world, data=data, uid=uid, origin=Origin.DICOM, modality=modality)
    attributes = {tag.removeprefix("t"): {"Value": [value]} for tag, value in told.items()}
    received = dataclasses.replace(arrival.received, indexed=Indexed(attributes, b"packed"))
    return world.clinic.do(
        machine(world),
        ingest.receive,
        received=received,
        institution_id=world.centre_id,
        way="dimse",
        source="CAMERA",
    )


def test_what_was_doubted_is_not_said_to_be_safely_kept(world: Consortium) -> None:
    stored = receive(world, b"one").instance
    receive(world, b"three", uid="1.2.4")
    pairs = [(stored.description.sop_class_uid, uid) for uid in ("1.2.3", "1.2.4")]
    asked = {"asked": pairs}
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == set(pairs)
    assert receive(world, b"two").verdict is Verdict.CONFLICT
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == {pairs[1]}
    (waiting,) = world.clinic.do(world.physician, conflicts.list_received_conflicts)
    settled = {"conflict_id": waiting.id, "reason": "重复导出"}
    world.clinic.do(world.physician, conflicts.settle_received, **settled)
    assert world.clinic.do(machine(world), finding.list_stored, **asked) == {pairs[1]}
