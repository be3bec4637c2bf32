"""What the versions of a report left in the studies of the case, in words, with their places."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.destinations import service as destinations
from consult.reports.dispatches import service as dispatches
from consult.reports.dispatches.model import Dispatch, DispatchState
from consult.reports.objects import service as objects
from consult.reports.objects.model import FiledObject, ObjectKind
from server.keys import RULES
from server.requests import language
from server.rules.rulebook import Rulebook

_GROUP: Final = "report_object"
_TAKEN_BACK: Final = "taken_back"
_WORST_FIRST: Final = (DispatchState.REFUSED, DispatchState.GIVEN_UP, DispatchState.WAITING)


class ObjectAnswer(BaseModel):
    """One object; `url` is its address by DICOMweb, `document` what it says as plain text."""

    report_id: str
    version: int
    kind: str
    label: str
    sop_class_uid: str
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    size_bytes: int
    url: str
    document: str


class ObjectsAnswer(BaseModel):
    """Every object of a case's report, the newest version first."""

    objects: list[ObjectAnswer]


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far the newest version is on its way to one system of the reader's institution."""

    name: str
    version: int
    state: DispatchState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectsPart:
    """What the case's page shows: the objects, and whether they have arrived elsewhere."""

    objects: Sequence[ObjectAnswer]
    arrivals: Sequence[Arrival]


@dataclass(frozen=True, slots=True)
class Filed:
    """The objects that this reader may see, and where they stand."""

    case: Case
    code: str
    found: Sequence[FiledObject]
    arrivals: Sequence[Arrival] = ()

    def said_to(self, request: web.Request) -> ObjectsPart:
        """The same in the reader's words."""
        return ObjectsPart(self.answers(request), self.arrivals)

    def answers(self, request: web.Request) -> list[ObjectAnswer]:
        """The objects alone."""
        return [self._told(request, each) for each in self.found]

    def _told(self, request: web.Request, filed: FiledObject) -> ObjectAnswer:
        instance = filed.instance
        uids = instance.uids
        terms = request.app[RULES].terms
        return ObjectAnswer(
            report_id=filed.report_id,
            version=filed.version,
            kind=filed.kind.value,
            label=terms.text(language(request), _GROUP, _word(filed)),
            sop_class_uid=instance.description.sop_class_uid,
            study_instance_uid=uids.study_instance_uid,
            series_instance_uid=uids.series_instance_uid,
            sop_instance_uid=uids.sop_instance_uid,
            size_bytes=instance.original.size_bytes,
            url=(
                f"/dicomweb/{self.code}/studies/{uids.study_instance_uid}"
                f"/series/{uids.series_instance_uid}/instances/{uids.sop_instance_uid}"
            ),
            document=f"/cases/{self.case.id}/images/{instance.id}/document",
        )


def find(work: Work, *, case_id: str) -> Filed:
    """The objects of a case that the actor may see."""
    return _filed(work, cases.get_case(work, case_id))


def make_part(work: Work, case: Case, rules: Rulebook) -> Filed | None:
    """The part of the case's page; None where there is nothing, or not for this reader.

    What an object says names the patient: it is for whoever needs the name and the pictures.
    """
    needed = (Action.SEE_REPORT, Action.SEE_IMAGE, Action.SEE_NAME)
    if not all(rules.roles.permits(work.actor, action) for action in needed):
        return None
    found = _filed(work, case)
    return replace(found, arrivals=_arrivals(work, found)) if found.found else None


def _filed(work: Work, case: Case) -> Filed:
    code = organisations.get_institution(work, case.institution_id).code
    return Filed(case, code, objects.list_objects(work, case))


def _arrivals(work: Work, filed: Filed) -> list[Arrival]:
    """Of each destination the newest version that goes or went there; the worst of its studies."""
    versions = {each.report_id for each in filed.found}
    newest: dict[str, list[Dispatch]] = {}
    for each in dispatches.list_of_case(work, filed.case, versions):
        known = newest.setdefault(each.destination_id, [])
        if not known or known[0].version == each.version:
            known.append(each)
    names = destinations.names_of(work, list(newest))
    return [_arrival(names[each], found) for each, found in sorted(newest.items())]


def _arrival(name: str, found: Sequence[Dispatch]) -> Arrival:
    states = {each.state for each in found}
    bad = next((state for state in _WORST_FIRST if state in states), DispatchState.SENT)
    ends = [each.settled_at for each in found if each.settled_at is not None]
    return Arrival(name, found[0].version, bad, max(ends, default=None))


def _word(filed: FiledObject) -> str:
    """What it is called: a selection without images takes back what an earlier version left."""
    is_selection = filed.kind is ObjectKind.SELECTED
    return _TAKEN_BACK if is_selection and filed.takes_back else filed.kind.value
