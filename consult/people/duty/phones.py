"""The duty telephones of an institution: called by day, by night, or at any hour (RPT-08)."""

from typing import Final

from consult.access.model import ObjectType
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import phone_store
from consult.people.duty.errors import PhonesFullError
from consult.people.duty.phone_model import DutyPhone, DutySpan, in_order, is_day
from consult.people.duty.tables import DutyPhoneRow
from consult.people.organisations import scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution

MOST_PHONES: Final = 20


def phones_now(work: Work, institution: Institution) -> list[DutyPhone]:
    """The numbers that are answered now; the institution's own where none is entered for now."""
    found = phone_store.list_phones(work.session, institution.id, limit=MOST_PHONES)
    called = in_order(found, by_day=is_day(work.now, zone=institution.zone))
    if called or not institution.phone:
        return called
    return [DutyPhone("", institution.id, "", institution.phone, DutySpan.ALWAYS)]


def phones_text(work: Work, institution: Institution) -> str:
    """The same in one line: each number behind the name of who answers it."""
    found = phones_now(work, institution)
    return "; ".join(f"{each.who} {each.phone}".strip() for each in found)


def list_phones(work: Work, institution_id: str) -> list[DutyPhone]:
    """Every number of an institution, for whoever keeps them."""
    _require_keeper(work, institution_id)
    return phone_store.list_phones(work.session, institution_id, limit=MOST_PHONES)


def add_phone(
    work: Work, *, institution_id: str, who: str, phone: str, span: DutySpan
) -> DutyPhone:
    """Enter a number; raises PhonesFullError."""
    _require_keeper(work, institution_id)
    known = phone_store.list_phones(work.session, institution_id, limit=MOST_PHONES)
    if len(known) >= MOST_PHONES:
        raise PhonesFullError(MOST_PHONES)
    row = DutyPhoneRow(
        id=new_id(),
        institution_id=institution_id,
        who=who,
        phone=phone,
        span=span,
        added_at=work.now,
    )
    made = phone_store.save_phone(work.session, row)
    _journal(work, made, "duty_phone.added")
    return made


def end_phone(work: Work, *, phone_id: str) -> InstitutionId:
    """Nobody answers this number any more; says whose it was."""
    found = phone_store.find_phone(work.session, phone_id)
    if found is None:
        raise NotFoundError
    _require_keeper(work, found.institution_id)
    phone_store.save_end(work.session, phone_id, at=work.now)
    _journal(work, found, "duty_phone.ended")
    return found.institution_id


def _require_keeper(work: Work, institution_id: str) -> None:
    """One's own institution, or as an administrator those within reach."""
    if institution_id == work.actor.institution_id:
        return
    if not work.actor.roles & {Role.ADMINISTRATOR, Role.CONSORTIUM_ADMINISTRATOR}:
        raise NotFoundError
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    organisations.get_institution(work, institution_id)


def _journal(work: Work, phone: DutyPhone, kind: str) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.INSTITUTION,
            phone.institution_id,
            codes={"duty_phone": phone.id, "span": phone.span},
            words={"who": phone.who, "phone": phone.phone},
        )
    )
