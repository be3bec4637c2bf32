"""What the server keeps in memory of an answer gives nobody a right that she has lost."""

import pytest
from pydicom.dataset import Dataset
from sqlalchemy import select, update

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.work import Role, Work
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from consult.studies.tables import InstanceRow, StudyRow
from tests.makers.dicomweb import Machine, open_machine, place_of, written
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]

PATHS = ("/metadata", "/rendered", "/thumbnail", "/frames/1", "")


def study_of(house: WorldHouse, sample: Dataset) -> Ref:
    """The study as the centre holds it."""

    def look(work: Work) -> str:
        uid = str(sample.StudyInstanceUID)
        found = work.session.scalar(select(StudyRow.id).where(StudyRow.study_instance_uid == uid))
        return str(found)

    return Ref(ObjectType.STUDY, house.world.now.system(look))


def withdraw(house: WorldHouse, sample: Dataset) -> None:
    """It proved to be another patient's."""

    def step(work: Work) -> None:
        of_it = InstanceRow.sop_instance_uid == str(sample.SOPInstanceUID)
        work.session.execute(update(InstanceRow).where(of_it).values(withdrawn_at=work.now))

    house.world.now.system(step)


def answers(machine: Machine, sample: Dataset) -> set[int]:
    """How its address, what lies below it, and its study answer, each asked twice."""
    paths = [f"{place_of(sample)}{path}" for path in PATHS]
    study = f"/studies/{sample.StudyInstanceUID}"
    asked = [*paths, study, f"{study}/metadata"] * 2
    return {machine.get(path, accept="*/*").status_code for path in asked}


def found(machine: Machine, sample: Dataset) -> int:
    """How many studies of its patient are found."""
    return len(machine.get(f"/studies?PatientID={sample.PatientID}").json())


def test_a_grant_that_ended_opens_nothing_that_was_kept(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    ref, other = study_of(house, sample), open_machine(house, *Right, side=Side.AWAY)
    assert answers(machine, sample) == {200}
    assert answers(other, sample) == {404}
    to = (Party.INSTITUTION, house.world.places[Side.AWAY])
    house.world.now.system(access.grant, ref=ref, to=to, why="trial")
    assert (answers(other, sample), found(other, sample)) == ({200}, 1)
    house.world.now.system(access.end_grants, ref=ref, why="trial")
    assert (answers(other, sample), found(other, sample)) == ({404}, 0)
    assert (answers(machine, sample), found(machine, sample)) == ({200}, 1)


def test_a_picture_that_was_withdrawn_is_kept_for_nobody(
    machine: Machine, house: WorldHouse, sample: Dataset
) -> None:
    machine.store(written(sample))
    assert (answers(machine, sample), found(machine, sample)) == ({200}, 1)
    withdraw(house, sample)
    assert (answers(machine, sample), found(machine, sample)) == ({404, 410}, 0)


def test_a_machine_that_was_shut_out_gets_nothing_that_was_kept_for_it(
    house: WorldHouse, sample: Dataset
) -> None:
    archive = open_machine(house, *Right)
    archive.store(written(sample))
    assert (answers(archive, sample), found(archive, sample)) == ({200}, 1)
    administrator = house.world.person(Side.HOME, Role.ADMINISTRATOR).actor
    newest = house.world.now.do(administrator, machines.list_machines)[0]
    house.world.now.do(administrator, machines.revoke_machine, machine_id=newest.id)
    assert answers(archive, sample) == {401}
    assert archive.get(f"/studies?PatientID={sample.PatientID}").status_code == 401
