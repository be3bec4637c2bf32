"""The whole demonstration acted out in the order of time."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from consult.kernel.work import SYSTEM, Work
from server import demonstration, keys
from server.cli.speech import say
from server.demo import clinic_acts, hospital_acts, referral_acts, room_acts
from server.demo.case_model import CasePlan, StepKind, StepPlan
from server.demo.darkroom import Darkroom
from server.demo.founding import Founder
from server.demo.opening_hours import add_clinics
from server.demo.people import people_by_role
from server.demo.pictures import add_images
from server.demo.stage import Scene, Stage, World
from server.i18n import N_

Act = Callable[[Work, Scene], None]

_ACTS: Final[Mapping[StepKind, Act]] = MappingProxyType(
    {
        StepKind.OPEN: clinic_acts.open_case,
        StepKind.CONSENT: clinic_acts.consent,
        StepKind.SUBMIT: clinic_acts.submit,
        StepKind.CANCEL: clinic_acts.cancel,
        StepKind.WITHDRAW: clinic_acts.withdraw,
        StepKind.ACKNOWLEDGE: clinic_acts.acknowledge,
        StepKind.DECIDE: clinic_acts.decide,
        StepKind.CLAIM: hospital_acts.claim,
        StepKind.DECLINE: hospital_acts.decline,
        StepKind.SEND_ON: hospital_acts.send_on,
        StepKind.RETURN: hospital_acts.send_back,
        StepKind.FORWARD: hospital_acts.forward,
        StepKind.DRAFT_REPORT: hospital_acts.draft_report,
        StepKind.SIGN: hospital_acts.sign,
        StepKind.REFER: referral_acts.refer,
        StepKind.BOOK: referral_acts.book,
        StepKind.STOP: referral_acts.stop,
        StepKind.NOSHOW: referral_acts.miss,
        StepKind.CALL: referral_acts.call,
        StepKind.ARRIVE: referral_acts.arrive,
        StepKind.RECORD_OUTCOME: referral_acts.record_outcome,
        StepKind.CLOSE: referral_acts.close,
        StepKind.WRITE: room_acts.write,
    }
)


async def play(stage: Stage) -> None:
    """Everything of the plan; the first and the last line say that seeding began and is done."""
    seed = stage.plan.seed
    await stage.act(stage.now, SYSTEM, demonstration.note, kind=demonstration.BEGUN, seed=seed)
    async with asyncio.TaskGroup() as group:
        darkroom = Darkroom(stage.app[keys.JAIL], group)
        darkroom.begin(stage.plan)
        world = await _found(stage)
        await _play_cases(stage, world, darkroom)
    await stage.act(stage.now, SYSTEM, demonstration.note, kind=demonstration.SEEDED, seed=seed)


async def _found(stage: Stage) -> World:
    founder = Founder(stage)
    actors = await founder.found()
    clinics = await add_clinics(stage, actors)
    world = World(founder.institutions, founder.panels, clinics, actors)
    await _register_idle(stage, world, founder)
    return world


async def _register_idle(stage: Stage, world: World, founder: Founder) -> None:
    """Patients of whom no case is told have been with their institution for long."""
    busy = {case.patient for case in stage.plan.cases}
    places = people_by_role(stage.plan.practitioners)
    for patient in stage.plan.patients:
        if patient.key not in busy:
            login = places[patient.institution, clinic_acts.REGISTERS]
            actor = world.actors[login, patient.institution]
            stage.patient_ids[patient.key] = await stage.act(
                founder.at, actor, clinic_acts.register, patient, rules=stage.rules.patients
            )


async def _play_cases(stage: Stage, world: World, darkroom: Darkroom) -> None:
    cases = stage.plan.cases
    patients = {patient.key: patient for patient in stage.plan.patients}
    done = 0
    for case, step in _in_order(cases):
        scene = Scene(stage, world, case, patients[case.patient], step)
        await _play_step(scene, darkroom)
        if step is case.steps[-1]:
            done += 1
            say(N_("{done} of {total} cases"), done=done, total=len(cases))


async def _play_step(scene: Scene, darkroom: Darkroom) -> None:
    stage, at, actor = scene.stage, scene.step.at, scene.actor
    if scene.step.kind is StepKind.ADD_IMAGES:
        await add_images(scene, darkroom)
        return
    if scene.step.kind is StepKind.OPEN and scene.patient.key not in stage.patient_ids:
        stage.patient_ids[scene.patient.key] = await stage.act(
            at, actor, clinic_acts.register, scene.patient, rules=stage.rules.patients
        )
    await stage.act(at, actor, _ACTS[scene.step.kind], scene)


def _in_order(cases: tuple[CasePlan, ...]) -> Iterator[tuple[CasePlan, StepPlan]]:
    """Every act by its time; where two fall together, in the order of the plan."""
    acts = [(case, step) for case in cases for step in case.steps]
    yield from sorted(acts, key=lambda act: act[1].at)
