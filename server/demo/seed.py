"""Filling an empty installation with the demonstration, by the same services as the pages use."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from aiohttp import web

from consult.jobs import service as jobs
from consult.kernel.work import SYSTEM, Work
from imaging.errors import JailUnavailableError
from imaging.jail.client import Jail
from server import demonstration, keys
from server.cli.speech import say
from server.clockwork import HANDLERS
from server.demo import clinic_acts, hospital_acts, referral_acts
from server.demo.case_model import CasePlan, StepKind, StepPlan
from server.demo.darkroom import DRAWN_AT_ONCE, Darkroom
from server.demo.founding import Founder
from server.demo.model import DemoPlan
from server.demo.opening_hours import add_clinics
from server.demo.people import people_by_role
from server.demo.pictures import add_images
from server.demo.plan import plan_from
from server.demo.sign_ins import say_sign_ins
from server.demo.stage import Scene, Stage, World
from server.i18n import N_
from server.imagery import IMAGERY
from server.settings import Settings
from server.supervisor.child import Child
from server.supervisor.children import make_worker_spec
from server.transactions import utc_now
from server.wiring import furnish

_JAIL_STARTS_S: Final = 30.0
_JAIL_ENDS_S: Final = 5.0
_ACTS: Final[Mapping[StepKind, Callable[[Work, Scene], None]]] = MappingProxyType(
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
        StepKind.DRAFT_REPORT: hospital_acts.draft_report,
        StepKind.SIGN: hospital_acts.sign,
        StepKind.BOOK: referral_acts.book,
        StepKind.ARRIVE: referral_acts.arrive,
        StepKind.RECORD_OUTCOME: referral_acts.record_outcome,
        StepKind.CLOSE: referral_acts.close,
    }
)
