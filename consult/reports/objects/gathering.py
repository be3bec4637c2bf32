"""From a signed version to the studies in which it leaves objects: nothing of it is live."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from consult.access import policy
from consult.annotations.content import drawing_of
from consult.annotations.model import Drawing
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients.names import NameRules, format_person_name
from consult.reports.objects.model import Gathered, Pictured, Place
from consult.reports.objects.service import filed_of
from consult.reports.papers import service as papers
from consult.reports.papers.model import MAIN_LANGUAGE
from consult.reports.seal import Seal
from consult.reports.service import get_report, list_reports, report_ref
from consult.reports.signed_marks import find_marks, is_whole
from consult.reports.verify import content_of
from consult.reports.versions import Report

_NOT_RETINAL: Final = frozenset({"external", "other"})


def gather(work: Work, *, report_id: str, seal: Seal, names: NameRules) -> Gathered | str:
    """What the objects of a version are made from; else why there are none."""
    report = get_report(work, report_id)
    case = cases.get_case(work, report.case_id)
    if not is_whole(work.session, report, seal=seal):
        return "not-whole"
    if not policy.is_open_to(work, report_ref(report.id), case.institution_id):
        return "not-open"
    versions = list_reports(work, case.id)
    basis = _opinion_of(report, versions)
    if basis is None or not is_whole(work.session, basis, seal=seal):
        return "not-whole"
    places = tuple(_places(work, case, (report, basis), versions))
    if not places:
        return "no-pictures"
    content = content_of(report)
    paper = papers.find_paper(work, report_id=report.id, language=MAIN_LANGUAGE)
    return Gathered(
        report=report,
        content=content,
        zone=organisations.get_institution(work, report.institution_id).zone,
        author=format_person_name(_signer(content), rules=names),
        pdf=None if paper is None else paper.blob,
        places=places,
    )


def _signer(content: Mapping[str, object]) -> str:
    author = content.get("author")
    return str(author["name"]) if isinstance(author, dict) else ""


def _opinion_of(report: Report, versions: Iterable[Report]) -> Report | None:
    """The version itself, or for a retraction the one before it that said something."""
    before = (each for each in versions if each.version <= report.version and each.is_opinion)
    return next(before, None)


def _places(
    work: Work, case: Case, of: tuple[Report, Report], versions: Sequence[Report]
) -> Iterable[Place]:
    """The case's own studies of which the signed pictures are.

    A picture of a recognised exam is another institution's, whose study stays as it is. One that
    proved to be another patient's counts only for a retraction, which takes back what lies there.
    """
    report, basis = of
    content = content_of(basis)
    materials = {each["instance_id"]: each for each in _items(content, "materials")}
    by_study: dict[str, list[CaseImage]] = {}
    for image in images.list_every_image(work, case.id):
        is_shown = image.instance.withdrawn_at is None or not report.is_opinion
        is_own = (
            image.instance.institution_id == case.institution_id and not image.row.is_recognised
        )
        if image.instance.id in materials and is_own and is_shown:
            by_study.setdefault(image.instance.study_id, []).append(image)
    stored = find_marks(work.session, report.id)
    drawing = Drawing() if stored is None else drawing_of(stored)
    keys = [each["image_id"] for each in _items(content_of(report), "key_images")]
    for found in by_study.values():
        pictures = [_pictured(image, materials[image.instance.id]) for image in found]
        yield _place(work, report, versions, pictures=pictures, drawing=drawing, keys=keys)


def _place(
    work: Work,
    report: Report,
    versions: Sequence[Report],
    *,
    pictures: Sequence[Pictured],
    drawing: Drawing,
    keys: Sequence[str],
) -> Place:
    first, by_id = pictures[0].instance, {each.image_id: each for each in pictures}
    filed = filed_of(
        work,
        versions,
        institution_id=first.institution_id,
        study_uid=first.uids.study_instance_uid,
    )
    return Place(
        institution_id=first.institution_id,
        patient_id=first.patient_id,
        study_id=first.study_id,
        study_uid=first.uids.study_instance_uid,
        pictures=tuple(pictures),
        marks=tuple(mark for mark in drawing.marks if mark.image_id in by_id),
        key_images=tuple(by_id[each] for each in keys if each in by_id),
        earlier=tuple(each for each in filed if each.version < report.version),
        filed=tuple(each for each in filed if each.version == report.version),
    )


def _pictured(image: CaseImage, material: Mapping[str, Any]) -> Pictured:
    is_retinal = material["eye"] is not None and material["field"] not in _NOT_RETINAL
    return Pictured(image.id, image.instance, is_retinal)


def _items(content: Mapping[str, object], key: str) -> list[Mapping[str, Any]]:
    found = content.get(key)
    return found if isinstance(found, list) else []
