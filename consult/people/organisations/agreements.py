"""Cooperation agreements: written, signed once nothing is missing, ended."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import AgreementId, ConsortiumId, InstitutionId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import agreement_store, consortia, scope, store
from consult.people.organisations.errors import (
    AgreementClashError,
    AgreementSignedError,
    StaleError,
)
from consult.people.organisations.model import Agreement
from consult.people.organisations.service import today_at
from consult.people.organisations.tables import AgreementRow


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement says; text may still be missing, and then no case can be sent under it."""

    services: frozenset[str]
    fee_rule: str
    liability: str
    valid_from: date
    valid_until: date


def add_agreement(
    work: Work, *, consortium_id: str, inviting_id: str, invited_id: str, terms: Terms
) -> Agreement:
    """Write an agreement between two members of a consortium; complete, it is signed at once."""
    consortia.get_consortium(work, consortium_id)
    consortia.require_member(work, consortium_id, inviting_id, field="inviting_id")
    consortia.require_member(work, consortium_id, invited_id, field="invited_id")
    if inviting_id == invited_id:
        raise RefusedError("agreement-one-party", field="invited_id")
    store.lock_consortium(work.session, consortium_id)
    agreement = _sign_if_complete(
        work,
        Agreement(
            id=AgreementId(new_id()),
            consortium_id=ConsortiumId(consortium_id),
            inviting_id=InstitutionId(inviting_id),
            invited_id=InstitutionId(invited_id),
            services=terms.services,
            fee_rule=terms.fee_rule,
            liability=terms.liability,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            signed_on=None,
            revision=1,
        ),
    )
    _check(work, agreement)
    agreement_store.save_agreement(work.session, _row(work, agreement), agreement.services)
    access.keep(
        work,
        Ref(ObjectType.AGREEMENT, agreement.id),
        custodian=(Party.CONSORTIUM, consortium_id),
    )
    _journal(work, agreement)
    return agreement


def complete_agreement(work: Work, *, agreement_id: str, revision: int, terms: Terms) -> Agreement:
    """Write what an unsigned agreement still lacks; complete, it is signed."""
    before = get_agreement(work, agreement_id)
    if before.signed_on is not None:
        raise AgreementSignedError
    if before.revision != revision:
        raise StaleError
    store.lock_consortium(work.session, before.consortium_id)
    after = _sign_if_complete(
        work,
        replace(
            before,
            services=terms.services,
            fee_rule=terms.fee_rule,
            liability=terms.liability,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
        ),
    )
    _check(work, after)
    agreement_store.save_change(work.session, before, after)
    _journal(work, after)
    return replace(after, revision=revision + 1)


def end_agreement(work: Work, *, agreement_id: str, revision: int) -> None:
    """Let an agreement end with this day; one that has not begun never holds."""
    before = get_agreement(work, agreement_id)
    if before.revision != revision:
        raise StaleError
    today = today_at(work, before.inviting_id)
    last_day = today if before.valid_from <= today else before.valid_from - timedelta(days=1)
    if before.valid_until <= last_day:
        raise StaleError
    agreement_store.save_change(work.session, before, replace(before, valid_until=last_day))
    work.journal(
        Entry(
            "agreement.ended",
            ObjectType.AGREEMENT,
            agreement_id,
            codes={"valid_until": last_day.isoformat()},
        )
    )


def get_agreement(work: Work, agreement_id: str) -> Agreement:
    """One agreement within the administrator's reach."""
    scope.require(work, ObjectType.AGREEMENT, agreement_id)
    agreement = agreement_store.find_agreement(work.session, agreement_id)
    if agreement is None:
        raise NotFoundError
    return agreement


def list_agreements(work: Work) -> list[Agreement]:
    """The agreements that the actor may see."""
    return agreement_store.list_agreements(work.session, scope.visible(work, ObjectType.AGREEMENT))


def _sign_if_complete(work: Work, agreement: Agreement) -> Agreement:
    if agreement.missing() is not None:
        return agreement
    return replace(agreement, signed_on=today_at(work, agreement.inviting_id))


def _check(work: Work, agreement: Agreement) -> None:
    if agreement.is_void:
        raise RefusedError("dates-reversed", field="valid_until")
    for other in agreement_store.list_between(
        work.session,
        inviting_id=agreement.inviting_id,
        invited_id=agreement.invited_id,
        on_or_after=agreement.valid_from,
    ):
        if agreement.clashes_with(other):
            raise AgreementClashError(other.id)


def _row(work: Work, agreement: Agreement) -> AgreementRow:
    return AgreementRow(
        id=agreement.id,
        consortium_id=agreement.consortium_id,
        inviting_id=agreement.inviting_id,
        invited_id=agreement.invited_id,
        fee_rule=agreement.fee_rule,
        liability=agreement.liability,
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        signed_on=agreement.signed_on,
        added_at=work.now,
        revision=1,
    )


def _journal(work: Work, agreement: Agreement) -> None:
    kind = "agreement.written" if agreement.signed_on is None else "agreement.signed"
    work.journal(
        Entry(
            kind,
            ObjectType.AGREEMENT,
            agreement.id,
            codes={
                "consortium": agreement.consortium_id,
                "inviting": agreement.inviting_id,
                "invited": agreement.invited_id,
                "services": " ".join(sorted(agreement.services)),
                "valid_from": agreement.valid_from.isoformat(),
                "valid_until": agreement.valid_until.isoformat(),
            },
            words={"fee_rule": agreement.fee_rule, "liability": agreement.liability},
        )
    )
