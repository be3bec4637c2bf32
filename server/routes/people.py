"""Administering people: sign-ins, licences, affiliations, one-time passwords."""

from datetime import date

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.work import Role
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from consult.people.sessions import factors
from consult.people.sessions import service as sessions
from consult.referrals import service_handover
from server.auth.fields import LicenceNumber, Login, Name, NothingBody, RevisionBody, TermCode
from server.auth.passwords import make_one_time_password
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.i18n import N_
from server.keys import PASSWORDS, RULES
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import people as views
from server.views.sign_in import Moved, as_document, as_json, moved

routes = Routes("people")
_PAGE = "/admin/people"


class ProfileBody(Body):
    """Name, title and licence."""

    name: Name
    name_en: Name | None = None
    title: TermCode | None = None
    specialty: TermCode | None = None
    licence_no: LicenceNumber | None = None
    licence_class: TermCode | None = None
    licence_valid_until: date | None = None


class AffiliationBody(Body):
    """A place at an institution."""

    institution_id: Id
    roles: frozenset[Role]
    from_on: date | None = None
    until_on: date | None = None

    def affiliation(self) -> NewAffiliation:
        """As the service takes it."""
        return NewAffiliation(
            institution_id=self.institution_id,
            roles=frozenset(self.roles),
            from_on=self.from_on,
            until_on=self.until_on,
        )


class PersonBody(ProfileBody, AffiliationBody):
    """A new person with a sign-in and a first affiliation."""

    login: Login


class ChangedProfileBody(ProfileBody, RevisionBody):
    """New facts of a person."""


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_all(request: web.Request) -> web.Response:
    """The people within reach, and the form for another."""
    page = await in_read(request, views.make_people, tongue=language(request))
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
    return await render(request, "admin/person.html", title=N_("Person"), page=page)


@routes.get("/api/admin/people", action=Action.ADMINISTER_CONSORTIUM, answer=views.PeoplePage)
async def list_all(request: web.Request) -> web.Response:
    """The people within reach."""
    return as_document(await in_read(request, views.make_people, tongue=language(request)))


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
        profile=_profile(request, body),
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
        profile=_profile(request, body),
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


def _profile(request: web.Request, body: ProfileBody) -> Profile:
    """The profile with its codes checked against config/terms; names every wrong field."""
    groups = request.app[RULES].terms.groups
    problems = [
        FieldProblem(field, "field-not-a-choice")
        for field in ("title", "specialty", "licence_class")
        if getattr(body, field) is not None and getattr(body, field) not in groups[field]
    ]
    if (body.licence_no is None) != (body.licence_class is None):
        missing = "licence_no" if body.licence_no is None else "licence_class"
        problems.append(FieldProblem(missing, "licence-half"))
    if problems:
        raise FormRefusedError(problems)
    return Profile(
        name=body.name,
        name_en=body.name_en or "",
        title=body.title or "",
        specialty=body.specialty or "",
        licence_no=body.licence_no or "",
        licence_class=body.licence_class or "",
        licence_valid_until=body.licence_valid_until,
    )
