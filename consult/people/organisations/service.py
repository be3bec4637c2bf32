"""Institutions, and what the other stages ask of organisations."""

from dataclasses import dataclass
from datetime import date

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.errors import ForbiddenError, NotFoundError
from consult.kernel.ids import ConsortiumId, InstitutionId, PanelId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import agreement_store, panel_store, scope, store
from consult.people.organisations.errors import AgreementMissingError
from consult.people.organisations.model import (
    DEFAULT_ZONE,
    Agreement,
    AgreementField,
    Institution,
    Panel,
    PanelChoice,
    Tier,
    choose_agreement,
)
from consult.people.organisations.tables import InstitutionRow


@dataclass(frozen=True, slots=True)
class NewInstitution:
    """What the form says of a new institution."""

    code: str
    name: str
    tier: Tier
    name_en: str = ""
    zone: str = DEFAULT_ZONE
    phone: str = ""


def add_institution(work: Work, *, new: NewInstitution) -> Institution:
    """Take an institution into the installation, with a key of its own."""
    institution_id = new_id()
    row = InstitutionRow(
        id=institution_id,
        code=new.code,
        name=new.name,
        name_en=new.name_en,
        tier=new.tier,
        zone=new.zone,
        phone=new.phone,
        wrapped_key=work.vault.make_institution_key(institution_id),
        added_at=work.now,
        revision=1,
    )
    store.save_institution(work.session, row)
    ref = Ref(ObjectType.INSTITUTION, institution_id)
    access.keep(work, ref, custodian=(Party.INSTITUTION, institution_id))
    work.journal(
        Entry(
            "institution.added",
            ObjectType.INSTITUTION,
            institution_id,
            codes={"code": new.code, "tier": new.tier},
            words={"name": new.name},
        )
    )
    return store.institution_of(row)


def stop_institution(work: Work, *, institution_id: str, revision: int) -> None:
    """Nobody acts for this institution from now on; its cases and reports stay."""
    institution = get_institution(work, institution_id)
    if institution.id == work.actor.institution_id:
        raise ForbiddenError("own-institution-stays")
    store.save_stop(work.session, institution_id, revision=revision, at=work.now)
    work.journal(Entry("institution.stopped", ObjectType.INSTITUTION, institution_id))


def get_institution(work: Work, institution_id: str) -> Institution:
    """One institution; between stages their names are no secret, so policy is not asked."""
    institution = store.find_institution(work.session, institution_id)
    if institution is None:
        raise NotFoundError
    return institution


def get_by_code(work: Work, code: str) -> Institution:
    """The institution whose code stands in an address."""
    institution = find_by_code(work, code)
    if institution is None:
        raise NotFoundError
    return institution


def find_by_code(work: Work, code: str) -> Institution | None:
    """The institution with this code, if there is one."""
    return store.find_by_code(work.session, code)


def institutions_by_id(work: Work, ids: set[InstitutionId]) -> dict[str, Institution]:
    """These institutions, for lists that name them."""
    return store.institutions_by_id(work.session, sorted(ids))


def list_institutions(work: Work) -> list[Institution]:
    """The institutions that the actor may see: her own, those of her consortia, or all of them."""
    return store.list_institutions(work.session, scope.visible(work, ObjectType.INSTITUTION))


def today_at(work: Work, institution_id: str) -> date:
    """The date at an institution."""
    return get_institution(work, institution_id).local_day(work.now)


def get_panel(work: Work, panel_id: str) -> Panel:
    """One panel; raises NotFoundError where the actor may not see it."""
    if not scope.sees_all(work):
        policy.require_seen(work, Ref(ObjectType.PANEL, panel_id))
    panel = panel_store.find_panel(work.session, panel_id)
    if panel is None:
        raise NotFoundError
    return panel


def panel_in_use(work: Work, panel_id: str) -> Panel:
    """The panel that a case names, for whoever was shown the case: policy is not asked again.

    A hospital that has left the consortium sees the panel no more, but ends what it holds.
    """
    panel = panel_store.find_panel(work.session, panel_id)
    if panel is None:
        raise NotFoundError
    return panel


def panel_ids_at(work: Work, institution_id: str) -> frozenset[PanelId]:
    """The panels of an institution, for whoever acts for it; a stopped one has its cases still."""
    return panel_store.panel_ids_at(work.session, institution_id)


def consortia_of(work: Work, institution_id: str) -> frozenset[ConsortiumId]:
    """The consortia in which an institution stands, as of whoever acts for it."""
    return store.consortium_ids_of(work.session, institution_id)


def panel_choices(
    work: Work, *, inviting_id: str, service_type: str, on: date
) -> list[PanelChoice]:
    """The panels to which this institution may send a case of this service today."""
    agreements = agreement_store.list_of_inviting(work.session, inviting_id, on=on)
    holding = {
        (agreement.consortium_id, agreement.invited_id): agreement
        for agreement in agreements
        if agreement.missing_for(service_type, on) is None
    }
    mine = store.consortium_ids_of(work.session, inviting_id)
    panels = [
        panel
        for panel in panel_store.list_offering(work.session, service_type, mine)
        if (panel.consortium_id, panel.institution_id) in holding
    ]
    invited = store.institutions_by_id(
        work.session, sorted({panel.institution_id for panel in panels})
    )
    return [
        PanelChoice(
            panel,
            invited[panel.institution_id],
            holding[panel.consortium_id, panel.institution_id],
        )
        for panel in panels
        if invited[panel.institution_id].stopped_at is None
    ]


def require_agreement(
    work: Work, *, inviting_id: str, panel_id: str, service_type: str, on: date
) -> Agreement:
    """The agreement that lets this case be sent; raises AgreementMissingError naming what lacks."""
    panel = get_panel(work, panel_id)
    if panel.stopped_at is not None:
        raise NotFoundError
    if service_type not in panel.services:
        raise AgreementMissingError(AgreementField.SERVICES)
    found = choose_agreement(
        [
            agreement
            for agreement in agreement_store.list_between(
                work.session, inviting_id=inviting_id, invited_id=panel.institution_id
            )
            if agreement.consortium_id == panel.consortium_id
        ],
        service_type,
        on,
    )
    if isinstance(found, AgreementField):
        raise AgreementMissingError(found)
    return found
