"""What the automatic check says of one photograph, for whoever took it and for whoever reads it."""

from aiohttp import web

from consult.cases.images.model import WITHOUT_EYE, CaseImage
from consult.studies.quality import QualityCheck, QualityFault, QualityFinding, QualityVerdict
from server.errors import sentence
from server.i18n import N_
from server.requests import language
from server.views.image_words import fill, say, term
from server.views.upload_results import View


class QualityView(View):
    """The verdict in words: advice where the photograph can be taken again, a remark for a reader.

    `is_open`: it advises to take the photograph again, and nobody has said why it stays.
    """

    verdict: str
    advice: str
    remark: str
    is_open: bool
    kept_for: str | None
    kept_text: str
    version: str


def quality_of(request: web.Request, image: CaseImage) -> QualityView | None:
    """None where nothing was measured, and of pictures that show no fundus."""
    check = image.instance.description.quality
    if check is None or check.verdict is QualityVerdict.OTHER or image.field in WITHOUT_EYE:
        return None
    kept = image.row.kept_for
    reason = "" if kept is None else term(request, "keep_reason", kept)
    return QualityView(
        verdict=check.verdict.value,
        advice=_advice(request, check),
        remark=_remark(request, check),
        is_open=image.needs_another and kept is None,
        kept_for=None if kept is None else kept.value,
        kept_text=fill(request, N_("Kept: {reason}"), reason=reason) if reason else "",
        version=check.version,
    )


def _advice(request: web.Request, check: QualityCheck) -> str:
    if not check.findings:
        return say(request, N_("Automatic check: nothing stands out."))
    told = [
        sentence(request, f"doubt-{each.fault.value}", {})
        for each in _telling(check)
        if not each.is_grave
    ]
    grave = _listed(request, check)
    if grave:
        message = N_("{faults}: take it again.")
        told.insert(0, fill(request, message, faults=grave[0].upper() + grave[1:]))
    return (" " if language(request) == "en" else "").join(told)


def _remark(request: web.Request, check: QualityCheck) -> str:
    """What is gravely wrong; slight faults a reader sees for herself."""
    grave = _listed(request, check)
    return fill(request, N_("Automatic check: {faults}"), faults=grave) if grave else ""


def _listed(request: web.Request, check: QualityCheck) -> str:
    """The grave faults in a row."""
    grave = [each for each in _telling(check) if each.is_grave]
    joint = ", " if language(request) == "en" else "、"
    return joint.join(term(request, "quality_fault", each.fault) for each in grave)


def _telling(check: QualityCheck) -> list[QualityFinding]:
    """The faults without what follows from another: in a blurred picture no vessels are seen."""
    faults = {each.fault for each in check.findings}
    if QualityFault.BLURRED not in faults:
        return list(check.findings)
    return [each for each in check.findings if each.fault is not QualityFault.VESSELS_UNSEEN]
