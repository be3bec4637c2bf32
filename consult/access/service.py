"""Giving and ending access: each grant says why."""

from datetime import datetime

from consult.access import store
from consult.access.model import ObjectType, Party, Ref
from consult.access.tables import GrantRow
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work


def keep(work: Work, ref: Ref, *, custodian: tuple[Party, str]) -> None:
    """Write who holds a new object."""
    store.save_custody(work.session, ref, custodian)


def is_kept(work: Work, ref: Ref) -> bool:
    """Whether an object of this id is or was held by somebody; says nothing of whom."""
    return store.find_custodian(work.session, ref) is not None


def grant(
    work: Work, ref: Ref, *, to: tuple[Party, str], why: str, until: datetime | None = None
) -> None:
    """Open an object to somebody, with the reason, and write it in the journal."""
    row = GrantRow(
        id=new_id(),
        object_type=ref.type,
        object_id=ref.id,
        grantee_type=to[0],
        grantee_id=to[1],
        why=why,
        granted_at=work.now,
        until=until,
    )
    store.save_grant(work.session, row)
    work.journal(
        Entry("access.granted", ref.type, ref.id, codes={"to": to[1], "party": to[0], "why": why})
    )


def grant_alike(work: Work, ref: Ref, *, like: Ref, besides: str) -> None:
    """Open an object to whoever sees another now, for the same reasons but one, and as long."""
    for row in store.list_grants(work.session, like, now=work.now):
        if row.why != besides:
            to = (row.grantee_type, row.grantee_id)
            grant(work, ref, to=to, why=row.why, until=row.until)


def end_grants(work: Work, ref: Ref, *, why: str) -> None:
    """End the grants that were given for this reason."""
    store.end_grants(work.session, ref, why=why, now=work.now)
    work.journal(Entry("access.ended", ref.type, ref.id, codes={"why": why}))


def end_alike(work: Work, ref: Ref, *, like: Ref) -> None:
    """End the grants of an object for whatever reason another is open to institutions now."""
    found = store.list_grants(work.session, like, now=work.now)
    for why in sorted({row.why for row in found if row.grantee_type is not Party.EMERGENCY}):
        end_grants(work, ref, why=why)


def find_personal(work: Work, ref: Ref, *, until: datetime) -> bool:
    """Whether the object is open to the acting person herself until then at least."""
    return any(
        (row.grantee_type, row.grantee_id) == (Party.PRACTITIONER, work.actor.practitioner_id)
        and row.until is not None
        and row.until >= until
        for row in store.list_grants(work.session, ref, now=work.now)
    )


def end_personal(work: Work, ref: Ref) -> None:
    """End the grants of an object to single persons, but for emergencies."""
    found = store.list_grants(work.session, ref, now=work.now)
    reasons = {row.why for row in found if row.grantee_type is Party.PRACTITIONER}
    for why in sorted(reasons):
        store.end_grants(work.session, ref, why=why, now=work.now)
        work.journal(Entry("access.ended", ref.type, ref.id, codes={"why": why}))


def end_every_grant(work: Work, about: Ref, *, why: str) -> None:
    """End all grants that were given for this reason, whatever they open."""
    store.end_every_grant(work.session, why=why, now=work.now)
    work.journal(Entry("access.ended", about.type, about.id, codes={"why": why}))


def end_sharing(work: Work, about: Ref, *, why: str, keeping: frozenset[ObjectType]) -> None:
    """End every grant of every reason for which an institution sees this object now.

    `why` ends altogether; what other reasons give on the types in `keeping` stays until they end.
    Emergencies have a ground and a limit of their own.
    """
    end_every_grant(work, about, why=why)
    found = store.list_grants(work.session, about, now=work.now)
    for other in sorted({row.why for row in found if row.grantee_type is not Party.EMERGENCY}):
        store.end_every_grant(work.session, why=other, now=work.now, besides=keeping)
        codes = {"why": other, "kept": " ".join(sorted(keeping))}
        work.journal(Entry("access.ended", about.type, about.id, codes=codes))
