"""What the versions of a report left in the studies of the case, in words, with their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.objects import service as objects
from consult.reports.objects.model import FiledObject, ObjectKind
from server.keys import RULES
from server.requests import language
from server.rules.rulebook import Rulebook

_GROUP: Final = "report_object"
_TAKEN_BACK: Final = "taken_back"


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
class Filed:
    """The objects that this reader may see, and where they stand."""

    case: Case
    code: str
    found: Sequence[FiledObject]

    def said_to(self, request: web.Request) -> Sequence[ObjectAnswer]:
        """The same in the reader's words."""
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
    return found if found.found else None


def _filed(work: Work, case: Case) -> Filed:
    code = organisations.get_institution(work, case.institution_id).code
    return Filed(case, code, objects.list_objects(work, case))


def _word(filed: FiledObject) -> str:
    """What it is called: a selection without images takes back what an earlier version left."""
    is_selection = filed.kind is ObjectKind.SELECTED
    return _TAKEN_BACK if is_selection and filed.takes_back else filed.kind.value
