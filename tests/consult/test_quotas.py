"""What an institution keeps is counted with each change, and bounded where images come in."""

import dataclasses
import random

import pytest
from sqlalchemy import func, select

from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.studies import conflicts, corrections, ingest
from consult.studies import service as studies
from consult.studies.corrections import Derived
from consult.studies.errors import InstanceRacedError
from consult.studies.model import NOBODY_YET, Ingested, Origin, Part, Received, Uids
from consult.studies.quotas import service as quotas
from consult.studies.quotas.errors import QuotaFullError
from consult.studies.quotas.model import Usage
from consult.studies.service import Relabelled
from consult.studies.tables import ConflictRow, InstanceBlobRow, InstanceRow
from consult.studies.uploads.model import FileVerdict
from tests.makers.cases import make_draft, make_patient
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival, make_blob, take_in

_ACTS = 40


def _object(world: Consortium, data: bytes, uid: str) -> Received:
    return make_arrival(world, data=data, uid=uid, origin=Origin.DICOM).received


def receive(world: Consortium, data: bytes, uid: str) -> Ingested:
    """An object comes from a device."""
    return world.clinic.do(
        world.photographer,
        ingest.receive,
        received=_object(world, data, uid),
        institution_id=world.centre_id,
        way="dimse",
        source="",
    )


def usage(world: Consortium) -> Usage:
    """What is counted."""
    return world.clinic.system(quotas.get_usage, institution_id=world.centre_id)


def bound(world: Consortium, most_bytes: int | None, most_instances: int | None = None) -> None:
    """The administrator bounds the centre."""
    world.clinic.system(
        quotas.set_bounds,
        institution_id=world.centre_id,
        most_bytes=most_bytes,
        most_instances=most_instances,
    )


def by_hand(work: Work, *, institution_id: str) -> tuple[int, int]:
    """What the rows say when they are all added up."""
    own = InstanceRow.institution_id == institution_id
    parts = (
        select(func.sum(InstanceBlobRow.size_bytes))
        .join(InstanceRow, InstanceRow.id == InstanceBlobRow.instance_id)
        .where(own)
    )
    beside = (
        select(func.sum(ConflictRow.size_bytes))
        .join(InstanceRow, InstanceRow.id == ConflictRow.instance_id)
        .where(own, ConflictRow.settled_at.is_(None))
    )
    counted = select(func.count()).select_from(InstanceRow).where(own)
    size_bytes = (work.session.scalar(parts) or 0) + (work.session.scalar(beside) or 0)
    return size_bytes, work.session.scalar(counted) or 0


def require_exact(world: Consortium) -> None:
    """Counted and added up are the same."""
    found = usage(world)
    hand = world.clinic.system(by_hand, institution_id=world.centre_id)
    assert (found.size_bytes, found.instances) == hand


def settle(work: Work) -> None:
    """A person decides about the oldest conflict."""
    for each in conflicts.list_received_conflicts(work)[:1]:
        conflicts.settle_received(work, conflict_id=each.id, reason="重复")


def relabel(work: Work, *, world: Consortium, instance_id: str, data: bytes) -> None:
    """A photograph gets its eye: a new object takes the place of the old one."""
    instance = studies.get_instance(work, instance_id)
    changed = Relabelled(instance.id, instance.original.key, make_blob(world.centre_id, data), "R")
    studies.replace_original(work, changed, case_id="")


def derive(work: Work, *, world: Consortium, instance_id: str, uid: str) -> None:
    """A corrected object beside it, which is never refused."""
    source = studies.get_instance(work, instance_id)
    uids = Uids("2.25.1", "2.25.2", uid)
    blobs = {Part.ORIGINAL: make_blob(world.centre_id, b"corrected")}
    derived = Derived(source.id, source.original.key, uids, blobs, "L")
    corrections.derive_instance(work, derived, patient_id=NOBODY_YET, case_id="")


def forget(work: Work, *, instance_id: str) -> None:
    """A picture on which nothing rests goes."""
    studies.forget_instance(work, studies.get_instance(work, instance_id))


