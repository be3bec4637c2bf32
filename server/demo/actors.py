"""The people of the demonstration as the services know whoever signed in."""

from collections.abc import Iterable

from consult.kernel.ids import ConsortiumId, PanelId
from consult.kernel.work import Actor
from consult.people.practitioners.model import Affiliation


def make_actor(
    place: Affiliation, *, consortium_ids: Iterable[str] = (), panel_ids: Iterable[str] = ()
) -> Actor:
    """Somebody at one of her institutions, as `sessions.find_signed_in` says it."""
    return Actor(
        practitioner_id=place.practitioner_id,
        institution_id=place.institution_id,
        affiliation_id=place.id,
        roles=place.roles,
        consortium_ids=frozenset(ConsortiumId(each) for each in consortium_ids),
        panel_ids=frozenset(PanelId(each) for each in panel_ids),
    )
