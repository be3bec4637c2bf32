"""What is told of a person: her profile with its licence, and her places."""

from datetime import date

from aiohttp import web

from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.work import Role
from consult.people.practitioners.affiliations import NewAffiliation
from consult.people.practitioners.model import Profile
from server.auth.fields import LicenceNumber, Login, Name, RevisionBody, TermCode
from server.forms import Body, Id
from server.keys import RULES


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


def profile_of(request: web.Request, body: ProfileBody) -> Profile:
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
