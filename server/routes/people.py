"""Administering people: sign-ins, licences, affiliations, one-time passwords."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.sessions import factors
from consult.people.sessions import service as sessions
from consult.referrals import service_handover
from server.auth.fields import NothingBody, RevisionBody
from server.auth.passwords import make_one_time_password
from server.doors import Routes
from server.forms import parse_body
from server.i18n import N_
from server.keys import PASSWORDS, RULES
from server.pages import render
from server.people_forms import AffiliationBody, ChangedProfileBody, PersonBody, profile_of
from server.requests import language, path_id, query_page
from server.transactions import in_read, in_unit
from server.views import people as views
from server.views.expertise import make_form
from server.views.sign_in import Moved, as_document, as_json, moved

routes = Routes("people")
_PAGE = "/admin/people"


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_all(request: web.Request) -> web.Response:
    """The people within reach, and the form for another."""
    page = await in_read(
        request, views.make_people, tongue=language(request), page=query_page(request)
    )
    return await render(request, "admin/people.html", title=N_("People"), page=page)


@routes.get(
    "/admin/people/{practitioner_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
)
async def show(request: web.Request) -> web.Response:
    """One person with her affiliations."""
    practitioner_id = path_id(request, "practitioner_id")
    page = await in_read(
        request, views.make_person, tongue=language(request), practitioner_id=practitioner_id
    )
    expertise = await in_read(
        request, make_form, practitioner_id=practitioner_id, rules=request.app[RULES]
    )
    return await render(
        request, "admin/person.html", title=N_("Person"), page=page, expertise=expertise
    )


@routes.get("/api/admin/people", action=Action.ADMINISTER_CONSORTIUM, answer=views.PeoplePage)
async def list_all(request: web.Request) -> web.Response:
    """The people within reach."""
    return as_document(
        await in_read(
            request, views.make_people, tongue=language(request), page=query_page(request)
        )
    )


@routes.get(
    "/api/admin/people/{practitioner_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    answer=views.PersonPage,
)
async def read(request: web.Request) -> web.Response:
    """One person with her affiliations."""
    practitioner_id = path_id(request, "practitioner_id")
    page = await in_read(
        request, views.make_person, tongue=language(request), practitioner_id=practitioner_id
    )
    return as_document(page)


@routes.post(
    "/api/admin/people",
    action=Action.ADMINISTER_CONSORTIUM,
    body=PersonBody,
    answer=views.OneTimePassword,
)
async def add(request: web.Request) -> web.Response:
    """Add a person; the answer holds the one-time password, which is not shown again."""
    body = await parse_body(request, PersonBody)
    password = make_one_time_password()
    person = await in_unit(
        request,
        practitioners.add_practitioner,
        login=body.login,
        profile=profile_of(request, body),
        affiliation=body.affiliation(),
        password_hash=await request.app[PASSWORDS].hash(password),
    )
    return as_json(views.OneTimePassword(id=person.id, login=person.login, password=password))


@routes.post(
    "/api/admin/people/{practitioner_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    body=ChangedProfileBody,
    answer=Moved,
)
async def change(request: web.Request) -> web.Response:
    """Correct a person's name, title or licence."""
    body = await parse_body(request, ChangedProfileBody)
    practitioner_id = path_id(request, "practitioner_id")
    await in_unit(
        request,
        practitioners.change_practitioner,
        practitioner_id=practitioner_id,
        revision=body.revision,
        profile=profile_of(request, body),
    )
    return moved(f"{_PAGE}/{practitioner_id}")


@routes.post(
    "/api/admin/people/{practitioner_id}/password-reset",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    body=NothingBody,
    answer=views.OneTimePassword,
)
async def reset_password(request: web.Request) -> web.Response:
    """A new one-time password; the person's sessions end."""
    await parse_body(request, NothingBody)
    practitioner_id = path_id(request, "practitioner_id")
    password = make_one_time_password()
    await in_unit(
        request,
        sessions.reset_password,
        practitioner_id=practitioner_id,
        password_hash=await request.app[PASSWORDS].hash(password),
    )
    person = await in_read(request, practitioners.get_practitioner, practitioner_id)
    return as_json(views.OneTimePassword(id=person.id, login=person.login, password=password))


@routes.post(
    "/api/admin/people/{practitioner_id}/second-factor-reset",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    body=NothingBody,
    answer=Moved,
)
async def reset_second_factor(request: web.Request) -> web.Response:
    """Free a person from a lost phone; the person's sessions end."""
    await parse_body(request, NothingBody)
    practitioner_id = path_id(request, "practitioner_id")
    await in_unit(request, factors.reset_second_factor, practitioner_id=practitioner_id)
    return moved(f"{_PAGE}/{practitioner_id}")


@routes.post(
    "/api/admin/people/{practitioner_id}/affiliations",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    body=AffiliationBody,
    answer=Moved,
)
async def add_affiliation(request: web.Request) -> web.Response:
    """Give a person a further place."""
    body = await parse_body(request, AffiliationBody)
    practitioner_id = path_id(request, "practitioner_id")
    await in_unit(
        request,
        affiliations.add_affiliation,
        practitioner_id=practitioner_id,
        new=body.affiliation(),
    )
    return moved(f"{_PAGE}/{practitioner_id}")


@routes.post(
    "/api/admin/affiliations/{affiliation_id}/stop",
    action=Action.ADMINISTER_CONSORTIUM,
    body=RevisionBody,
    answer=Moved,
)
async def stop_affiliation(request: web.Request) -> web.Response:
    """End a person's place at once; her sessions there end."""
    body = await parse_body(request, RevisionBody)
    affiliation_id = path_id(request, "affiliation_id")
    person_id = await in_unit(
        request,
        service_handover.stop_affiliation,
        affiliation_id=affiliation_id,
        revision=body.revision,
    )
    return moved(f"{_PAGE}/{person_id}")
