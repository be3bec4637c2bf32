"""What the administrator sees of agreements."""

from dataclasses import dataclass
from datetime import date

from consult.kernel.work import Work
from consult.people.organisations import agreements, consortia
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Agreement, Institution
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement: parties, services, dates, and what it still lacks."""

    id: str
    inviting: str
    invited: str
    services: tuple[str, ...]
    fee_rule: str
    liability: str
    valid_from: date
    valid_until: date
    signed_on: date | None
    state: str
    missing: str | None
    revision: int

    @property
    def can_end(self) -> bool:
        """Whether there is still something to end."""
        return self.state in {"valid", "future"}


@dataclass(frozen=True, slots=True)
class AgreementsPage:
    """The list; where a consortium is chosen, the parties for a new agreement."""

    rows: tuple[AgreementRow, ...]
    consortia: tuple[Option, ...]
    chosen: str
    members: tuple[Option, ...]
    today: date


def make_agreements(work: Work, *, tongue: str, chosen: str | None) -> AgreementsPage:
    """The agreements within reach."""
    written = agreements.list_agreements(work)
    parties = organisations.institutions_by_id(
        work,
        {each.inviting_id for each in written} | {each.invited_id for each in written},
    )
    options = options_of(tongue, consortia.list_consortia(work))
    known = {code for code, _ in options}
    if chosen not in known:
        chosen = options[0][0] if len(options) == 1 else ""
    members = consortia.list_members(work, chosen) if chosen else []
    return AgreementsPage(
        rows=tuple(_row(work, tongue, each, parties) for each in written),
        consortia=options,
        chosen=chosen,
        members=options_of(tongue, [member.institution for member in members]),
        today=organisations.today_at(work, work.actor.institution),
    )


def make_agreement(work: Work, *, tongue: str, agreement_id: str) -> AgreementRow:
    """One agreement."""
    agreement = agreements.get_agreement(work, agreement_id)
    parties = organisations.institutions_by_id(work, {agreement.inviting_id, agreement.invited_id})
    return _row(work, tongue, agreement, parties)


def _row(
    work: Work, tongue: str, agreement: Agreement, parties: dict[str, Institution]
) -> AgreementRow:
    inviting, invited = parties[agreement.inviting_id], parties[agreement.invited_id]
    today = inviting.local_day(work.now)
    return AgreementRow(
        id=agreement.id,
        inviting=in_tongue(tongue, inviting.name, inviting.name_en),
        invited=in_tongue(tongue, invited.name, invited.name_en),
        services=tuple(sorted(agreement.services)),
        fee_rule=agreement.fee_rule,
        liability=agreement.liability,
        valid_from=agreement.valid_from,
        valid_until=agreement.valid_until,
        signed_on=agreement.signed_on,
        state=_state(agreement, today),
        missing=agreement.missing(),
        revision=agreement.revision,
    )


def _state(agreement: Agreement, today: date) -> str:
    if agreement.valid_until < today or agreement.is_void:
        return "expired"
    if agreement.signed_on is None:
        return "incomplete"
    return "future" if today < agreement.valid_from else "valid"
