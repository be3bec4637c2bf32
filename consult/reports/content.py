"""The whole content of a report as plain values: what is shown, made canonical, and signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from consult.annotations.model import Sheet
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.protocol import CaptureException
from consult.kernel.eyes import Eye
from consult.people.organisations.model import Institution
from consult.people.patients.model import Patient
from consult.people.practitioners.model import Practitioner
from consult.reports.body import body_as_json
from consult.reports.case_facts import facts_of
from consult.reports.changes import find_changes
from consult.reports.forms import Section
from consult.reports.graded import grades_of, unsaid
from consult.reports.model import ReportBody
from consult.reports.outcome import find_outcome
from consult.reports.reviewed import review_as_json
from consult.reports.sections import SectionSaid
from consult.reports.signed_marks import sheet_as_json
from consult.reports.versions import Look, Report, ReportRules

SCHEMA = "lianzhen.report/2"
"""1 knew neither lesions nor sections; what was signed so stays so."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything beside the expert's own words that a report rests on."""

    case: Case
    patient: Patient
    inviting: Institution
    invited: Institution
    author: Practitioner
    requesting: Practitioner | None
    images: Sequence[CaseImage]
    left_out: Sequence[CaseImage]
    excuses: Sequence[CaptureException]
    looks: Mapping[str, Look]
    version: int
    previous_sha256: str | None
    basis: Mapping[str, Any] | None = None
    holders: Mapping[str, Institution] = field(default_factory=dict)
    """By id, where pictures of recognised exams were taken (IMG-12)."""
    sheet: Sheet | None = None
    """The author's marks, where she has saved any."""
    screen: Mapping[str, object] = field(default_factory=dict)
    """On what it was read, where the page has told."""
    reviewed: Report | None = None
    """What another physician signed, and the author confirms or corrects (RPT-03)."""


def make_content(
    about: Circumstances, body: ReportBody, *, rules: ReportRules
) -> dict[str, object]:
    """The report as plain JSON values; the same in, the same out.

    Of an amendment it says what changed against `basis`, the content that it amends.
    """
    content = _make_content(about, body, rules=rules) | sheet_as_json(about.sheet, about.images)
    content |= about.screen
    if about.basis is not None:
        content["amendment"] = {
            "of_version": about.basis["version"],
            "reason": body.amendment_reason,
            "changes": [each.as_json() for each in find_changes(about.basis, content)],
        }
    return content | review_as_json(
        content, reviewed=about.reviewed, basis=about.basis, title=rules.title
    )


def _make_content(
    about: Circumstances, body: ReportBody, *, rules: ReportRules
) -> dict[str, object]:
    title = rules.title
    return {
        "schema": SCHEMA,
        "version": about.version,
        "previous_sha256": about.previous_sha256,
        "case": {
            "id": about.case.id,
            "number": about.case.number,
            "service_type": about.case.service_type.value,
            "question": about.case.question,
            "form_version": about.case.form_version,
            "answers": dict(about.case.answers),
            "submitted_at": _moment(about.case.submitted_at),
            "agreement_id": about.case.agreement_id,
        },
        "inviting": institution_as_json(about.inviting),
        "invited": institution_as_json(about.invited),
        "patient": patient_as_json(about.patient),
        "requesting": None if about.requesting is None else person_as_json(about.requesting),
        "author": person_as_json(about.author)
        | {"record_of": [part.value for part in title.authors]},
        "diagnosis_by": title.diagnosis_by.value,
        "title": {"zh": title.title.zh, "en": title.title.en},
        "sentence": {"zh": title.sentence.zh, "en": title.sentence.en},
        "signature_line": {
            "zh": rules.titles.signature_line.zh,
            "en": rules.titles.signature_line.en,
        },
        "materials": [
            _material(image, about.looks) | _recognised(image, about.holders)
            for image in about.images
        ],
        "left_out": [_left_out(image, about.looks) for image in about.left_out],
        "not_photographed": [_excuse(excuse) for excuse in about.excuses],
        "body": {
            key: said for key, said in body_as_json(body).items() if key != "amendment_reason"
        },
        "diagnoses": [
            {"code": code, "zh": rules.diagnoses[code].zh, "en": rules.diagnoses[code].en}
            for code in body.diagnoses
        ],
        **_by_rule(about.case, body, rules=rules),
        "sections": [
            _section(section, body.sections[section.code])
            for section in rules.form.sections
            if section.code in body.sections
        ],
    }


