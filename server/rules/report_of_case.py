"""The rules by which the report of one case is written."""

from collections.abc import Mapping

from aiohttp import web

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Work
from consult.reports.versions import OF_AN_EYE, ReportRules
from server.keys import RULES
from server.transactions import in_read


async def rules_of_case(request: web.Request, case_id: str) -> ReportRules:
    """The rules of this case's service type and pictures."""
    return await in_read(request, _rules_of, case_id=case_id, known=request.app[RULES].reports)


def rules_for(work: Work, case: Case, known: Mapping[ServiceType, ReportRules]) -> ReportRules:
    """The rules with the form that is made for the pictures of this case."""
    found = images.list_case_images(work, case.id)
    modalities = {OF_AN_EYE if each.eye else each.instance.description.modality for each in found}
    return known[case.service_type].for_pictures(modalities)


def _rules_of(work: Work, *, case_id: str, known: Mapping[ServiceType, ReportRules]) -> ReportRules:
    return rules_for(work, cases.get_case(work, case_id), known)
