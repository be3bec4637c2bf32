"""Where the resources of DICOMweb are (PS3.18 10.1), below the custodian's code."""

import re
from typing import Final

from aiohttp import web

from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies.model import Uids
from server.auth.peer import is_secure
from server.keys import SETTINGS
from server.prefix import PREFIX
from server.requests import signed_in

ROOT: Final = "/dicomweb"
OF_INSTITUTION: Final = "/dicomweb/{institution}"
IN_SERIES: Final = "studies/{study}/series/{series}"
_UID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]{0,63}")


def uid_in(request: web.Request, name: str) -> str:
    """A UID from the path; anything else is not there."""
    text = request.match_info[name]
    if _UID.fullmatch(text) is None:
        raise NotFoundError
    return text


def find_uid(request: web.Request, name: str) -> str | None:
    """The same, where the path may do without."""
    return uid_in(request, name) if name in request.match_info else None


def code_in(request: web.Request) -> str:
    """The custodian's code: from the path, else that of the acting institution."""
    return request.match_info.get("institution") or signed_in(request).institution_code


def institution_of(work: Work, code: str) -> Institution:
    """The institution under whose root somebody asks."""
    found = organisations.find_by_code(work, code)
    if found is None:
        raise NotFoundError
    return found


def root_of(request: web.Request) -> str:
    """The whole address of the service root."""
    scheme = "https" if is_secure(request) else "http"
    base = request.app[SETTINGS].public_url or f"{scheme}://{request.host}"
    path = request.app[PREFIX].address(f"{ROOT}/{code_in(request)}")
    return f"{base.rstrip('/').removesuffix(request.app[PREFIX].text)}{path}"


def study_address(root: str, study_uid: str) -> str:
    """The whole address of a study."""
    return f"{root}/studies/{study_uid}"


def series_address(root: str, study_uid: str, series_uid: str) -> str:
    """The whole address of a series."""
    return f"{study_address(root, study_uid)}/series/{series_uid}"


def instance_address(root: str, uids: Uids) -> str:
    """The whole address of an instance."""
    series = series_address(root, uids.study_instance_uid, uids.series_instance_uid)
    return f"{series}/instances/{uids.sop_instance_uid}"
