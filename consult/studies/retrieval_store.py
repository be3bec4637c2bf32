"""The only SQL of what lies under the address of a study or series."""

from functools import lru_cache
from typing import Final

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import Session

from consult.access import policy
from consult.access.model import ObjectType
from consult.db.base import table_of
from consult.db.prepared import Prepared
from consult.kernel.work import Work
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

_FORMS_KNOWN: Final = 32
_OBJECT, _SERIES, _STUDY = (table_of(kind) for kind in (InstanceRow, SeriesRow, StudyRow))


def list_ids(
    work: Work,
    *,
    institution_id: str,
    study_uid: str,
    series_uid: str | None,
    limit: int,
) -> list[str]:
    """The ids of what is shown of a study, or of one of its series, in a steady order.

    Only of what the actor may see.
    """
    parties, values = policy.seers(work)
    values |= {"institution": institution_id, "study": study_uid, "limit": limit}
    if series_uid is not None:
        values["series"] = series_uid
    session: Session = work.session
    question = _ids(parties, of_series=series_uid is not None)
    return [row[0] for row in question.ask(session, values)]


@lru_cache(maxsize=_FORMS_KNOWN)
def _ids(parties: int, *, of_series: bool) -> Prepared:
    statement = (
        select(_OBJECT.c.id)
        .join(_SERIES, _OBJECT.c.series_id == _SERIES.c.id)
        .join(_STUDY, _SERIES.c.study_id == _STUDY.c.id)
        .where(
            _STUDY.c.institution_id == bindparam("institution"),
            _STUDY.c.study_instance_uid == bindparam("study"),
            _OBJECT.c.withdrawn_at.is_(None),
            policy.seen_by(ObjectType.STUDY, _STUDY.c.id, parties=parties),
        )
        .order_by(_SERIES.c.id, _OBJECT.c.id)
        .limit(bindparam("limit", type_=Integer))
    )
    if of_series:
        statement = statement.where(_SERIES.c.series_instance_uid == bindparam("series"))
    return Prepared(statement)
