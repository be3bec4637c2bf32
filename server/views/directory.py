"""What pickers show of panels."""

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from server.views.sign_in import in_tongue


class PanelChoiceView(BaseModel):
    """A panel that a case may be sent to, and the agreement behind it."""

    panel_id: str
    name: str
    institution_id: str
    institution: str
    agreement_id: str


class PanelChoices(BaseModel):
    """All of them."""

    panels: list[PanelChoiceView]


def make_choices(work: Work, *, service_type: str, tongue: str) -> PanelChoices:
    """The panels for the acting institution today."""
    institution_id = work.actor.institution
    found = organisations.panel_choices(
        work,
        inviting_id=institution_id,
        service_type=service_type,
        on=organisations.today_at(work, institution_id),
    )
    return PanelChoices(
        panels=[
            PanelChoiceView(
                panel_id=choice.panel.id,
                name=in_tongue(tongue, choice.panel.name, choice.panel.name_en),
                institution_id=choice.invited.id,
                institution=in_tongue(tongue, choice.invited.name, choice.invited.name_en),
                agreement_id=choice.agreement.id,
            )
            for choice in found
        ]
    )
