"""What one version leaves in one study, on its way to one destination."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from consult.kernel.ids import CaseId, PatientId, ReportId
from consult.kernel.rules import RuleTable
from consult.reports.destinations.model import DispatchScope
from consult.reports.objects.model import FiledObject, ObjectKind


class DispatchState(enum.StrEnum):
    """How far a dispatch is; all but the first have an end."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


ENDED_BADLY: Final = frozenset({DispatchState.REFUSED, DispatchState.GIVEN_UP})


class ObjectState(enum.StrEnum):
    """What became of one object."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class SentObject:
    """One object: `code` says why it was refused, or what the peer remarked when it took it."""

    instance_id: str
    kind: ObjectKind
    state: ObjectState = ObjectState.WAITING
    code: str = ""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The objects of a version in a study, and how it goes; `since` counts towards giving up."""

    id: str
    destination_id: str
    case_id: CaseId
    patient_id: PatientId
    report_id: ReportId
    version: int
    study_uid: str
    objects: tuple[SentObject, ...]
    state: DispatchState
    wanted_at: datetime
    since: datetime
    next_at: datetime
    tries: int
    failure: str
    settled_at: datetime | None

    @property
    def waiting(self) -> tuple[SentObject, ...]:
        """What has yet to go."""
        return tuple(each for each in self.objects if each.state is ObjectState.WAITING)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one try brought: what became of objects by instance, and what kept the others.

    `was_reached` is False where no object is to blame: the destination itself then rests.
    """

    objects: Mapping[str, SentObject]
    failure: str = ""
    was_reached: bool = True


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """How patiently and how much is sent (config/dispatch.toml)."""

    most_destinations: int
    at_once: int
    round_s: int
    waits: tuple[timedelta, ...]
    give_up_after: timedelta
    connect_s: int
    answer_s: int
    request_s: int
    request_bytes: int
    longest_answer_bytes: int

    def wait_after(self, tries: int) -> timedelta:
        """How long nothing is tried after so many failures."""
        return self.waits[min(max(tries, 1), len(self.waits)) - 1]


def parse_dispatch_rules(mapping: Mapping[str, object]) -> DispatchRules:
    """The rules; an unknown key is refused."""
    table = RuleTable(mapping)
    numbers = (
        *("most_destinations", "at_once", "round_s", "give_up_after_h", "connect_s", "answer_s"),
        *("request_s", "request_bytes", "longest_answer_bytes"),
    )
    table.only("name", "version", "source", "wait_s", *numbers)
    found = {key: table.whole(key, lowest=1) for key in numbers}
    return DispatchRules(
        waits=table.waits("wait_s"),
        give_up_after=timedelta(hours=found.pop("give_up_after_h")),
        **found,
    )


def goes_to(scope: DispatchScope, filed: FiledObject) -> bool:
    """Whether an object is among what goes; what takes back others always is."""
    if scope is DispatchScope.EVERYTHING or filed.takes_back:
        return True
    return filed.kind in {ObjectKind.PAPER, ObjectKind.MEASURED}


def with_more(objects: Sequence[SentObject], filed: Iterable[FiledObject]) -> list[SentObject]:
    """The objects with those that were filed since."""
    known = {each.instance_id for each in objects}
    more = [SentObject(each.instance.id, each.kind) for each in filed]
    return [*objects, *(each for each in more if each.instance_id not in known)]


def after_try(dispatch: Dispatch, tried: Tried, *, now: datetime, rules: DispatchRules) -> Dispatch:
    """The dispatch after a try: what is settled stays so, and the rest waits or is given up."""
    objects = tuple(
        tried.objects.get(each.instance_id, each) if each.state is ObjectState.WAITING else each
        for each in dispatch.objects
    )
    done = replace(dispatch, objects=objects, failure=tried.failure)
    if not done.waiting:
        is_whole = all(each.state is ObjectState.SENT for each in objects)
        state = DispatchState.SENT if is_whole else DispatchState.REFUSED
        return replace(done, state=state, settled_at=now, tries=0, failure="")
    if not tried.failure:  # what was filed meanwhile
        return replace(done, next_at=now)
    if now - dispatch.since >= rules.give_up_after:
        return replace(done, state=DispatchState.GIVEN_UP, settled_at=now)
    if not tried.was_reached:
        return done
    tries = dispatch.tries + 1
    return replace(done, tries=tries, next_at=now + rules.wait_after(tries))


def brings(dispatch: Dispatch, tried: Tried) -> bool:
    """Whether an object has arrived by a try that had not before."""
    came = {key for key, each in tried.objects.items() if each.state is ObjectState.SENT}
    return any(each.instance_id in came for each in dispatch.waiting)


def wholly(objects: Iterable[SentObject]) -> tuple[SentObject, ...]:
    """The same objects as if none had gone."""
    return tuple(SentObject(each.instance_id, each.kind) for each in objects)


def begun_again(dispatch: Dispatch, *, now: datetime) -> Dispatch:
    """The dispatch with everything that did not arrive waiting once more, from now on."""
    objects = tuple(
        each if each.state is ObjectState.SENT else SentObject(each.instance_id, each.kind)
        for each in dispatch.objects
    )
    return replace(
        dispatch,
        objects=objects,
        state=DispatchState.WAITING,
        since=now,
        next_at=now,
        tries=0,
        failure="",
        settled_at=None,
    )
