"""A person's own ways: what reaches her outside the page, where, and when."""

from collections.abc import Collection

from consult.kernel.errors import FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.notices import store
from consult.notices.model import NoticeRules, NoticeState, Way, WayForm, problems_of
from consult.notices.tables import NoticeWayRow
from consult.people.organisations import service as organisations
from consult.people.organisations import zones

LONGEST_LIST = 100


def add_way(
    work: Work, *, form: WayForm, language: str, rules: NoticeRules, origins: Collection[str]
) -> str:
    """Tell the actor by one more way; raises FormRefusedError, and RefusedError at the most."""
    if problems := list(problems_of(form, rules=rules, origins=origins)):
        raise FormRefusedError(problems)
    if (
        len(store.list_rows(work.session, [work.actor.person], limit=LONGEST_LIST))
        >= rules.most_ways
    ):
        raise RefusedError("notice-ways-full", field="address", most=rules.most_ways)
    zone = organisations.get_institution(work, work.actor.institution).zone
    zones.keep_zone(work.session, zone)
    way_id = new_id()
    row = NoticeWayRow(
        id=way_id,
        person_id=work.actor.person,
        kind=form.kind,
        address=work.vault.seal(form.address, purpose=_purpose(way_id)),
        secret=work.vault.seal(form.secret, purpose=_purpose(way_id)) if form.secret else None,
        events=" ".join(sorted(form.events)),
        quiet_from=form.quiet_from,
        quiet_until=form.quiet_until,
        digest_at=" ".join(form.digests),
        zone=zone,
        language=language,
        added_at=work.now,
        tries=0,
        failure="",
    )
    store.save_way(work.session, row)
    codes = {"kind": form.kind, "events": row.events}
    work.journal(Entry("notice_way.added", "notice_way", way_id, codes=codes))
    return way_id


def remove_way(work: Work, *, way_id: str) -> None:
    """Tell the actor by this way no more; what waits there is not sent."""
    row = store.find_row(work.session, way_id)
    if row is None or row.person_id != work.actor.person:
        raise NotFoundError
    dropped = store.drop_waiting(work.session, way_id, at=work.now)
    gone = {"removed_at": work.now, "address": None, "secret": None, "failing_since": None}
    store.save_values(work.session, way_id, gone)
    codes = {"dropped": dropped}
    work.journal(Entry("notice_way.removed", "notice_way", way_id, codes=codes))


def list_own(work: Work) -> list[Way]:
    """The actor's ways."""
    found = store.list_rows(work.session, [work.actor.person], limit=LONGEST_LIST)
    return [opened(work, row) for row in found]


def list_failing(work: Work) -> list[tuple[Way, int, int]]:
    """The ways of everybody that do not work now, with what waits and what was given up.

    For administrators of the installation: addresses are left out.
    """
    rows = store.list_failing(work.session, limit=LONGEST_LIST)
    counts = store.count_states(work.session, [row.id for row in rows])
    return [
        (
            store.way_of(row, address=""),
            counts.get((row.id, NoticeState.WAITING), 0),
            counts.get((row.id, NoticeState.GIVEN_UP), 0),
        )
        for row in rows
    ]


def opened(work: Work, row: NoticeWayRow) -> Way:
    """A way with its address."""
    sealed = row.address
    address = "" if sealed is None else work.vault.open(sealed, purpose=_purpose(row.id))
    return store.way_of(row, address=address)


def secret_of(work: Work, row: NoticeWayRow) -> str:
    """With what a robot's messages are signed; empty where there is none."""
    return "" if row.secret is None else work.vault.open(row.secret, purpose=_purpose(row.id))


def _purpose(way_id: str) -> str:
    return f"notice_way:{way_id}"
