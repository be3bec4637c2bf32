"""Where the demonstration is acted out: the services, with each act at its own moment."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web

from consult.kernel.work import Actor, Work
from consult.reports.seal import Seal
from server import keys
from server.demo.case_model import CasePlan, StepPlan
from server.demo.model import DemoPlan, PatientPlan
from server.rules.rulebook import Rulebook
from server.transactions import writing_at

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """Everybody and everything that was founded, by the names of the plan."""

    institutions: Mapping[str, str]
    panels: Mapping[str, str]
    clinics: Mapping[str, str]
    actors: Mapping[tuple[str, str], Actor]


@dataclass(slots=True)
class Stage:
    """The furnished application, and what came about so far."""

    app: web.Application
    plan: DemoPlan
    now: datetime
    patient_ids: dict[str, str] = field(default_factory=dict)
    case_ids: dict[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> Rulebook:
        """Every rule set of the configuration."""
        return self.app[keys.RULES]

    @property
    def seal(self) -> Seal:
        """The seal of this installation."""
        return self.app[keys.SEAL]

    async def act(
        self,
        at: datetime,
        actor: Actor,
        step: Callable[Concatenate[Work, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run a step as this person at that moment; it is durable when this returns."""
        unit = writing_at(at, actor, step, *args, **kwargs)
        return await asyncio.wrap_future(self.app[keys.UNITS].write(unit))


@dataclass(frozen=True, slots=True)
class Scene:
    """One act of one case, with everything that it needs."""

    stage: Stage
    world: World
    case: CasePlan
    patient: PatientPlan
    step: StepPlan

    @property
    def actor(self) -> Actor:
        """Who acts, for which institution."""
        return self.world.actors[self.step.login, self.step.institution]

    @property
    def case_id(self) -> str:
        """The case, once it was opened."""
        return self.stage.case_ids[self.case.key]