def test_what_is_counted_is_what_the_rows_add_up_to(world: Consortium) -> None:
    dice, kept = random.Random(14), list[str]()  # noqa: S311 - acts by chance, the same each time
    do = world.clinic.do
    for number in range(_ACTS):
        act = dice.choice(("new", "new", "repeat", "other", "settle", "label", "derive", "forget"))
        uid = f"2.25.9{number}"
        if act == "new" or not kept:
            kept.append(receive(world, bytes(dice.randrange(1, 900)), uid).instance.id)
        elif act == "repeat":
            receive(world, b"same", "2.25.77")
        elif act == "other":
            receive(world, dice.randbytes(dice.randrange(1, 90)), "2.25.77")
        elif act == "settle":
            do(world.physician, settle)
        elif act == "label":
            new = bytes(dice.randrange(1, 900))
            do(world.physician, relabel, world=world, instance_id=dice.choice(kept), data=new)
        elif act == "derive":
            do(world.physician, derive, world=world, instance_id=dice.choice(kept), uid=uid)
        else:
            gone = kept.pop(dice.randrange(len(kept)))
            do(world.physician, forget, instance_id=gone)
        require_exact(world)


def test_at_the_bound_nothing_comes_in_and_nothing_half(world: Consortium) -> None:
    receive(world, b"x" * 10, "2.25.8")  # an object and two small pictures of it
    bound(world, 50)
    with pytest.raises(QuotaFullError):
        receive(world, b"y" * 10, "2.25.9")
    with pytest.raises(QuotaFullError):
        receive(world, b"z" * 21, "2.25.8")
    require_exact(world)
    assert usage(world).instances == 1
    receive(world, b"z" * 20, "2.25.8")  # kept beside for a person: exactly the bound
    assert usage(world).size_bytes == 50
    world.clinic.do(world.physician, settle)
    bound(world, None, 1)
    with pytest.raises(QuotaFullError):
        receive(world, b"y", "2.25.9")
    bound(world, None)
    receive(world, b"y", "2.25.9")
    require_exact(world)


def test_a_correction_is_never_refused_for_want_of_room(world: Consortium) -> None:
    first = receive(world, b"x" * 10, "2.25.8").instance
    bound(world, 1, 1)
    do = world.clinic.do
    do(world.physician, derive, world=world, instance_id=first.id, uid="2.25.10")
    do(world.physician, relabel, world=world, instance_id=first.id, data=b"longer than before")
    require_exact(world)


def test_an_upload_says_which_of_its_files_found_no_room(world: Consortium) -> None:
    case = make_draft(world, make_patient(world))
    bound(world, 30)
    files = [make_arrival(world, f"{name}.jpg", data=name.encode() * 5) for name in ("ab", "cd")]
    results = take_in(world, case, *files)
    assert [(each.verdict, each.code) for each in results] == [
        (FileVerdict.STORED, ""),
        (FileVerdict.REFUSED, "quota-full"),
    ]
    require_exact(world)


def test_of_many_that_come_at_once_no_more_are_taken_than_fit(world: Consortium) -> None:
    bound(world, 3 * 10 * 4)
    arrivals = [_object(world, b"x" * 9 + bytes([n]), f"2.25.5{n}") for n in range(12)]
    started = [
        world.clinic.start(
            world.photographer,
            ingest.receive,
            received=dataclasses.replace(each),
            institution_id=world.centre_id,
            way="stow",
            source="",
        )
        for each in arrivals
    ]
    outcomes = [type(each.exception(timeout=60)) for each in started]
    raced = outcomes.count(InstanceRacedError)
    assert outcomes.count(QuotaFullError) + raced >= 8
    assert set(outcomes) <= {type(None), QuotaFullError, InstanceRacedError}
    require_exact(world)
    assert usage(world).size_bytes <= 120


def test_only_an_institution_that_is_there_is_bounded(world: Consortium) -> None:
    with pytest.raises(NotFoundError):
        world.clinic.system(
            quotas.set_bounds,
            institution_id=new_id(),
            most_bytes=1,
            most_instances=None,
        )
    bound(world, 7, 8)
    line = world.clinic.lines()[-1]
    assert (line.kind, dict(line.codes)) == ("quota.set", {"most_bytes": 7, "most_instances": 8})
