"""What stands in the rail: what the person's roles let her open."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from consult.access.model import Action, RoleRules
from consult.kernel.work import Actor
from server.i18n import N_


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail; `tally` is where the page asks how many wait behind it."""

    href: str
    label: str
    icon: str
    current: bool
    count: int | None = None
    tally: str = ""
    kinds: str = ""


TRAINING: Final = "/training"
"""Stands there only where somebody is asked to read first."""

_ITEMS = (
    ("/worklist", N_("To read"), "list", Action.SEE_WORKLIST),
    ("/patients", N_("Patients"), "user", Action.SEE_PATIENT),
    ("/cases", N_("My cases"), "case", Action.PREPARE_CASE),
    ("/screening", N_("Screening"), "cam", Action.PREPARE_CASE),
    ("/schedule", N_("My schedule"), "cal", Action.SEE_SCHEDULE),
    ("/tellings", N_("To be told"), "person", Action.TELL_PATIENT),
    ("/salvages", N_("Missed visits"), "phone", Action.FOLLOW_UP_MISSED),
    ("/desk", N_("Referral office"), "cal", Action.RUN_REFERRAL_DESK),
    ("/slots", N_("Slots"), "clock", Action.PUBLISH_SLOTS),
    (TRAINING, N_("Training"), "chart", Action.SEE_TRAINING),
    ("/oversight", N_("Oversight"), "shield", Action.SEE_JOURNAL),
    ("/month", N_("Month"), "grid", Action.SEE_FIGURES),
    ("/admin", N_("Admin"), "people", Action.ADMINISTER_CONSORTIUM),
)
_TALLIES = {"/tellings": ("/api/tellings/count", "telling.* case.told")}
"""Of what is counted in the rail: the door that counts, and the entries after which it is asked."""
_PHYSICIANS_ONLY = {"/patients": Action.REGISTER_PATIENT}


def make_nav(
    actor: Actor,
    roles: RoleRules,
    *,
    path: str,
    translate: Callable[[str], str],
    without: Collection[str] = (),
) -> list[NavItem]:
    """The entries that this person may open, the present one marked, `without` what is off."""
    return [
        NavItem(
            href,
            translate(label),
            icon,
            path == href or path.startswith(f"{href}/"),
            None,
            *_TALLIES.get(href, ()),
        )
        for href, label, icon, action in _ITEMS
        if roles.permits(actor, _PHYSICIANS_ONLY.get(href, action)) and href not in without
    ]


def home_of(actor: Actor, roles: RoleRules) -> str:
    """Where a person's day begins: her first entry of the rail, else her account."""
    items = make_nav(actor, roles, path="", translate=str, without={TRAINING})
    return items[0].href if items else "/account"
