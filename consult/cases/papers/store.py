"""The only SQL of links for telephones and of the photographs that come by them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from consult.cases.papers.model import PaperKind, PaperLink, PaperRow, Sent
from consult.cases.papers.tables import CasePaperRow, PaperLinkRow, SentPaperRow
from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId

MOST_LINKS = 50


def save_link(session: Session, link: PaperLink, *, token_hash: str) -> None:
    """Write a new link."""
    row = PaperLinkRow(
        id=link.id,
        case_id=link.case_id,
        institution_id=link.institution_id,
        made_by=link.made_by,
        made_at=link.made_at,
        expires_at=link.expires_at,
        token_hash=token_hash,
        taken=link.taken,
    )
    session.add(row)
    session.flush()


def find_by_token(session: Session, token_hash: str) -> PaperLink | None:
    """The link that a token opens."""
    return _find_link(session, PaperLinkRow.token_hash == token_hash)


def find_by_session(session: Session, session_hash: str) -> PaperLink | None:
    """The link that the telephone with this cookie used up."""
    return _find_link(session, PaperLinkRow.session_hash == session_hash)


def find_link(session: Session, link_id: str) -> PaperLink | None:
    """One link by its id."""
    return _find_link(session, PaperLinkRow.id == link_id)


def list_open_links(session: Session, case_id: str) -> list[PaperLink]:
    """The links of a case that nobody took back, the newest first; some may be out of time."""
    statement = (
        select(PaperLinkRow)
        .where(PaperLinkRow.case_id == case_id, PaperLinkRow.ended_at.is_(None))
        .order_by(PaperLinkRow.id.desc())
        .limit(MOST_LINKS)
    )
    return [_link(row) for row in session.scalars(statement)]


def use_up(session: Session, link_id: str, *, session_hash: str, at: datetime) -> bool:
    """Write by which telephone it was used; False where it was before, or opens no more."""
    used = session.scalar(
        update(PaperLinkRow)
        .where(
            PaperLinkRow.id == link_id,
            PaperLinkRow.used_at.is_(None),
            PaperLinkRow.ended_at.is_(None),
            PaperLinkRow.expires_at > at,
        )
        .values(used_at=at, session_hash=session_hash)
        .returning(PaperLinkRow.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return used is not None


def end_link(session: Session, link_id: str, *, at: datetime) -> bool:
    """Write that it is over; False where it was."""
    ended = session.scalar(
        update(PaperLinkRow)
        .where(PaperLinkRow.id == link_id, PaperLinkRow.ended_at.is_(None))
        .values(ended_at=at)
        .returning(PaperLinkRow.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return ended is not None


def count_photograph(session: Session, link_id: str, *, most: int) -> bool:
    """Spend one photograph of a link; False where all are spent."""
    spent = session.scalar(
        update(PaperLinkRow)
        .where(PaperLinkRow.id == link_id, PaperLinkRow.taken < most)
        .values(taken=PaperLinkRow.taken + 1)
        .returning(PaperLinkRow.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return spent is not None


def save_sent(session: Session, sent: Sent) -> None:
    """Write that an upload is a photograph of a paper."""
    row = SentPaperRow(
        upload_id=sent.upload_id,
        case_id=sent.case_id,
        kind=sent.kind,
        link_id=sent.link_id,
        sent_at=sent.sent_at,
    )
    session.add(row)
    session.flush()


def find_sent(session: Session, upload_id: str) -> Sent | None:
    """What an upload is a photograph of; None for every other upload."""
    row = session.get(SentPaperRow, upload_id)
    return None if row is None else _sent(row)


def list_sent(session: Session, *, link_id: str, limit: int) -> list[Sent]:
    """What came by a link, in the order in which it came."""
    statement = (
        select(SentPaperRow)
        .where(SentPaperRow.link_id == link_id)
        .order_by(SentPaperRow.sent_at, SentPaperRow.upload_id)
        .limit(limit)
    )
    return [_sent(row) for row in session.scalars(statement)]


def list_sent_of_case(session: Session, case_id: str, *, since: datetime, limit: int) -> list[Sent]:
    """What was sent for a case since then, the newest first."""
    statement = (
        select(SentPaperRow)
        .where(SentPaperRow.case_id == case_id, SentPaperRow.sent_at >= since)
        .order_by(SentPaperRow.sent_at.desc(), SentPaperRow.upload_id)
        .limit(limit)
    )
    return [_sent(row) for row in session.scalars(statement)]


def save_paper(session: Session, paper: PaperRow) -> None:
    """Write a photographed consent."""
    row = CasePaperRow(
        id=paper.id,
        case_id=paper.case_id,
        patient_id=paper.patient_id,
        instance_id=paper.instance_id,
        consent_id=paper.consent_id,
        link_id=paper.link_id,
        added_by=paper.added_by,
        added_at=paper.added_at,
    )
    session.add(row)
    session.flush()


def list_papers(session: Session, case_id: str, *, limit: int) -> Sequence[PaperRow]:
    """The photographed consents of a case, in the order in which they came."""
    statement = (
        select(CasePaperRow)
        .where(CasePaperRow.case_id == case_id)
        .order_by(CasePaperRow.added_at, CasePaperRow.id)
        .limit(limit)
    )
    return [_paper(row) for row in session.scalars(statement)]


def find_paper(session: Session, paper_id: str) -> PaperRow | None:
    """One photographed consent."""
    row = session.get(CasePaperRow, paper_id)
    return None if row is None else _paper(row)


def delete_paper(session: Session, paper_id: str) -> bool:
    """Take a photograph away from its case; False where it was."""
    gone = session.scalar(
        delete(CasePaperRow)
        .where(CasePaperRow.id == paper_id)
        .returning(CasePaperRow.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    return gone is not None


def _find_link(session: Session, where: ColumnElement[bool]) -> PaperLink | None:
    row = session.scalar(select(PaperLinkRow).where(where))
    return None if row is None else _link(row)


def _link(row: PaperLinkRow) -> PaperLink:
    return PaperLink(
        id=row.id,
        case_id=CaseId(row.case_id),
        institution_id=InstitutionId(row.institution_id),
        made_by=PractitionerId(row.made_by),
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        ended_at=row.ended_at,
        taken=row.taken,
    )


def _sent(row: SentPaperRow) -> Sent:
    kind = PaperKind(row.kind)
    return Sent(row.upload_id, CaseId(row.case_id), kind, row.link_id, row.sent_at)


def _paper(row: CasePaperRow) -> PaperRow:
    return PaperRow(
        id=row.id,
        case_id=CaseId(row.case_id),
        patient_id=PatientId(row.patient_id),
        instance_id=row.instance_id,
        consent_id=row.consent_id,
        link_id=row.link_id,
        added_by=PractitionerId(row.added_by),
        added_at=row.added_at,
    )
