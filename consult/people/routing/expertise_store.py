"""The only SQL of what experts read and do."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from consult.people.routing.expertise import Expertise, Facet
from consult.people.routing.tables import ExpertiseRow


def expertise_of(session: Session, ids: Collection[str]) -> dict[str, Expertise]:
    """What these people read and do."""
    statement = select(ExpertiseRow.practitioner_id, ExpertiseRow.facet, ExpertiseRow.code).where(
        ExpertiseRow.practitioner_id.in_(sorted(ids))
    )
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for person, facet, code in session.execute(statement):
        found[person, facet].add(code)
    return {
        each: Expertise(
            fields=frozenset(found[each, Facet.FIELD]),
            services=frozenset(found[each, Facet.SERVICE]),
            capabilities=frozenset(found[each, Facet.CAPABILITY]),
        )
        for each in ids
    }


def save_expertise(
    session: Session, practitioner_id: str, expertise: Expertise, *, at: datetime
) -> None:
    """Put this in the place of what was written."""
    session.execute(delete(ExpertiseRow).where(ExpertiseRow.practitioner_id == practitioner_id))
    session.add_all(
        ExpertiseRow(practitioner_id=practitioner_id, facet=facet, code=code, added_at=at)
        for facet in Facet
        for code in sorted(expertise.of(facet))
    )
    session.flush()
