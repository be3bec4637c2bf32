"""Whose things an administrator may arrange: everything, or what her own consortia hold.

The role is the doors' question; this asks which objects, from custody and grants alone.
"""

from sqlalchemy import Select

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Role, Work


def sees_all(work: Work) -> bool:
    """Whether the actor arranges the whole installation."""
    return work.actor.is_system or Role.ADMINISTRATOR in work.actor.roles


def require(work: Work, object_type: ObjectType, object_id: str) -> None:
    """Raises NotFoundError unless the object is within the administrator's reach."""
    if sees_all(work):
        return
    policy.require_seen(work, Ref(object_type, object_id))


def require_consortium(work: Work, consortium_id: str) -> None:
    """Raises NotFoundError unless it is one of the administrator's consortia."""
    if not sees_all(work) and consortium_id not in work.actor.consortium_ids:
        raise NotFoundError


def visible(work: Work, object_type: ObjectType) -> Select[str] | None:
    """What a list joins; None where the administrator sees all."""
    return None if sees_all(work) else policy.visible_ids(work, object_type)
