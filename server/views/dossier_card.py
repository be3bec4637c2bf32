"""The card from which a case's dossier is taken out of the house."""

from dataclasses import dataclass

from consult.access import policy
from consult.access.model import Action
from consult.cases.events import case_ref
from consult.cases.model import Case
from consult.kernel.work import Work
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class DossierCard:
    """What this reader may take."""

    case_id: str
    may_take_images: bool


def make_card(work: Work, case: Case, rules: Rulebook) -> DossierCard | None:
    """None where there is no dossier yet, or none for this reader."""
    if case.submitted_at is None or not rules.roles.permits(work.actor, Action.EXPORT_DOSSIER):
        return None
    if not policy.may_take_out(work, case_ref(case.id)):
        return None
    may_take_images = rules.roles.permits(work.actor, Action.DOWNLOAD_ORIGINAL)
    return DossierCard(case.id, may_take_images)
