"""Supervision: an authority is shown a consortium's cases as single pages, and nothing else.

It is a grant of its own kind of object, so that it opens neither the consortium nor its cases.
"""

from typing import Final

from sqlalchemy import Select

from consult.access import policy, store
from consult.access.model import ObjectType, Party, Ref
from consult.access.service import end_grants, grant
from consult.kernel.work import Work

_WHY: Final = "oversight:"


def open_oversight(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """Let an authority supervise a consortium."""
    to = (Party.INSTITUTION, institution_id)
    grant(work, _of(consortium_id), to=to, why=_WHY + institution_id)


def end_oversight(work: Work, *, consortium_id: str, institution_id: str) -> None:
    """End it."""
    end_grants(work, _of(consortium_id), why=_WHY + institution_id)


def overseen_ids(work: Work) -> Select[str]:
    """The consortia that the actor's institution supervises."""
    return policy.visible_ids(work, ObjectType.OVERSIGHT)


def overseers_of(work: Work, consortium_id: str) -> list[str]:
    """The institutions that supervise a consortium."""
    return store.list_grantees(work.session, _of(consortium_id), now=work.now)


def _of(consortium_id: str) -> Ref:
    return Ref(ObjectType.OVERSIGHT, consortium_id)
