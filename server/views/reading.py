"""The reading room of one case: pictures in anatomical order, the request, the draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.cases import service as cases
from consult.cases.corrections import service as corrections
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.protocol import CaptureException
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.people.sessions import windows
from consult.people.sessions.model import Window
from consult.queue import evening, further
from consult.queue import service as queue
from consult.queue.model import FURTHER, WAITING, Claim
from consult.reports import service as reports
from consult.reports import service_marks
from consult.reports.body import body_as_json, reading_as_json
from consult.reports.changes import newest_opinion
from consult.reports.model import make_blank_body, make_blank_reading
from consult.reports.phrases import service as phrases
from consult.reports.phrases.model import Phrase
from consult.reports.second.readings import begin_review
from consult.reports.versions import Draft, Report, ReportRules
from server.rules.report_of_case import rules_for
from server.rules.rulebook import Rulebook
from server.views import discussion, return_form, second_readings
from server.views.discussion import Talk
from server.views.evening import Position, position_of
from server.views.films import Film, films_of
from server.views.marks import lesions_as_json, sheets_as_json
from server.views.priors import PriorExam, list_exams
from server.views.report_versions import rights_of
from server.views.return_form import Places
from server.views.second_readings import Readings

_RENEWALS = 3
_BLANK_EYE = reading_as_json(make_blank_reading())


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
    phrases: Sequence[Phrase]
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
    sheets: Sequence[Mapping[str, object]]
    lesions: Sequence[Mapping[str, str]]
    may_window: bool
    window: Window | None
    talk: Talk | None
    second: Readings | None
    position: Position | None
    places: Places | None
    may_sign_small: bool
    priors: Sequence[PriorExam]

    @property
    def may_write(self) -> bool:
        """Whether the report's form is the reader's."""
        return self.is_mine or self.is_amending

    @property
    def lesion_keys(self) -> dict[str, str]:
        """The physical key of each lesion that may be ticked and has one, by its code."""
        ticked = {lesion.code for lesion in self.rules.grades.lesions}
        return {
            lesion["code"]: lesion["key"]
            for lesion in self.lesions
            if lesion["key"] and lesion["code"] in ticked
        }

    @property
    def lesions_by_key(self) -> dict[str, str]:
        """The same from the key's side."""
        return {key: code for code, key in self.lesion_keys.items()}

    @property
    def is_first(self) -> bool:
        """Whether nobody has signed a reading yet, so that the case may go back or elsewhere."""
        return self.case.status not in FURTHER

    @property
    def sides(self) -> list[str]:
        """Which cells the page needs: both eyes always, one more for pictures of no eye."""
        more = [""] if any(not film.side for film in self.films) else []
        return ["R", "L", *more]

    @property
    def has_eyes(self) -> bool:
        """Whether the room opens with both eyes; a case of slices alone opens with those."""
        return not self.first("") or bool(self.first("R") or self.first("L"))

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
        case = evening.open_held(work, case_id=case.id, limits=rules.queue)
        begin_review(work, case)
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
        films=films_of(work, case, rules.cases.protocol_of(case.service_type)),
        excuses=images.list_excuses(work, case.id),
        rules=rules_for(work, case, rules.reports),
        phrases=phrases.list_phrases(work),
        body=_written(draft),
        draft=draft,
        claim=claim,
        holder=None if claim is None else names.get(claim.practitioner_id),
        is_mine=is_mine,
        renew_every_s=int(rules.queue.lease.total_seconds()) // _RENEWALS,
        is_amending=is_amending,
        amends=_amended_version(versions),
        may_take=_may_take(work, case),
        others_draft=(names[notes[0].author_id], notes[0].saved_at) if notes else None,
        now=work.now,
        corrected_at=_corrected_at(work, case),
        replaced=_count_replaced(work, case),
        sheets=sheets_as_json(service_marks.marks_of(work, case, second=rules.second)),
        lesions=lesions_as_json(rules.lesions),
        may_window=rules.signing.is_for_case(case, version=len(versions) + 1),
        window=windows.find_window(work, idle=rules.signing.window.idle),
        talk=discussion.make_part(work, case, rules),
        second=second_readings.find(work, case.id) if is_mine else None,
        may_sign_small=case.service_type in rules.signing.small_screen,
        position=_position(work, case, rules) if is_mine else None,
        places=return_form.places_of(work, case, rules) if is_mine else None,
        priors=list_exams(work, case),
    )


def _may_take(work: Work, case: Case) -> bool:
    is_open = case.status in WAITING or (case.status in FURTHER and further.may_take(work, case))
    return is_open and case.panel_id in work.actor.panel_ids


def _position(work: Work, case: Case, rules: Rulebook) -> Position | None:
    row = rules.queue.row
    if case.service_type not in row.service_types:
        return None
    held = evening.list_row(work, service_type=case.service_type, rules=row)
    is_alone = len(held) == 1 and evening.find_evening(work, rules=row) is None
    return None if is_alone else position_of(held, case)


def _written(draft: Draft | None) -> Mapping[str, object]:
    """What stands in the form; a draft of an earlier release lacks what came since."""
    blank = body_as_json(make_blank_body())
    if draft is None:
        return blank
    eyes = {eye.value: {**_BLANK_EYE, **_mapping(draft.content.get(eye.value))} for eye in Eye}
    return {**blank, **draft.content, **eyes}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _corrected_at(work: Work, case: Case) -> datetime | None:
    made = corrections.corrections_of(work, case.id)
    return made[-1].at if made else None


def _count_replaced(work: Work, case: Case) -> int:
    found = images.list_every_image(work, case.id)
    return sum(image.row.replaced_at is not None for image in found)


def _amended_version(versions: Sequence[Report]) -> int:
    basis = newest_opinion(versions)
    return 0 if basis is None else basis.version
