"""Sending what signed reports leave: what is wanted, what is due, and what became of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from consult.access.model import ObjectType
from consult.cases.model import Case
from consult.kernel.errors import ConflictError, NotFoundError
from consult.kernel.work import Entry, Work
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import Destination, DestinationForm
from consult.reports.dispatches import store
from consult.reports.dispatches.model import (
    ENDED_BADLY,
    Dispatch,
    DispatchRules,
    DispatchState,
    ObjectState,
    SentObject,
    Tried,
    after_try,
    begun_again,
    brings,
    wholly,
)
from consult.studies import service as studies
from consult.studies.model import Instance

MOST_LISTED = 50
_MOST_AGAIN = 500
_ACROSS = 500


def list_due(work: Work, *, without: Collection[str], limit: int, after: str = "") -> list[str]:
    """Destinations to which something may go now, but for those that are being served.

    They come in turn: those behind `after` first.
    """
    if limit < 1:
        return []
    found = store.list_due(work.session, now=work.now, after=after, limit=_ACROSS)
    may = (
        each
        for each in found
        if each not in without and destinations.find_open(work, each) is not None
    )
    return list(islice(may, limit))


def find_next(work: Work, destination_id: str) -> tuple[Destination, Dispatch, str] | None:
    """What goes there next, and the token that is shown there; None when nothing may go now."""
    destination = destinations.find_open(work, destination_id)
    if destination is None:
        return None
    rests_until = destination.line.rests_until
    if rests_until is not None and work.now < rests_until:
        return None
    dispatch = store.find_next(work.session, destination_id, now=work.now)
    if dispatch is None:
        return None
    return destination, dispatch, destinations.token_of(work, destination_id)


def list_to_send(work: Work, wanted: Sequence[SentObject]) -> list[Instance]:
    """The stored objects that the destination's institution may see, and that still hold."""
    found = []
    for each in wanted:
        try:
            found.append(studies.get_instance(work, each.instance_id))
        except NotFoundError:
            continue
    return found


def note_try(work: Work, *, dispatch_id: str, tried: Tried, rules: DispatchRules) -> None:
    """Keep what a try brought; what has arrived or has its end is written down.

    What arrives after an end, because somebody removed the destination meanwhile, is kept too.
    """
    before = store.find_dispatch(work.session, dispatch_id)
    destination = None if before is None else destinations.find_open(work, before.destination_id)
    if before is None or not (before.state is DispatchState.WAITING or brings(before, tried)):
        return
    after = after_try(before, tried, now=work.now, rules=rules)
    store.save_dispatch(work.session, after)
    if after.state is not before.state:
        work.journal(_entry(_KINDS[after.state], after))
    elif brings(before, tried):
        work.journal(_entry("report.sent_in_part", after))
    if destination is not None:
        _note_line(work, destination, tried, rules)


def note_broken(work: Work, *, destination_id: str, rules: DispatchRules) -> None:
    """Let a destination rest at which a courier stumbled for a reason of ours."""
    destination = destinations.find_open(work, destination_id)
    if destination is not None:
        _note_line(work, destination, Tried({}, "house-failed", was_reached=False), rules)


def _note_line(work: Work, destination: Destination, tried: Tried, rules: DispatchRules) -> None:
    """A destination that was not reached rests, longer each time; one that was is well."""
    line = destination.line
    if not tried.was_reached:
        tries = line.tries + 1
        line = replace(
            line,
            tries=tries,
            rests_until=work.now + rules.wait_after(tries),
            failing_since=line.failing_since or work.now,
            failure=tried.failure,
        )
    else:
        line = replace(line, tries=0, rests_until=None, failing_since=None, failure="")
        if any(each.state is ObjectState.SENT for each in tried.objects.values()):
            line = replace(line, sent_at=work.now)
    destinations.note_line(work, destination, line)


def change_destination(
    work: Work, *, destination_id: str, form: DestinationForm, revision: int
) -> Destination:
    """Change a destination; what waits for it is tried at once."""
    changed = destinations.change_destination(
        work, destination_id=destination_id, form=form, revision=revision
    )
    store.save_hurry(work.session, destination_id, now=work.now)
    return changed


