"""Where reports are sent, as an administrator sees it: what goes, what waits, what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import Destination
from consult.reports.dispatches import service as dispatches
from consult.reports.dispatches.model import Dispatch, DispatchState, ObjectState
from consult.reports.objects.model import ObjectKind
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue

_SENT_SHOWN: Final = 10
_KINDS: Final = {
    "1.2.840.10008.5.1.4.1.1.104.1": ObjectKind.PAPER,
    "1.2.840.10008.5.1.4.1.1.88.33": ObjectKind.MEASURED,
    "1.2.840.10008.5.1.4.1.1.88.59": ObjectKind.SELECTED,
    "1.2.840.10008.5.1.4.1.1.11.1": ObjectKind.PRESENTED,
    "1.2.840.10008.5.1.4.1.1.11.2": ObjectKind.PRESENTED,
}


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why something did not go: a word of config/terms/dispatch.toml, and a number or kinds."""

    code: str
    detail: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DestinationRowView:
    """One line of the list."""

    id: str
    name: str
    institution: str
    way: str
    place: str
    state: str
    sent_at: datetime | None
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class DestinationsPage:
    """The list; objects go by C-STORE only where the DICOM network is open."""

    rows: tuple[DestinationRowView, ...]
    institutions: tuple[Option, ...]
    title: str
    has_network: bool


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object of a dispatch."""

    kind: str
    state: str
    reason: ReasonView | None


@dataclass(frozen=True, slots=True)
class DispatchView:
    """One version in one study."""

    id: str
    study_uid: str
    version: int
    state: str
    wanted_at: datetime
    settled_at: datetime | None
    next_at: datetime | None
    tries: int
    reason: ReasonView | None
    objects: tuple[ObjectView, ...]


@dataclass(frozen=True, slots=True)
class DestinationPage:
    """One destination with its form, how its line is, and what did not arrive."""

    id: str
    revision: int
    name: str
    institution: str
    way: str
    scope: str
    url: str
    has_token: bool
    authority: str
    host: str
    port: int
    called: str
    calling: str
    over_tls: bool
    certificate: str
    is_on: bool
    title: str
    has_network: bool
    state: str
    sent_at: datetime | None
    failing_since: datetime | None
    rests_until: datetime | None
    failure: ReasonView | None
    tried_at: datetime | None
    tried: ReasonView | None
    waiting: int
    refused: int
    sent: int
    unsettled: tuple[DispatchView, ...]
    arrived: tuple[DispatchView, ...]


def make_destinations(
    work: Work, *, tongue: str, title: str, has_network: bool
) -> DestinationsPage:
    """All within reach."""
    known = organisations.list_institutions(work)
    names = {each.id: in_tongue(tongue, each.name, each.name_en) for each in known}
    found = destinations.list_destinations(work)
    counts = dispatches.count_states(work, [each.id for each in found])
    rows = (
        DestinationRowView(
            id=each.id,
            name=each.name,
            institution=names.get(each.institution_id, ""),
            way=each.way.value,
            place=_place(each),
            state=_state(each),
            sent_at=each.line.sent_at,
            waiting=counts.get((each.id, DispatchState.WAITING), 0),
            refused=counts.get((each.id, DispatchState.REFUSED), 0)
            + counts.get((each.id, DispatchState.GIVEN_UP), 0),
        )
        for each in found
    )
    return DestinationsPage(
        rows=tuple(rows),
        institutions=options_of(tongue, [each for each in known if each.stopped_at is None]),
        title=title,
        has_network=has_network,
    )


def make_destination(
    work: Work, *, destination_id: str, tongue: str, title: str, has_network: bool
) -> DestinationPage:
    """One within reach."""
    found = destinations.get_destination(work, destination_id)
    institution = organisations.get_institution(work, found.institution_id)
    counts = dispatches.count_states(work, [found.id])
    line = found.line
    return DestinationPage(
        id=found.id,
        revision=found.revision,
        name=found.name,
        institution=in_tongue(tongue, institution.name, institution.name_en),
        way=found.way.value,
        scope=found.scope.value,
        url=found.url,
        has_token=found.has_token,
        authority=found.authority,
        host=found.host,
        port=found.port,
        called=found.called,
        calling=found.calling,
        over_tls=found.over_tls,
        certificate=found.certificate,
        is_on=found.is_on,
        title=title,
        has_network=has_network,
        state=_state(found),
        sent_at=line.sent_at,
        failing_since=line.failing_since,
        rests_until=line.rests_until,
        failure=reason_of(line.failure),
        tried_at=line.tried_at,
        tried=reason_of(line.tried),
        waiting=counts.get((found.id, DispatchState.WAITING), 0),
        refused=counts.get((found.id, DispatchState.REFUSED), 0)
        + counts.get((found.id, DispatchState.GIVEN_UP), 0),
        sent=counts.get((found.id, DispatchState.SENT), 0),
        unsettled=_views(dispatches.list_unsettled(work, found.id)),
        arrived=_views(dispatches.list_sent(work, found.id, limit=_SENT_SHOWN)),
    )


def reason_of(told: str) -> ReasonView | None:
    """A kept reason, `code` or `code:detail`; None where nothing is wrong."""
    if not told:
        return None
    code, _, detail = told.partition(":")
    kinds = [_KINDS[uid].value for uid in detail.split() if uid in _KINDS]
    return ReasonView(code, "" if kinds else detail, tuple(dict.fromkeys(kinds)))


def _views(found: Sequence[Dispatch]) -> tuple[DispatchView, ...]:
    return tuple(
        DispatchView(
            id=each.id,
            study_uid=each.study_uid,
            version=each.version,
            state=each.state.value,
            wanted_at=each.wanted_at,
            settled_at=each.settled_at,
            next_at=each.next_at if each.state is DispatchState.WAITING and each.tries else None,
            tries=each.tries,
            reason=reason_of(each.failure),
            objects=tuple(
                ObjectView(
                    one.kind.value,
                    one.state.value,
                    reason_of(one.code) if one.state is not ObjectState.WAITING else None,
                )
                for one in each.objects
            ),
        )
        for each in found
    )


def _place(destination: Destination) -> str:
    return destination.url or f"{destination.called}@{destination.host}:{destination.port}"


def _state(destination: Destination) -> str:
    """`off`, `failing`, `well`, or `new` where nothing was sent yet."""
    if not destination.is_on:
        return "off"
    if destination.line.failing_since is not None:
        return "failing"
    return "new" if destination.line.sent_at is None else "well"
