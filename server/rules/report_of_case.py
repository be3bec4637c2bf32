"""The rules by which the report of one case is written."""

from collections.abc import Mapping

from aiohttp import web

from consult.cases import service as cases
from consult.cases.model import ServiceType
from consult.kernel.work import Work
from consult.reports.versions import ReportRules
from server.keys import RULES
from server.transactions import in_read


async def rules_of_case(request: web.Request, case_id: str) -> ReportRules:
    """The rules of this case's service type."""
    return await in_read(request, _rules_of, case_id=case_id, known=request.app[RULES].reports)


def _rules_of(work: Work, *, case_id: str, known: Mapping[ServiceType, ReportRules]) -> ReportRules:
    return known[cases.get_case(work, case_id).service_type]
