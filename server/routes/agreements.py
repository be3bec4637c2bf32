"""Administering cooperation agreements."""

from datetime import date

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases.model import ServiceType
from consult.people.organisations import agreements
from server.auth.fields import RevisionBody
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import agreements as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("agreements")
_PAGE = "/admin/agreements"


class TermsBody(Body):
    """What an agreement says; what is left out can be added until it is complete."""

    services: frozenset[ServiceType] = frozenset()
    fee_rule: Text = ""
    liability: Text = ""
    valid_from: date
    valid_until: date

    def terms(self) -> agreements.Terms:
        """As the service takes it."""
        return agreements.Terms(
            services=frozenset(self.services),
            fee_rule=self.fee_rule,
            liability=self.liability,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class AgreementBody(TermsBody):
    """A new agreement: the parties, and what it says."""

    consortium_id: Id
    inviting_id: Id
    invited_id: Id


class CompletionBody(TermsBody, RevisionBody):
    """What an unsigned agreement says now."""


@routes.get(_PAGE, action=Action.ADMINISTER_CONSORTIUM)
async def show_all(request: web.Request) -> web.Response:
    """The agreements within reach; with a consortium chosen, the form for another."""
    page = await in_read(
        request,
        views.make_agreements,
        tongue=language(request),
        chosen=request.query.get("consortium"),
    )
    return await render(request, "admin/agreements.html", title=N_("Agreements"), page=page)


@routes.get(
    "/admin/agreements/{agreement_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.AGREEMENT,
)
async def show(request: web.Request) -> web.Response:
    """One agreement."""
    agreement_id = path_id(request, "agreement_id")
    page = await in_read(
        request, views.make_agreement, tongue=language(request), agreement_id=agreement_id
    )
    return await render(request, "admin/agreement.html", title=N_("Agreement"), page=page)


@routes.get(
    "/api/admin/agreements", action=Action.ADMINISTER_CONSORTIUM, answer=views.AgreementsPage
)
async def list_all(request: web.Request) -> web.Response:
    """The agreements within reach; `consortium=` adds its members."""
    chosen = request.query.get("consortium")
    page = await in_read(request, views.make_agreements, tongue=language(request), chosen=chosen)
    return as_document(page)


@routes.get(
    "/api/admin/agreements/{agreement_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.AGREEMENT,
    answer=views.AgreementRow,
)
async def read(request: web.Request) -> web.Response:
    """One agreement."""
    agreement_id = path_id(request, "agreement_id")
    page = await in_read(
        request, views.make_agreement, tongue=language(request), agreement_id=agreement_id
    )
    return as_document(page)


@routes.post(
    "/api/admin/agreements",
    action=Action.ADMINISTER_CONSORTIUM,
    body=AgreementBody,
    answer=Moved,
)
async def add(request: web.Request) -> web.Response:
    """Write an agreement; complete, it is signed at once."""
    body = await parse_body(request, AgreementBody)
    made = await in_unit(
        request,
        agreements.add_agreement,
        consortium_id=body.consortium_id,
        inviting_id=body.inviting_id,
        invited_id=body.invited_id,
        terms=body.terms(),
    )
    return moved(f"{_PAGE}/{made.id}")


@routes.post(
    "/api/admin/agreements/{agreement_id}",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.AGREEMENT,
    body=CompletionBody,
    answer=Moved,
)
async def complete(request: web.Request) -> web.Response:
    """Add what an unsigned agreement lacks."""
    body = await parse_body(request, CompletionBody)
    agreement_id = path_id(request, "agreement_id")
    await in_unit(
        request,
        agreements.complete_agreement,
        agreement_id=agreement_id,
        revision=body.revision,
        terms=body.terms(),
    )
    return moved(f"{_PAGE}/{agreement_id}")


@routes.post(
    "/api/admin/agreements/{agreement_id}/end",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.AGREEMENT,
    body=RevisionBody,
    answer=Moved,
)
async def end(request: web.Request) -> web.Response:
    """Let an agreement end today."""
    body = await parse_body(request, RevisionBody)
    agreement_id = path_id(request, "agreement_id")
    await in_unit(
        request, agreements.end_agreement, agreement_id=agreement_id, revision=body.revision
    )
    return moved(f"{_PAGE}/{agreement_id}")