def remove_destination(work: Work, *, destination_id: str, revision: int) -> None:
    """Send nothing there any more; what waits has its end, and the case's page tells it."""
    destinations.get_destination(work, destination_id)
    waiting = store.save_ended(
        work.session, destination_id, now=work.now, failure="destination-removed"
    )
    destinations.remove_destination(
        work, destination_id=destination_id, revision=revision, waiting=waiting
    )


def note_line_tried(work: Work, *, destination_id: str, outcome: str, works: bool) -> None:
    """An administrator tried the line; where it works, what waits is tried at once."""
    destinations.note_tried(work, destination_id=destination_id, outcome=outcome, works=works)
    if works:
        store.save_hurry(work.session, destination_id, now=work.now)


def send_again(work: Work, *, destination_id: str, dispatch_id: str | None = None) -> int:
    """Try at once what has not arrived, whatever became of it before; how many dispatches.

    Later versions that have arrived go again behind it: a report never comes last that another
    has taken back. Raises NotFoundError, and ConflictError for one that has arrived meanwhile.
    """
    destination = destinations.get_destination(work, destination_id)
    waiting = store.list_unsettled(work.session, destination_id, limit=_MOST_AGAIN)
    chosen = [each for each in waiting if dispatch_id in {None, each.id}]
    if dispatch_id is not None and not chosen:
        raise ConflictError("dispatch-settled")
    later = {one.id: one for each in chosen for one in store.list_later(work.session, each)}
    behind = [replace(one, objects=wholly(one.objects)) for one in later.values()]
    for each in (*chosen, *behind):
        store.save_dispatch(work.session, begun_again(each, now=work.now))
        work.journal(_entry("report.sent_again", each))
    destinations.note_line(work, destination, replace(destination.line, tries=0, rests_until=None))
    return len(chosen)


def list_unsettled(work: Work, destination_id: str) -> list[Dispatch]:
    """What has not arrived there, the newest first; the caller has the destination."""
    states = {DispatchState.WAITING, *ENDED_BADLY}
    return list(store.list_of_destination(work.session, destination_id, states, limit=MOST_LISTED))


def list_sent(work: Work, destination_id: str, *, limit: int) -> list[Dispatch]:
    """What has arrived there, the newest first; the caller has the destination."""
    return list(
        store.list_of_destination(work.session, destination_id, {DispatchState.SENT}, limit=limit)
    )


def count_states(
    work: Work, destination_ids: Collection[str]
) -> Mapping[tuple[str, DispatchState], int]:
    """How many dispatches of each destination are in each state; the caller has listed them."""
    return store.count_states(work.session, destination_ids)


def list_troubled(work: Work) -> list[str]:
    """The names of destinations within reach that were not reached or refused something."""
    found = destinations.list_destinations(work)
    counts = store.count_states(work.session, [each.id for each in found])
    return [
        each.name
        for each in found
        if each.line.failing_since is not None
        or any(counts.get((each.id, state)) for state in ENDED_BADLY)
    ]


def list_of_case(work: Work, case: Case, versions: Collection[str]) -> list[Dispatch]:
    """What of these versions goes to systems of the case's institution, for its own people."""
    if work.actor.institution_id != case.institution_id:
        return []
    return [
        each for each in store.list_of_case(work.session, case.id) if each.report_id in versions
    ]


_KINDS: Mapping[DispatchState, str] = {
    DispatchState.SENT: "report.sent_out",
    DispatchState.REFUSED: "report.sending_refused",
    DispatchState.GIVEN_UP: "report.sending_given_up",
}


def _entry(kind: str, dispatch: Dispatch) -> Entry:
    refused = sorted({each.code for each in dispatch.objects if each.state is ObjectState.REFUSED})
    return Entry(
        kind,
        ObjectType.REPORT,
        dispatch.report_id,
        codes={
            "version": dispatch.version,
            "destination": dispatch.destination_id,
            "objects": len(dispatch.objects),
            "arrived": sum(each.state is ObjectState.SENT for each in dispatch.objects),
            "failure": ",".join(refused) or dispatch.failure,
        },
        case_id=dispatch.case_id,
        patient_id=dispatch.patient_id,
    )
