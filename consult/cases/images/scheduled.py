"""Who is to be photographed: the open drafts of an institution, as a camera asks for them."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from consult.cases import service as cases
from consult.cases.images.labels import Labels, labels_of
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Work
from consult.people.patients.names import NameRules


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One patient before the camera, since when by the clock of the institution.

    The labels are those that a photograph of the case carries.
    """

    labels: Labels
    service_type: ServiceType
    local_start: datetime

    @property
    def study_instance_uid(self) -> str:
        """The study under which photographs of the case are filed."""
        return self.labels.uids_of("").study_instance_uid


def list_scheduled(work: Work, *, names: NameRules, limit: int) -> list[Scheduled]:
    """The cases of the acting institution that take photographs yet, the newest first."""
    return [
        _as_scheduled(labels_of(work, case, names=names), case)
        for case in cases.list_drafts(work, limit=limit)
    ]


def _as_scheduled(labels: Labels, case: Case) -> Scheduled:
    return Scheduled(labels, case.service_type, case.opened_at.astimezone(ZoneInfo(labels.zone)))
