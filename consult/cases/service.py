"""Finding a case, and the one place where it takes a step.

Drafts, submission and endings stand in service_draft.py, service_submit.py and service_end.py.
"""

import dataclasses
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import store, store_panels
from consult.cases.accountable import owner_of
from consult.cases.errors import CaseChangedError
from consult.cases.events import case_entry, case_ref
from consult.cases.images import service as images
from consult.cases.model import (
    Case,
    CaseStatus,
    Priority,
    ServiceType,
    require_case_step,
)
from consult.cases.openings import OPENED, was_just_opened
from consult.cases.tables import CaseRow
from consult.cases.views import VIEWS, CaseView, PanelView, Waiting
from consult.journal import service as journal
from consult.journal.model import Line
from consult.kernel.errors import Fact, NotFoundError
from consult.kernel.ids import (
    AgreementId,
    ConsortiumId,
    InstitutionId,
    PanelId,
    PractitionerId,
)
from consult.kernel.work import Work

LONGEST_LIST = 50
LONGEST_TIMELINE = 200
MOST_BEFORE = 500


class CaseChanges(TypedDict, total=False):
    """What a step may change beside status, owner and revision."""

    agreement_id: AgreementId | None
    panel_id: PanelId | None
    consortium_id: ConsortiumId
    invited_institution_id: InstitutionId | None
    service_type: ServiceType
    form_version: str
    answers: Mapping[str, object]
    question: str
    priority: Priority
    priority_rule: str
    priority_version: str
    priority_override_reason: str | None
    requesting_physician_id: PractitionerId | None
    submitted_at: datetime | None
    accept_by: datetime | None
    report_by: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    uploading: bool
    retake: bool
    amended: bool
    reopened: bool
    told: bool
    declines: int


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """What the journal is told about a step beside the case's own facts."""

    codes: Mapping[str, Fact] = dataclasses.field(default_factory=dict)
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)
    reason: str | None = None


def get_case(work: Work, case_id: str) -> Case:
    """A case that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, case_ref(case_id))
    case = store.find_case(work, case_id)
    if case is None:
        raise NotFoundError
    return case


def find_seen(work: Work, case_id: str) -> Case | None:
    """A case, where it is open to the actor: the sharing of a referred one may have ended."""
    is_open = policy.may_see(work.session, work.actor, case_ref(case_id), now=work.now)
    return get_case(work, case_id) if is_open else None


def get_own_case(work: Work, case_id: str) -> Case:
    """A case of the acting institution; raises NotFoundError otherwise."""
    policy.require_own(work, case_ref(case_id))  # whoever holds it sees it
    case = store.find_case(work, case_id)
    if case is None:
        raise NotFoundError
    return case


def open_case_page(work: Work, case_id: str) -> Case:
    """As `get_case`, and the journal says who looked."""
    case = get_case(work, case_id)
    if case.status in images.OPEN_FOR_IMAGES and case.institution_id == work.actor.institution_id:
        # U1: whoever prepares the case has its patient before her from now on.
        images.note_opening(work, case)
    note_opened(work, case)
    return case


def note_opened(work: Work, case: Case) -> None:
    """Write down that the actor looks at a case that she was shown, once a minute."""
    if not was_just_opened(work, case.id):
        work.journal(case_entry(case, OPENED))


def require_revision(case: Case, revision: int) -> None:
    """Raise CaseChangedError where the page was drawn from another revision."""
    if case.revision != revision:
        raise CaseChangedError(case.id, have=case.revision, want=revision)


def step(
    work: Work,
    case: Case,
    to: CaseStatus,
    *,
    kind: str,
    owner_id: PractitionerId | None = None,
    said: Said | None = None,
    **changes: Unpack[CaseChanges],
) -> Case:
    """Move a case to a status, name its accountable person, and journal `kind`.

    `owner_id` is needed only where the status leaves the person open (second reader, arbiter,
    reviewer, referral desk) or another than the usual one takes over. Raises
    CaseStepNotAllowedError where the table has no such step or somebody was first.
    """
    require_case_step(case, want=to)
    owner = owner_of(work, case, to, named=owner_id)
    after = dataclasses.replace(
        case, status=to, owner_id=owner, revision=case.revision + 1, **changes
    )
    return _save(work, case, after, kind=kind, said=said)


def change(
    work: Work,
    case: Case,
    *,
    kind: str,
    owner_id: PractitionerId | None = None,
    said: Said | None = None,
    **changes: Unpack[CaseChanges],
) -> Case:
    """Change a case without a step (decided, amended, handed over), and journal `kind`."""
    owner = owner_id or case.owner_id
    after = dataclasses.replace(case, owner_id=owner, revision=case.revision + 1, **changes)
    return _save(work, case, after, kind=kind, said=said)


def list_cases(
    work: Work, *, view: CaseView, limit: int = LONGEST_LIST, before: str | None = None
) -> list[Case]:
    """The acting institution's cases of one tab, newest first, older than the id `before`."""
    return store.list_of_institution(
        work,
        institution_id=work.actor.institution,
        statuses=VIEWS[view],
        seen=_seen(work),
        before=before,
        limit=min(limit, LONGEST_LIST),
    )


