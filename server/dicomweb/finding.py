"""The object that an address of DICOMweb names, and the one that corrects it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import GoneError
from consult.kernel.work import Work
from consult.studies import retrieval
from consult.studies import service as studies
from consult.studies.errors import InstanceNotFoundError, InstanceWithdrawnError
from consult.studies.model import Instance, Origin, Uids
from imaging.places import Places
from server.dicomweb.addresses import code_in, institution_of, uid_in
from server.keys import RULES
from server.prefix import PREFIX
from server.requests import signed_in
from server.transactions import in_recall
from server.views.pictures import urls_of


@dataclass(frozen=True, slots=True)
class Found:
    """An object, its custodian's key, the address of the one that corrects it, its frames."""

    instance: Instance
    wrapped_key: bytes
    successor: str | None
    places: Places | None


async def find_instance(request: web.Request, *, with_places: bool = False) -> Found:
    """The object of the path; where its frames lie, if that is asked for and known.

    Raises InstanceNotFoundError, and GoneError for one that proved to be another patient's.
    """
    uids = Uids(*(uid_in(request, name) for name in ("study", "series", "instance")))
    return await in_recall(
        request, _get_instance, code=code_in(request), uids=uids, with_places=with_places
    )


def readable(request: web.Request, instances: Sequence[Instance]) -> list[Instance]:
    """What this reader may read of these; raises InstanceNotFoundError where that is nothing.

    What a report left among the pictures is for whoever may read reports.
    """
    person = signed_in(request)
    roles = request.app[RULES].roles
    if person.is_machine or roles.permits(person.actor, Action.SEE_REPORT):
        return list(instances)
    found = [each for each in instances if each.description.origin is not Origin.REPORT]
    if not found:
        raise InstanceNotFoundError
    return found


def successor_header(request: web.Request, found: Found) -> dict[str, str]:
    """The link to the object that corrects this one (RFC 5829 3.4)."""
    if found.successor is None:
        return {}
    place = request.app[PREFIX].address(found.successor)
    return {hdrs.LINK: f'<{place}>; rel="successor-version"'}


def _get_instance(work: Work, *, code: str, uids: Uids, with_places: bool) -> Found:
    institution = institution_of(work, code)
    try:
        instance = studies.get_by_uid(work, institution_id=institution.id, uids=uids)
    except InstanceWithdrawnError as gone:
        raise GoneError("image-withdrawn", replaced_by=_address(work, gone, code)) from None
    places = retrieval.find_places(work, instance) if with_places else None
    return Found(instance, institution.wrapped_key, _address(work, instance, code), places)


def _address(work: Work, old: Instance | InstanceWithdrawnError, code: str) -> str | None:
    """Where the object that corrects this one is, for whoever may see it."""
    successor = studies.find_successor(work, old.successor_id)
    return None if successor is None else urls_of(successor, institution_code=code).full
