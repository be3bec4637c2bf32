"""Where an institution's reports are sent by themselves: nowhere until an administrator says."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.reports.destinations import store
from consult.reports.destinations.errors import DestinationNotFoundError
from consult.reports.destinations.model import (
    Destination,
    DestinationForm,
    DispatchWay,
    Line,
    problems_of,
)
from consult.reports.destinations.tables import DestinationRow


def add_destination(work: Work, *, form: DestinationForm, most: int) -> Destination:
    """Send what reports leave there from now on, for an institution within reach.

    Raises FormRefusedError, NotFoundError for a foreign institution, and RefusedError where one no
    longer takes part or has `most` already.
    """
    _check(form)
    if form.institution_id not in _reach(work):
        raise NotFoundError
    if organisations.get_institution(work, form.institution_id).stopped_at is not None:
        raise RefusedError("institution-stopped", field="institution_id")
    if store.count_destinations(work.session, form.institution_id) >= most:
        raise RefusedError("destinations-full", field="institution_id", most=most)
    destination_id = new_id()
    row = DestinationRow(
        id=destination_id,
        institution_id=form.institution_id,
        added_at=work.now,
        revision=1,
        tries=0,
        failure="",
        tried="",
        token=_sealed(work, destination_id, form),
        **_values(form),
    )
    store.save_destination(work.session, row)
    _journal(work, "destination.added", get_destination(work, destination_id))
    return get_destination(work, destination_id)


def change_destination(
    work: Work, *, destination_id: str, form: DestinationForm, revision: int
) -> Destination:
    """Change where or what is sent; the destination rests no longer.

    A token is never shown to another address than that for which it was typed. Raises
    FormRefusedError and DestinationChangedError.
    """
    before = get_destination(work, destination_id)
    form = replace(form, institution_id=before.institution_id, way=before.way)
    _check(form)
    values = _values(form)
    if form.token or values["url"] != before.url:
        values["token"] = _sealed(work, destination_id, form)
    store.save_changed(work.session, destination_id, values, revision=revision)
    rested = replace(before.line, tries=0, rests_until=None, tried_at=None, tried="")
    store.save_line(work.session, destination_id, rested)
    after = get_destination(work, destination_id)
    _journal(work, "destination.changed", after)
    return after


def remove_destination(work: Work, *, destination_id: str, revision: int, waiting: int) -> None:
    """Send nothing there any more, where so many dispatches waited; what has gone stays there.

    Raises DestinationChangedError.
    """
    destination = get_destination(work, destination_id)
    gone = {"removed_at": work.now, "token": None, "is_on": False}
    store.save_changed(work.session, destination_id, gone, revision=revision)
    _journal(work, "destination.removed", destination, waiting=waiting)


def get_destination(work: Work, destination_id: str) -> Destination:
    """One that is within the administrator's reach; raises DestinationNotFoundError."""
    found = store.find_destination(work.session, destination_id)
    if found is None or found.institution_id not in _reach(work):
        raise DestinationNotFoundError
    return found


def list_destinations(work: Work) -> list[Destination]:
    """All within the administrator's reach."""
    return list(store.list_destinations(work.session, _reach(work)))


def list_open(work: Work, *, institution_id: str) -> list[Destination]:
    """Where what reports leave with an institution goes; nowhere once it takes part no more."""
    if organisations.get_institution(work, institution_id).stopped_at is not None:
        return []
    return [each for each in store.list_destinations(work.session, [institution_id]) if each.is_on]


def find_open(work: Work, destination_id: str) -> Destination | None:
    """The destination, while something may be sent there."""
    found = store.find_destination(work.session, destination_id)
    if found is None or not found.is_on:
        return None
    institution = organisations.get_institution(work, found.institution_id)
    return found if institution.stopped_at is None else None


def names_of(work: Work, destination_ids: Collection[str]) -> Mapping[str, str]:
    """What destinations are called, for a page that has asked policy about what went there."""
    return store.names_of(work.session, destination_ids)


def token_of(work: Work, destination_id: str) -> str:
    """The token that is shown there; empty where there is none."""
    sealed = store.find_token(work.session, destination_id)
    return "" if sealed is None else work.vault.open(sealed, purpose=_purpose(destination_id))


def note_line(work: Work, destination: Destination, line: Line) -> None:
    """Keep how it goes with the connection."""
    store.save_line(work.session, destination.id, line)


def note_tried(work: Work, *, destination_id: str, outcome: str, works: bool) -> None:
    """Keep what a try of the line found; a destination that works rests no longer."""
    destination = get_destination(work, destination_id)
    line = replace(destination.line, tried_at=work.now, tried=outcome)
    if works:
        line = replace(line, tries=0, rests_until=None, failing_since=None, failure="")
    store.save_line(work.session, destination_id, line)
    codes: dict[str, str | int | None] = {"outcome": outcome}
    work.journal(Entry("destination.tried", "destination", destination_id, codes=codes))


def _check(form: DestinationForm) -> None:
    problems = problems_of(form)
    if problems:
        raise FormRefusedError(problems)


def _values(form: DestinationForm) -> dict[str, Any]:
    """What of the form is kept: of each way its own fields alone."""
    is_web = form.way is DispatchWay.STOW
    return {
        "name": form.name,
        "way": form.way,
        "scope": form.scope,
        "is_on": form.is_on,
        "url": form.url.rstrip("/") if is_web else "",
        "authority": form.authority if is_web else "",
        "host": "" if is_web else form.host,
        "port": 0 if is_web else form.port or 0,
        "called": "" if is_web else form.called,
        "calling": "" if is_web else form.calling,
        "over_tls": False if is_web else form.over_tls,
        "certificate": "" if is_web else form.certificate,
    }


def _sealed(work: Work, destination_id: str, form: DestinationForm) -> bytes | None:
    if form.way is not DispatchWay.STOW or not form.token:
        return None
    return work.vault.seal(form.token, purpose=_purpose(destination_id))


def _purpose(destination_id: str) -> str:
    return f"token of destination {destination_id}"


def _reach(work: Work) -> frozenset[str]:
    return frozenset(each.id for each in organisations.list_institutions(work))


def _journal(work: Work, kind: str, destination: Destination, **more: int) -> None:
    """Where it was, and never with which token."""
    place = destination.url or f"{destination.host}:{destination.port}"
    work.journal(
        Entry(
            kind,
            "destination",
            destination.id,
            codes={
                "institution": destination.institution_id,
                "way": destination.way.value,
                "scope": destination.scope.value,
                "title": destination.called,
                "is_on": int(destination.is_on),
                "revision": destination.revision,
                **more,
            },
            words={"name": destination.name, "place": place},
        )
    )