def list_drafts(work: Work, *, limit: int) -> list[Case]:
    """Every open draft of the acting institution, at most `limit`, the newest first."""
    return store.list_of_institution(
        work,
        institution_id=work.actor.institution,
        statuses=VIEWS[CaseView.DRAFTS],
        seen=_seen(work),
        before=None,
        limit=limit,
    )


def count_cases(work: Work) -> dict[CaseView, int]:
    """How many of the acting institution's cases stand in each tab."""
    counts = store.count_of_institution(work, institution_id=work.actor.institution)
    return {
        view: sum(counts.get(status, 0) for status in statuses) for view, statuses in VIEWS.items()
    }


def _seen(work: Work) -> ColumnElement[bool]:
    """Asked of each row: these lists find their rows by an index of their own."""
    return policy.seen_clause(work, ObjectType.CASE, CaseRow.id)


def list_for_panels(work: Work, *, view: PanelView) -> list[Case]:
    """The cases before these panels that the actor may see, in the order of promise."""
    return store_panels.list_of(work, view, seen=_seen(work))


def list_before(
    work: Work, *, panel_id: str, statuses: Collection[CaseStatus], limit: int = MOST_BEFORE
) -> list[Case]:
    """The cases before a panel in these statuses; whoever calls answers for the panel."""
    return store_panels.list_before(work, panel_id=panel_id, statuses=statuses, limit=limit)


def list_owned(
    work: Work, *, owner_id: str, statuses: Collection[CaseStatus], limit: int = MOST_BEFORE
) -> list[Case]:
    """The cases in these statuses for which a person answers, wherever they stand."""
    return store_panels.list_owned(work, owner_id=owner_id, statuses=statuses, limit=limit)


def count_for_panels(
    work: Work, *, panel_ids: Collection[str], statuses: Collection[CaseStatus]
) -> list[Waiting]:
    """How many of them there are, by status and service."""
    return store_panels.count(work, panel_ids=panel_ids, statuses=statuses, seen=_seen(work))


def list_of_patient(work: Work, patient_id: str, *, limit: int = LONGEST_LIST) -> list[Case]:
    """A patient's cases that the actor may see, newest first."""
    found = store.list_of_patient(work, patient_id, limit=limit)
    return [
        case
        for case in found
        if policy.may_see(work.session, work.actor, case_ref(case.id), now=work.now)
    ]


def timeline(
    work: Work, case_id: str, *, kinds: Collection[str], before: int | None = None
) -> list[Line]:
    """What of these kinds happened to a case, newest first, before a line where one is named."""
    get_case(work, case_id)
    return journal.lines_of_kinds(
        work.session, case_id, kinds=kinds, limit=LONGEST_TIMELINE, before=before
    )


def _save(work: Work, before: Case, after: Case, *, kind: str, said: Said | None) -> Case:
    store.save_step(work, before, after)
    words = said or Said()
    codes: dict[str, Fact] = {"from": before.status, **words.codes}
    work.journal(case_entry(after, kind, codes=codes, words=words.words, reason=words.reason))
    return after
