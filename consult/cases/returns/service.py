"""A case goes back to the clinic for what is missing, and comes back with it (U6).

Who may send it back is a question of the experts' list (consult/queue/service_return.py).
"""

from collections.abc import Collection, Sequence

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases import sharing
from consult.cases.drafts import LONGEST_REASON
from consult.cases.events import case_entry
from consult.cases.forms import Form
from consult.cases.images.model import WITHOUT_EYE
from consult.cases.model import Case, CaseStatus
from consult.cases.recognition import ending
from consult.cases.returns import store
from consult.cases.returns.errors import AskedTwiceError, NothingAskedError
from consult.cases.returns.model import (
    MOST_ITEMS,
    CaseReturn,
    ItemKind,
    Kept,
    ReturnEnd,
    ReturnItem,
    ReturnRules,
    Wanted,
    expires_at,
)
from consult.cases.returns.tables import CaseReturnRow
from consult.cases.tables import CaseRow
from consult.kernel.errors import RefusedError
from consult.kernel.ids import CaseId, PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import leaves
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations

LONGEST_LIST = 100
EXPIRED_AT_ONCE = 50
NOT_RETAKEN = "not_retaken"
_FIELDS = {ItemKind.IMAGE: "images", ItemKind.ANSWER: "answers", ItemKind.OTHER: "others"}


def send_back(
    work: Work,
    case: Case,
    *,
    wanted: Wanted,
    rules: ReturnRules,
    form: Form,
    expert_id: PractitionerId | None,
) -> Case:
    """Give the case back to whoever asked, with the list of what is missing.

    Raises NothingAskedError, AskedTwiceError, or RefusedError for what the rules do not know.
    """
    _check(wanted, rules=rules, form=form)
    inviting = organisations.get_institution(work, case.institution_id)
    row = CaseReturnRow(
        id=new_id(),
        case_id=case.id,
        live_case_id=case.id,
        panel_id=case.panel_id,
        note=wanted.note.strip(),
        returned_by=work.actor.person,
        returned_at=work.now,
        expires_at=expires_at(work.now, wait_days=rules.wait_days, zone=inviting.zone),
        expert_id=expert_id,
    )
    images = [item for item in wanted.items if item.kind is ItemKind.IMAGE]
    said = cases.Said(
        codes={
            "return": row.id,
            "rules": rules.version,
            "images": len(images),
            "items": " ".join(_code_of(item) for item in wanted.items),
            "expires_at": row.expires_at.isoformat(),
        },
        words={"reason": row.note} if row.note else {},
    )
    # the case's own step comes first: of two at once, one wins there
    after = cases.step(
        work, case, CaseStatus.RETURNED, kind="case.returned", said=said, retake=bool(images)
    )
    store.save_return(work.session, row, wanted.items)
    return after


def list_returns(work: Work, case_id: str) -> list[CaseReturn]:
    """Every return of a case that the actor may see, the newest first."""
    return store.list_of_case(work.session, cases.get_case(work, case_id).id)


def returns_of(work: Work, case_ids: Collection[str]) -> dict[CaseId, CaseReturn]:
    """The live returns of these cases, for a list whose cases policy has let through."""
    return {found.case_id: found for found in store.list_live(work.session, case_ids)}


def ids_kept_for(work: Work, expert_id: PractitionerId, *, limit: int) -> set[str]:
    """The cases that are kept for this person, wherever she works."""
    return store.list_kept_for(work.session, expert_id, now=work.now, limit=limit)


def kept_for(work: Work, found: Collection[Case]) -> dict[CaseId, Kept]:
    """For whom the cases that came back are kept now; nobody who has left, or is away."""
    waiting = {case.id: case for case in found if case.status is CaseStatus.ASSIGNED}
    kept = {}
    for each in store.list_kept(work.session, list(waiting), now=work.now):
        case = waiting[each.case_id]
        if each.expert_id is None or each.kept_until is None:
            continue
        if _is_available(work, case, each.expert_id):
            kept[case.id] = Kept(each.expert_id, each.kept_until)
    return kept


def end_resubmitted(work: Work, before: Case, after: Case, *, rules: ReturnRules) -> None:
    """The case came back: retakes take their places, and the same expert is waited for."""
    live = store.find_live(work.session, before.id)
    if live is None:
        return
    _replace(work, before, live)
    until = None
    if live.expert_id is not None and _is_available(work, after, live.expert_id):
        until = work.now + rules.kept_for_expert
        until = until if after.accept_by is None else min(until, after.accept_by)
    store.save_end(work.session, live.id, at=work.now, how=ReturnEnd.RESUBMITTED, kept_until=until)


