"""The reading room of one case: pictures in anatomical order, the request, the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consult.cases import service as cases
from consult.cases.corrections import service as corrections
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.protocol import CaptureException, FieldCode
from consult.cases.recognition import service as recognition
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.people.sessions import windows
from consult.people.sessions.model import Window
from consult.queue import service as queue
from consult.queue.model import WAITING, Claim
from consult.reports import service as reports
from consult.reports import service_looks
from consult.reports.body import body_as_json
from consult.reports.changes import newest_opinion
from consult.reports.model import make_blank_body
from consult.reports.versions import Draft, Look, Report, ReportRules
from consult.studies.decoding import DIFFER
from server.rules.rulebook import Rulebook
from server.views.pictures import PictureUrls, holders_of, urls_of
from server.views.report_versions import rights_of

_RENEWALS = 3
_SIDES = {"right": "R", "left": "L"}
_FIRST = (FieldCode.MACULA_CENTRED, FieldCode.ETDRS_2_MACULA, FieldCode.DISC_CENTRED)


@dataclass(frozen=True, slots=True)
class Film:
    """One picture of the strip; `side` is R, L or empty, `seen` none, preview or full.

    `kind` is its SOP Class UID, `differs` whether two decoders read it differently.
    """

    id: str
    image_id: str
    kind: str
    differs: bool
    position: int
    side: str
    eye: str
    field: str
    urls: PictureUrls
    has_picture: bool
    seen: str
    left_out: str
    is_first: bool
    recognised_at: datetime | None
    recognised_from: Institution | None


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """What the reading room shows."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    inviting: Institution
    invited: Institution
    physician: PersonName | None
    films: Sequence[Film]
    excuses: Sequence[CaptureException]
    rules: ReportRules
    body: Mapping[str, object]
    draft: Draft | None
    claim: Claim | None
    holder: PersonName | None
    is_mine: bool
    renew_every_s: int
    is_amending: bool
    amends: int
    may_take: bool
    others_draft: tuple[PersonName, datetime] | None
    now: datetime
    corrected_at: datetime | None
    replaced: int
    may_window: bool
    window: Window | None

    @property
    def may_write(self) -> bool:
        """Whether the report's form is the reader's."""
        return self.is_mine or self.is_amending

    @property
    def sides(self) -> list[str]:
        """Which cells the page needs: both eyes always, one more for pictures of no eye."""
        more = [""] if any(not film.side for film in self.films) else []
        return ["R", "L", *more]

    def first(self, side: str) -> Film | None:
        """The picture that is on the screen when the page opens."""
        return next((film for film in self.films if film.side == side and film.is_first), None)


def gather(work: Work, case_id: str, rules: Rulebook) -> ReadingPage:
    """Open the room: whoever holds the case begins to read, others look."""
    case = cases.open_case_page(work, case_id)
    claim = queue.find_claim(work, case.id)
    is_mine = (
        claim is not None
        and claim.practitioner_id == work.actor.practitioner_id
        and claim.lease_until > work.now
    )
    if is_mine:
        case = queue.start_reading(work, case_id=case.id)
    patient = patients.get_patient(work, case.patient_id)
    inviting = organisations.get_institution(work, case.institution_id)
    draft = reports.get_draft(work, case.id)
    notes = [
        note
        for note in reports.drafts_of(work, [case.id]).get(case.id, [])
        if note.author_id != work.actor.practitioner_id
    ]
    versions = reports.list_reports(work, case.id)
    is_amending = rights_of(work, case, versions, rules).is_amending
    people = {case.requesting_physician_id, *(note.author_id for note in notes)}
    people |= {None if claim is None else claim.practitioner_id}
    names = practitioners.names_of(work, [each for each in people if each is not None])
    return ReadingPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        inviting=inviting,
        invited=organisations.get_institution(work, work.actor.institution),
        physician=names.get(case.requesting_physician_id or ""),
        films=_films(work, case),
        excuses=images.list_excuses(work, case.id),
        rules=rules.reports[case.service_type],
        body=body_as_json(make_blank_body()) if draft is None else draft.content,
        draft=draft,
        claim=claim,
        holder=None if claim is None else names.get(claim.practitioner_id),
        is_mine=is_mine,
        renew_every_s=int(rules.queue.lease.total_seconds()) // _RENEWALS,
        is_amending=is_amending,
        amends=_amended_version(versions),
        may_take=case.panel_id in work.actor.panel_ids and case.status in WAITING,
        others_draft=(names[notes[0].author_id], notes[0].saved_at) if notes else None,
        now=work.now,
        corrected_at=_corrected_at(work, case),
        replaced=_count_replaced(work, case),
        may_window=rules.signing.is_for_case(case, version=len(versions) + 1),
        window=windows.find_window(work, idle=rules.signing.window.idle),
    )


def _corrected_at(work: Work, case: Case) -> datetime | None:
    made = corrections.corrections_of(work, case.id)
    return made[-1].at if made else None


def _count_replaced(work: Work, case: Case) -> int:
    found = images.list_every_image(work, case.id)
    return sum(image.row.replaced_at is not None for image in found)


def _amended_version(versions: Sequence[Report]) -> int:
    basis = newest_opinion(versions)
    return 0 if basis is None else basis.version


def _films(work: Work, case: Case) -> list[Film]:
    """Field by field, the right eye before the left; pictures of no eye come last.

    A recognised exam's picture stands beside the case's own of the same field (IMG-12).
    """
    looks = service_looks.looks_of(work, case.id)
    found = images.list_case_images(work, case.id)
    holders, closed = holders_of(work, found), recognition.closed_images(work, case.id, found)
    closed |= images.list_unsent(work, case, found)
    ordered = sorted(found, key=_place)
    opening: set[str] = set()
    films = []
    for image in ordered:
        side = "" if image.eye is None else _SIDES[image.eye.value]
        is_open = image.instance.has_picture and image.id not in closed
        is_first = is_open and side not in opening
        if is_first:
            opening.add(side)
        holder = holders[image.instance.institution_id]
        film = _film(image, side, looks.get(image.instance.id), holder, is_first=is_first)
        films.append(replace(film, has_picture=is_open))
    return films


def _place(image: CaseImage) -> tuple[bool, int, str, bool, int]:
    field = image.field
    rank = _FIRST.index(field) if field in _FIRST else len(_FIRST)
    is_left = image.eye is not None and image.eye.value == "left"
    return image.eye is None, rank, "" if field is None else field.value, is_left, image.position


def _film(
    image: CaseImage, side: str, look: Look | None, holder: Institution, *, is_first: bool
) -> Film:
    is_seen = look is not None and look.seen_at is not None
    return Film(
        id=image.instance.id,
        image_id=image.id,
        kind=image.instance.description.sop_class_uid,
        differs=image.instance.decoding == DIFFER,
        position=image.position,
        side=side,
        eye="" if image.eye is None else image.eye.value,
        field="" if image.field is None else image.field.value,
        urls=urls_of(image.instance, institution_code=holder.code),
        has_picture=image.instance.has_picture,
        seen="full" if is_seen else "preview" if is_first and side else "none",
        left_out="" if look is None else look.left_out_reason,
        is_first=is_first,
        recognised_at=_taken_at(image) if image.row.is_recognised else None,
        recognised_from=holder if image.row.is_recognised else None,
    )


def _taken_at(image: CaseImage) -> datetime:
    return image.instance.description.captured.at or image.instance.received_at
