"""What was corrected in a case, said to either side; and the form of whoever may correct."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.corrections import service as corrections
from consult.cases.corrections import service_patient
from consult.cases.corrections.model import NOT_CORRECTED, Correction, CorrectionKind
from consult.cases.images.service_move import Target
from consult.cases.model import Case
from consult.journal import service as journal
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import rereads
from consult.reports import service as reports
from consult.reports.rereads import Reread
from server.i18n import N_
from server.keys import RULES
from server.moments import format_moment
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook
from server.views.correction_views import CorrectionsView, CorrectionView, RereadView
from server.views.image_views import ChoiceView
from server.views.image_words import fill, say, term
from server.views.timeline import name_of

_LINES: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What one unit found."""

    case: Case
    made: Sequence[Correction]
    reasons: Mapping[str, str]
    names: Mapping[str, PersonName]
    reread: Reread | None
    is_own: bool
    may_correct: bool
    targets: Sequence[Target]
    people: Sequence[Patient]

    def said_to(self, request: web.Request) -> CorrectionsView:
        """The part of the page, and the same as JSON."""
        return _of_case(request, self)


def gather_case(work: Work, case_id: str, rules: Rulebook) -> Found:
    """The corrections of a case that the actor may see."""
    return _gather(work, cases.get_case(work, case_id), rules)


def make_part(work: Work, case: Case, rules: Rulebook) -> Found | None:
    """The part of the case's page; None where nothing was corrected and nothing can be."""
    found = _gather(work, case, rules)
    return found if found.made or found.may_correct else None


def _gather(work: Work, case: Case, rules: Rulebook) -> Found:
    made = corrections.list_corrections(work, case.id)
    is_own = case.institution_id == work.actor.institution_id
    permits = rules.roles.permits(work.actor, Action.CORRECT_IMAGE)
    is_sent = case.submitted_at is not None and case.status not in NOT_CORRECTED
    may_correct = is_own and permits and is_sent
    reread = rereads.find_reread(work, case, reports.list_reports(work, case.id))
    people = {each.by_id for each in made}
    people |= {reread.reader_id} if reread is not None and reread.reader_id is not None else set()
    return Found(
        case=case,
        made=made,
        reasons=_reasons(work, case) if made else {},
        names=practitioners.names_of(work, people),
        reread=reread,
        is_own=is_own,
        may_correct=may_correct,
        targets=service_patient.list_targets(work, case) if may_correct else (),
        people=_people(work, case, rules) if may_correct else (),
    )


def _people(work: Work, case: Case, rules: Rulebook) -> list[Patient]:
    """The patients who were registered last, for whom a draft could be opened."""
    found = patients.search_patients(work, text="", rules=rules.patients)
    return [
        each.patient
        for each in found
        if each.patient.id != case.patient_id and each.patient.institution_id == case.institution_id
    ]


def _reasons(work: Work, case: Case) -> dict[str, str]:
    """Why, by correction: the words stand in the journal."""
    told: dict[str, str] = {}
    kinds = {corrections.KIND}
    for line in journal.lines_of_kinds(work.session, case.id, kinds=kinds, limit=_LINES):
        ids = [str(each) for name, each in line.codes.items() if name.startswith("correction_")]
        told |= dict.fromkeys(ids, line.words.get("reason", ""))
    return told


def _of_case(request: web.Request, found: Found) -> CorrectionsView:
    return CorrectionsView(
        case_id=found.case.id,
        version=found.case.revision,
        corrections=[_of_correction(request, found, each) for each in found.made],
        reread=None if found.reread is None else _of_reread(request, found.reread, found.names),
        may_correct=found.may_correct,
        fields=[ChoiceView(code=code, text=text) for code, text in _fields(request)],
        drafts=[_draft(request, target) for target in found.targets],
        people=[ChoiceView(code=each.id, text=_person(request, each)) for each in found.people],
    )


def _of_correction(request: web.Request, found: Found, made: Correction) -> CorrectionView:
    before = place_text(request, made.eye_before, made.field_before)
    after = place_text(request, made.eye_after, made.field_after)
    if made.kind is CorrectionKind.WRONG_PATIENT:
        after = term(request, "correction_kind", made.kind)
    return CorrectionView(
        id=made.id,
        image_id=made.image_id,
        kind=made.kind,
        kind_text=term(request, "correction_kind", made.kind),
        before_text=before,
        after_text=after,
        sentence=fill(
            request, N_("Marked as {before} → corrected to {after}"), before=before, after=after
        ),
        who=name_of(request, found.names.get(made.by_id)),
        at=made.at.isoformat(),
        at_text=format_moment(made.at, zone=signed_in(request).zone, language=language(request)),
        reason=found.reasons.get(made.id, ""),
        to_case_id=made.to_case_id if found.is_own else None,
    )


def _of_reread(request: web.Request, reread: Reread, names: Mapping[str, PersonName]) -> RereadView:
    zone = signed_in(request).zone
    return RereadView(
        report_id=reread.report.id,
        version=reread.report.version,
        since=reread.since.isoformat(),
        since_text=format_moment(reread.since, zone=zone, language=language(request)),
        reader=name_of(request, names.get(reread.reader_id or "")),
    )


def place_text(request: web.Request, eye: Eye | None, field: str | None) -> str:
    """Eye and field in words."""
    said = [term(request, "eye", eye)] if eye is not None else []
    said += [term(request, "field_code", field)] if field is not None else []
    return " ".join(said) or say(request, N_("Eye not stated"))


def _draft(request: web.Request, target: Target) -> ChoiceView:
    text = fill(
        request,
        N_("Case {number}: {name}, {sex}, {tail}"),
        number=target.case.number,
        name=target.patient.name,
        sex=term(request, "sex", target.patient.sex),
        tail=target.patient.tail,
    )
    return ChoiceView(code=target.case.id, text=text)


def _person(request: web.Request, patient: Patient) -> str:
    return fill(
        request,
        N_("{name}, {sex}, born {day}, {tail}"),
        name=patient.name,
        sex=term(request, "sex", patient.sex),
        day=patient.birth_on.isoformat(),
        tail=patient.tail,
    )


def _fields(request: web.Request) -> list[tuple[str, str]]:
    return request.app[RULES].terms.choices(language(request), "field_code")