def end_withdrawn(work: Work, case_id: str) -> None:
    """The case was taken back by its sender while it lay with her."""
    live = store.find_live(work.session, case_id)
    if live is not None:
        store.save_end(work.session, live.id, at=work.now, how=ReturnEnd.WITHDRAWN)


def expire_returned(work: Work) -> int:
    """End the cases that were not sent again in time (a clock's step); says how many."""
    expired = store.list_expired(work.session, now=work.now, limit=EXPIRED_AT_ONCE)
    for each in expired:
        case = cases.get_case(work, each.case_id)
        store.save_end(work.session, each.id, at=work.now, how=ReturnEnd.EXPIRED)
        if case.status is CaseStatus.RETURNED:
            said = cases.Said(codes={"return": each.id}, reason=NOT_RETAKEN)
            after = cases.step(work, case, CaseStatus.EXPIRED, kind="case.expired", said=said)
            sharing.close_to_invited(work, after)
            ending.end_of_case(work, after)
    return len(expired)


def list_to_retake(
    work: Work, *, after: str | None = None, limit: int = LONGEST_LIST
) -> list[tuple[Case, CaseReturn]]:
    """The acting institution's patients to be called back, the oldest case first."""
    found = store.list_to_retake(
        work.session,
        institution_id=work.actor.institution,
        seen=policy.seen_clause(work, ObjectType.CASE, CaseRow.id),
        after=after,
        limit=min(limit, LONGEST_LIST),
    )
    live = returns_of(work, [case.id for case in found])
    return [(case, live[case.id]) for case in found if case.id in live]


def count_to_retake(work: Work) -> int:
    """How many patients of the acting institution are to be called back."""
    return store.count_to_retake(work.session, institution_id=work.actor.institution)


def note_printed(work: Work, printed: Sequence[tuple[Case, CaseReturn]]) -> None:
    """Write down for each patient that her name and telephone went onto paper."""
    for case, back in printed:
        work.journal(case_entry(case, "case.retake_listed", codes={"return": back.id}))


def _check(wanted: Wanted, *, rules: ReturnRules, form: Form) -> None:
    if not wanted.items:
        raise NothingAskedError
    if len(wanted.items) > MOST_ITEMS:
        raise RefusedError("field-too-long", field="images", limit=MOST_ITEMS)
    if len(wanted.note.strip()) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="note", limit=LONGEST_REASON)
    known: dict[ItemKind, Collection[str]] = {
        ItemKind.IMAGE: rules.image_reasons,
        ItemKind.ANSWER: {question.key for question in form.questions},
        ItemKind.OTHER: rules.other_items,
    }
    seen = set()
    for item in wanted.items:
        field = _FIELDS[item.kind]
        if item.code not in known[item.kind] or not _has_place(item):
            raise RefusedError("field-not-a-choice", field=field)
        if (mark := (item.kind, item.place or item.code)) in seen:
            raise AskedTwiceError(field)
        seen.add(mark)


def _has_place(item: ReturnItem) -> bool:
    """Whether a photograph has its field, and an eye where one is due; other lines have neither."""
    if item.kind is not ItemKind.IMAGE:
        return item.field is None and item.eye is None
    return item.field is not None and (item.eye is not None or item.field in WITHOUT_EYE)


def _code_of(item: ReturnItem) -> str:
    if item.field is None:
        return f"{item.kind}:{item.code}"
    return f"{item.eye or 'none'}/{item.field}:{item.code}"


def _is_available(work: Work, case: Case, expert_id: PractitionerId) -> bool:
    if case.panel_id is None:
        return False
    panel = organisations.panel_in_use(work, case.panel_id)
    if expert_id not in panel.member_ids or not affiliations.holds_role(
        work,
        practitioner_id=expert_id,
        institution_id=panel.institution_id,
        role=Role.EXPERT,
    ):
        return False
    return leaves.find_present(work, expert_id, institution_id=panel.institution_id) is None


def _replace(work: Work, case: Case, live: CaseReturn) -> None:
    """Each photograph asked for that was taken again stands in the place of those before it."""
    found = store.confirmed_in(work.session, case.id)
    for place in live.slots:
        here = [each for each in found if each[2] == place]
        fresh = [each for each in here if each[3] > live.returned_at]
        if not fresh:
            continue
        newest = fresh[-1][0]
        for image_id, instance_id, _place, added_at in here:
            if added_at > live.returned_at:
                continue
            store.save_replaced(work.session, image_id, by=newest, at=work.now)
            codes = {"image": image_id, "replaced_by": newest, "return": live.id}
            work.journal(
                Entry(
                    "image.replaced",
                    "instance",
                    instance_id,
                    codes={**codes, "eye": place[0], "field": place[1]},
                    case_id=case.id,
                    patient_id=case.patient_id,
                )
            )