def _by_rule(case: Case, body: ReportBody, *, rules: ReportRules) -> dict[str, object]:
    """What the rules made of the readings, and which rules; nothing of a report without eyes."""
    named = {
        "form": f"{rules.form.name} {rules.form.version}",
        "titles": f"{rules.titles.name} {rules.titles.version}",
    }
    if not rules.form.has_eyes:
        return {"outcome": None, "grades": {}, "unsaid": {}, "rules": named}
    outcome = find_outcome(rules.outcome, right=body.right, left=body.left)
    named["outcome"] = f"{outcome.rule_name} {outcome.rule_version}"
    told = facts_of(case, rules.grades)
    graded = {
        eye.value: grades_of(rules.grades, body.reading(eye), told.get(eye, {})) for eye in Eye
    }
    if any(graded.values()):
        named["grades"] = f"{rules.grades.name} {rules.grades.version}"
    return {
        "outcome": {
            "rank": outcome.rank.value,
            "action": outcome.action,
            "max_interval_months": outcome.max_interval_months,
            "reasons": [{"eye": why.eye.value, "code": why.code} for why in outcome.deciding],
        },
        "grades": {eye: [grade.as_json() for grade in found] for eye, found in graded.items()},
        "unsaid": {
            eye.value: list(unsaid(rules.grades, body.reading(eye)))
            for eye in Eye
            if body.reading(eye).lesions
        },
        "rules": named,
    }


def _section(section: Section, said: SectionSaid) -> dict[str, object]:
    """A section with its words in both languages, as they were when it was signed."""
    return {
        "code": section.code,
        "zh": section.label.zh,
        "en": section.label.en,
        "codes": [
            {"code": code, "zh": section.codes[code].zh, "en": section.codes[code].en}
            for code in said.codes
        ],
        "text": said.text,
    }


def institution_as_json(institution: Institution) -> dict[str, object]:
    """An institution as it stands on paper."""
    return {"id": institution.id, "name": institution.name, "name_en": institution.name_en}


def person_as_json(person: Practitioner) -> dict[str, object]:
    """A physician as she stands on paper."""
    return {
        "id": person.id,
        "name": person.name,
        "name_en": person.name_en,
        "title": person.title,
        "licence_no": person.licence_no,
    }


def patient_as_json(patient: Patient) -> dict[str, object]:
    """The patient as he stood in the books when it was signed."""
    return {
        "id": patient.id,
        "name": patient.name,
        "sex": patient.sex.value,
        "birth_on": patient.birth_on.isoformat(),
        "tail": patient.tail,
    }


def _material(image: CaseImage, looks: Mapping[str, Look]) -> dict[str, object]:
    captured = image.instance.description.captured
    look = looks.get(image.instance.id)
    return {
        "instance_id": image.instance.id,
        "sop_instance_uid": image.instance.uids.sop_instance_uid,
        "sha256": image.instance.original.sha256,
        "eye": None if image.eye is None else image.eye.value,
        "field": None if image.field is None else image.field.value,
        "captured_at": _moment(captured.at),
        "captured_source": captured.source.value,
        "seen_at": None if look is None else _moment(look.seen_at),
    }


def _recognised(image: CaseImage, holders: Mapping[str, Institution]) -> dict[str, object]:
    """Of an earlier exam's picture, which institution took it; nothing of the case's own."""
    if not image.row.is_recognised:
        return {}
    return {"recognised_from": institution_as_json(holders[image.instance.institution_id])}


def _left_out(image: CaseImage, looks: Mapping[str, Look]) -> dict[str, object]:
    """A picture on which the report does not rest, and why (U7)."""
    look = looks.get(image.instance.id)
    return {
        "sop_instance_uid": image.instance.uids.sop_instance_uid,
        "eye": None if image.eye is None else image.eye.value,
        "field": None if image.field is None else image.field.value,
        "reason": look.left_out_reason if look else "",
        "cannot_be_shown": not image.instance.can_be_seen,
    }


def _excuse(excuse: CaptureException) -> dict[str, object]:
    """What the inviting side could not photograph, and why (U3)."""
    field = None if excuse.field is None else excuse.field.value
    return {"eye": excuse.eye.value, "field": field, "reason": excuse.reason.value}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
