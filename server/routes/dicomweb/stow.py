"""Objects stored by STOW-RS (PS3.18 10.5): the acting institution's, and nobody's case yet."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import NotFoundError
from consult.people.machines.model import Right
from consult.people.organisations.model import Institution
from server.dicomweb.addresses import (
    OF_INSTITUTION,
    ROOT,
    code_in,
    find_uid,
    instance_address,
    root_of,
    study_address,
)
from server.dicomweb.errors import MalformedError, MediaUnsupportedError, speaks_dicomweb
from server.dicomweb.json_answers import json_answer, require_json
from server.dicomweb.parts import Parts, parse_media_type
from server.dicomweb.storing import Outcome, Storing
from server.doors import Routes
from server.keys import RULES, SETTINGS
from server.patience import Pace
from server.receiving.place import find_place, place_at, receiving
from server.requests import MACHINES_OWN, signed_in

routes = Routes("stow")
_DICOM: Final = "application/dicom"
_JSON: Final = "application/dicom+json"
_PLAIN: Final = "identity"


@routes.post(
    f"{ROOT}/studies",
    action=Action.PREPARE_CASE,
    right=Right.STORE_IMAGES,
    name="stow.store_acting",
)
@routes.post(
    f"{ROOT}/studies/{{study}}",
    action=Action.PREPARE_CASE,
    right=Right.STORE_IMAGES,
    name="stow.store_in_study_acting",
)
@routes.post(
    f"{OF_INSTITUTION}/studies/{{study}}",
    action=Action.PREPARE_CASE,
    right=Right.STORE_IMAGES,
    name="stow.store_in_study",
)
@routes.post(f"{OF_INSTITUTION}/studies", action=Action.PREPARE_CASE, right=Right.STORE_IMAGES)
@speaks_dicomweb
async def store(request: web.Request) -> web.StreamResponse:
    """Take every object of the body, and say what became of each."""
    person = signed_in(request)
    study_uid = find_uid(request, "study")
    if code_in(request) != person.institution_code:
        raise NotFoundError
    require_json(request)
    if request.headers.get(hdrs.CONTENT_ENCODING, _PLAIN).lower() != _PLAIN:
        raise MediaUnsupportedError  # a body that swells is no file on its way to the disk
    media = parse_media_type(request.headers.get(hdrs.CONTENT_TYPE, ""))
    inner = media.parameters.get("type", "").lower()
    if media.name != "multipart/related" or inner not in {_DICOM, _JSON}:
        raise MediaUnsupportedError
    parts = Parts(
        request.content,
        boundary=media.parameters.get("boundary", ""),
        pace=Pace(
            patience_s=request.app[SETTINGS].patience_s,
            least_bytes_per_s=request.app[RULES].images.limits.least_bytes_per_s,
        ),
    )
    own: Institution | None = request.get(MACHINES_OWN)
    found = (
        await find_place(request.app, person.actor.institution) if own is None else place_at(own)
    )
    async with receiving(request.app, found) as place:
        storing = Storing(request.app, person.actor, place, study_uid)
        await (storing.take_files(parts) if inner == _DICOM else storing.take_json(parts))
        outcomes = await storing.file()
    if not outcomes:  # RFC 2046 5.1: a body has at least one part
        raise MalformedError("nothing-to-store")
    return json_answer(_told(request, outcomes), status=_status_of(outcomes))


def _status_of(outcomes: Sequence[Outcome]) -> HTTPStatus:
    """All, some or none (PS3.18 table 10.5.3-1)."""
    failed = sum(each.failure is not None for each in outcomes)
    if failed == 0:
        return HTTPStatus.OK
    return HTTPStatus.ACCEPTED if failed < len(outcomes) else HTTPStatus.CONFLICT


def _told(request: web.Request, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The Store Instances Response module (PS3.18 annex I.2)."""
    root = root_of(request)
    stored = [each for each in outcomes if each.failure is None]
    studies = {each.uids.study_instance_uid for each in stored if each.uids}
    told: dict[str, Any] = {}
    if len(studies) == 1:
        told["00081190"] = _value("UR", study_address(root, studies.pop()))
    failed = [each for each in outcomes if each.failure is not None]
    sequences = {
        "00081199": [_referenced(root, each) for each in stored],
        "00081198": [_failed(each) for each in failed if each.identity is not None],
        "0008119A": [_failed(each) for each in failed if each.identity is None],
    }
    told |= {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}
    return dict(sorted(told.items()))


def _referenced(root: str, outcome: Outcome) -> dict[str, Any]:
    found = _named(outcome)
    if outcome.uids is not None:
        address = instance_address(root, outcome.uids)
        found["00081190"] = _value("UR", address)
    return found


def _failed(outcome: Outcome) -> dict[str, Any]:
    return _named(outcome) | {"00081197": {"vr": "US", "Value": [outcome.failure]}}


def _named(outcome: Outcome) -> dict[str, Any]:
    if outcome.identity is None:
        return {}
    return {
        "00081150": _value("UI", outcome.identity.sop_class_uid),
        "00081155": _value("UI", outcome.identity.sop_instance_uid),
    }


def _value(vr: str, text: str) -> dict[str, Any]:
    return {"vr": vr, "Value": [text]}
