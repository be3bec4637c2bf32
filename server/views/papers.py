"""Papers of a case: the card on its page, what is still due, and the telephone's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.cases.papers import awaited, links
from consult.cases.papers import service as papers
from consult.cases.papers.model import (
    Awaited,
    LinkState,
    Paper,
    PaperKind,
    PaperLink,
    PaperRules,
    Sent,
)
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.studies.uploads.model import RUNNING, FileVerdict, Upload
from server.errors import sentence
from server.pdf.qr import make_qr
from server.rules.rulebook import Rulebook
from server.views.pictures import urls_of

_MINUTE: Final = timedelta(minutes=1)
PHOTOGRAPH_NAME: Final = "paper.jpg"
"""A telephone's own names say nothing, or where and when somebody was."""


class PaperLinkAnswer(BaseModel):
    """A link that was made now; `qr_path` draws its QR code in a square of `qr_size`."""

    address: str
    qr_size: int
    qr_path: str
    seconds: int


@dataclass(frozen=True, slots=True)
class PaperView:
    """One photographed consent."""

    id: str
    thumbnail: str
    full: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class CameView:
    """One photograph as it came: on its way, in the case, or refused with its sentence."""

    kind: str
    state: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PapersCard:
    """What the case's page shows of its papers."""

    found: Sequence[Paper]
    lately: Sequence[tuple[Sent, Upload]]
    link: PaperLink | None
    due: Awaited | None
    late: int
    place: Institution
    minutes: int

    def said_to(self, request: web.Request) -> "ShownPapers":
        """The card in the reader's words."""
        shown = [_view(each, self.place) for each in self.found]
        came = [came_of_one(request, *each) for each in self.lately]
        return ShownPapers(self, shown, [each for each in came if each.state != "kept"])


@dataclass(frozen=True, slots=True)
class ShownPapers:
    """The card with its pictures and sentences."""

    card: PapersCard
    papers: Sequence[PaperView]
    came: Sequence[CameView]


@dataclass(frozen=True, slots=True)
class DueLine:
    """One consent whose photograph is due; `case` is where it is taken in."""

    awaited: Awaited
    patient: Patient
    age: int
    namesake: bool
    case: Case | None
    late: int


@dataclass(frozen=True, slots=True)
class DuePage:
    """What is due at the acting institution."""

    lines: Sequence[DueLine]
    count: int
    minutes: int


@dataclass(frozen=True, slots=True)
class InvitedTelephone:
    """What a telephone is told: who asks, where, and the last digits that confirm the patient."""

    state: LinkState
    who: PersonName
    place: Institution
    tail: str
    until: datetime
    kinds: Sequence[PaperKind]


@dataclass(frozen=True, slots=True)
class TelephonePage:
    """The page of a telephone that has used its link."""

    invited: InvitedTelephone
    came: Sequence[tuple[Sent, Upload]]
    left: int
    seconds: int


def make_part(work: Work, case: Case, rules: Rulebook) -> PapersCard | None:
    """The card, for whoever prepares cases at the case's own institution."""
    is_own = case.institution_id == work.actor.institution_id
    if not (is_own and rules.roles.permits(work.actor, Action.PREPARE_CASE)):
        return None
    if not papers.kinds_for(case.status):
        return None
    due = awaited.find_due(work, patient_id=case.patient_id, case_id=case.id)
    today = organisations.today_at(work, case.institution_id)
    return PapersCard(
        found=papers.list_papers(work, case),
        lately=papers.list_lately(work, case),
        link=links.find_live(work, case.id),
        due=due,
        late=0 if due is None else due.days_late(today),
        place=organisations.get_institution(work, case.institution_id),
        minutes=_minutes(rules.papers),
    )


def make_due_page(work: Work, rules: Rulebook) -> DuePage:
    """The list of what is due, with the case in which each photograph is taken in."""
    today = organisations.today_at(work, work.actor.institution)
    found = awaited.list_due(work, rules=rules.papers)
    people = patients.patients_by_id(work, {each.patient_id for each in found})
    twins = patients.namesakes(work, people.values())
    lines = [
        _line(work, each, people[each.patient_id], twins=twins, today=today)
        for each in found
        if each.patient_id in people
    ]
    return DuePage(lines, awaited.count_due(work), _minutes(rules.papers))


def find_invited(work: Work, *, token_hash: str) -> InvitedTelephone | None:
    """What is told before a link is used; None where nobody made such a link."""
    found = links.look(work, token_hash=token_hash)
    return None if found is None else _invited(work, found)


def make_telephone(work: Work, *, session_hash: str, rules: PaperRules) -> TelephonePage:
    """The telephone's page; raises TelephoneUnknownError."""
    found = links.stand(work, session_hash=session_hash)
    left = max(rules.most_photographs - found.link.taken, 0)
    seconds = max(int((found.link.expires_at - work.now).total_seconds()), 0)
    came = papers.list_by_link(work, found.link.id, limit=rules.most_photographs)
    return TelephonePage(_invited(work, found), came, left, seconds)


def came_of(request: web.Request, page: TelephonePage) -> list[CameView]:
    """What the telephone has sent, in its words."""
    return [came_of_one(request, sent, upload) for sent, upload in page.came]


def came_of_one(request: web.Request, sent: Sent, upload: Upload) -> CameView:
    """One photograph: on its way, kept, or refused and why."""
    if upload.state in RUNNING:
        return CameView(sent.kind, "checking", "")
    result = upload.results[0] if upload.results else None
    if result is not None and result.verdict in {FileVerdict.STORED, FileVerdict.KNOWN}:
        return CameView(sent.kind, "kept", "")
    code = "upload-failed" if result is None else result.code
    facts = {} if result is None else result.facts
    return CameView(sent.kind, "refused", sentence(request, f"file-{code}", facts))


def link_answer(link: PaperLink, address: str) -> PaperLinkAnswer:
    """A link with its address, told this once."""
    code = make_qr(address)
    seconds = int((link.expires_at - link.made_at).total_seconds())
    return PaperLinkAnswer(address=address, qr_size=code.size, qr_path=code.path, seconds=seconds)


def _line(
    work: Work, each: Awaited, patient: Patient, *, twins: frozenset[str], today: date
) -> DueLine:
    return DueLine(
        awaited=each,
        patient=patient,
        age=patient.age_on(today),
        namesake=patient.name in twins,
        case=_case_for(work, each),
        late=each.days_late(today),
    )


def _case_for(work: Work, each: Awaited) -> Case | None:
    """The consent's own case; of one for several cases the newest that takes papers."""
    if each.case_id is not None:
        return cases.get_own_case(work, each.case_id)
    found = cases.list_of_patient(work, each.patient_id)
    place = work.actor.institution
    own = (case for case in found if case.institution_id == place and papers.kinds_for(case.status))
    return next(own, None)


def _invited(work: Work, found: links.Invitation) -> InvitedTelephone:
    return InvitedTelephone(
        state=found.state,
        who=practitioners.names_of(work, {found.made_by})[found.made_by],
        place=organisations.get_institution(work, found.institution_id),
        tail=found.patient_tail,
        until=found.link.expires_at,
        kinds=found.kinds,
    )


def _view(paper: Paper, place: Institution) -> PaperView:
    urls = urls_of(paper.instance, institution_code=place.code)
    return PaperView(paper.row.id, urls.thumbnail, urls.full, paper.row.added_at)


def _minutes(rules: PaperRules) -> int:
    return rules.link // _MINUTE
