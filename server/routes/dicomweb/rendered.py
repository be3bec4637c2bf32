"""Rendered pictures of a study, a series, or some frames, as parts of one answer (PS3.18 10.4)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies import retrieval
from consult.studies.model import NOT_LOOKED_AT
from server.dicomweb.addresses import (
    IN_SERIES,
    OF_INSTITUTION,
    ROOT,
    code_in,
    find_uid,
    instance_address,
    institution_of,
    root_of,
    uid_in,
)
from server.dicomweb.errors import (
    MalformedError,
    NotAcceptableError,
    TooLongError,
    speaks_dicomweb,
)
from server.dicomweb.finding import Found, find_instance, successor_header
from server.dicomweb.multipart import MultipartAnswer
from server.dicomweb.picture_forms import Form, form_of_pictures
from server.dicomweb.wishes import Wish, frames_in, wish_of
from server.doors import Routes
from server.images.imagery import IMAGERY
from server.requests import signed_in
from server.routes.dicomweb.wado import draw, give, unwritten
from server.transactions import in_read

routes = Routes("rendered")
_OPTIONS: Final = {"action": Action.SEE_IMAGE, "right": Right.READ_IMAGES}
_FRAMES: Final = f"{IN_SERIES}/instances/{{instance}}/frames/{{frame}}/rendered"
_MOST_PICTURES: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """One picture of an answer, and where it is by itself."""

    found: Found
    wish: Wish
    location: str


@routes.get(f"{ROOT}/studies/{{study}}/rendered", name="rendered.study_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/studies/{{study}}/rendered", **_OPTIONS)
@speaks_dicomweb
async def study(request: web.Request) -> web.StreamResponse:
    """The first frame of each object of a study that shows a picture."""
    return await _many(request)


@routes.get(f"{ROOT}/{IN_SERIES}/rendered", name="rendered.series_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}/rendered", **_OPTIONS)
@speaks_dicomweb
async def series(request: web.Request) -> web.StreamResponse:
    """The first frame of each object of a series that shows a picture."""
    return await _many(request)


@routes.get(f"{ROOT}/{_FRAMES}", name="rendered.frames_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{_FRAMES}", **_OPTIONS)
@speaks_dicomweb
async def frames(request: web.Request) -> web.StreamResponse:
    """Some frames of one object."""
    numbers = frames_in(request)
    if len(set(numbers)) < len(numbers):
        raise MalformedError
    form = form_of_pictures(request, count=len(numbers))
    wishes = [wish_of(request, number, media=form.media) for number in numbers]
    found = await find_instance(request, with_places=True)
    if max(numbers) > found.instance.description.frames:
        raise NotFoundError
    place = instance_address(root_of(request), found.instance.uids)
    wanted = [Wanted(found, wish, f"{place}/frames/{wish.frame}/rendered") for wish in wishes]
    return await _give(request, wanted, form, successor_header(request, found))


async def _many(request: web.Request) -> web.StreamResponse:
    root = root_of(request)
    wish_of(request, 1)  # what is malformed is refused before anything is looked for
    found = await in_read(
        request,
        _list_shown,
        code=code_in(request),
        study_uid=uid_in(request, "study"),
        series_uid=find_uid(request, "series"),
    )
    if not found:
        raise NotAcceptableError("picture-none")
    form = form_of_pictures(request, count=len(found))
    wish = wish_of(request, 1, media=form.media)
    wanted = [
        Wanted(each, wish, f"{instance_address(root, each.instance.uids)}/rendered")
        for each in found
    ]
    return await _give(request, wanted, form, {})


def _list_shown(work: Work, *, code: str, study_uid: str, series_uid: str | None) -> list[Found]:
    """The objects that show a picture, as far as is known; raises TooLongError."""
    custodian = institution_of(work, code)
    listed = retrieval.list_instances_of(
        work, institution_id=custodian.id, study_uid=study_uid, series_uid=series_uid
    )
    shown = [each for each in listed if each.description.picture_reason in {None, NOT_LOOKED_AT}]
    if len(shown) > _MOST_PICTURES:
        raise TooLongError
    return [
        Found(each, custodian.wrapped_key, None, retrieval.find_places(work, each))
        for each in shown
    ]


async def _give(
    request: web.Request, wanted: Sequence[Wanted], form: Form, headers: dict[str, str]
) -> web.StreamResponse:
    """One picture as it is, or each as a part."""
    if not form.are_parts:
        (only,) = wanted
        picture = await draw(request.app, only.found, only.wish)
        return give(request, only.found, picture, media=form.media)
    drawn = _draw_all(request.app, wanted)
    first = await anext(drawn, None)
    if first is None:
        raise NotAcceptableError("picture-none")
    headers |= {hdrs.CACHE_CONTROL: "no-store", **unwritten(request)}
    answer = MultipartAnswer(request, inner=form.media, headers=headers)
    async with answer:
        await _give_part(request, answer, *first)
        async for each, picture in drawn:
            await _give_part(request, answer, each, picture)
    return answer.response


async def _draw_all(
    app: web.Application, wanted: Sequence[Wanted]
) -> AsyncIterator[tuple[Wanted, bytes]]:
    """One after the other, so that one is in memory; what shows nothing after all is left out."""
    for each in wanted:
        try:
            yield each, await draw(app, each.found, each.wish)
        except NotAcceptableError:
            continue


async def _give_part(
    request: web.Request, answer: MultipartAnswer, wanted: Wanted, picture: bytes
) -> None:
    actor = signed_in(request).actor
    request.app[IMAGERY].viewings.note(actor, wanted.found.instance, is_thumbnail=False)
    await answer.part(wanted.wish.media, wanted.location, _whole(picture))


async def _whole(picture: bytes) -> AsyncIterator[bytes]:
    yield picture
