"""What is agreed on with a peer: classes, transfer syntaxes, roles, and how dates are matched."""

from collections.abc import Mapping
from typing import Final

from imaging.dimse import classes
from imaging.dimse.associate import (
    ABSTRACT_REFUSED,
    ACCEPTED,
    TRANSFER_REFUSED,
    Answer,
    Associate,
    Proposal,
    Roles,
)
from imaging.dimse.house import Guest

_COMBINED: Final = 1
_AGREED: Final = 2
"""Relational queries, and date and time as one moment (PS3.4 C.5.1.1); no more is offered."""
_MATCHED: Final = frozenset({classes.PATIENT_FIND, classes.STUDY_FIND})


def agree_roles(asked: Associate, guest: Guest) -> dict[str, Roles]:
    """Who may send objects: a peer that may ask gets them over its own line (C-GET)."""
    return {
        uid: Roles(scu=roles.scu and guest.may_store, scp=roles.scp and guest.may_query)
        for uid, roles in asked.roles.items()
        if classes.is_storage_class(uid)
    }


def agree_matching(asked: Associate) -> dict[str, bytes]:
    """What of a peer's wishes for its questions is granted (PS3.7 D.3.3.5, PS3.4 C.5.1.1)."""
    return {
        uid: bytes(flag == 1 and at < _AGREED for at, flag in enumerate(told))
        for uid, told in asked.extended.items()
        if uid in _MATCHED
    }


def is_combined(agreed: Mapping[str, bytes], uid: str) -> bool:
    """Whether Study Date and Study Time are one moment in questions of this class."""
    return agreed.get(uid, b"")[_COMBINED : _COMBINED + 1] == b"\1"


def answer_to(proposal: Proposal, guest: Guest, roles: Mapping[str, Roles]) -> Answer:
    """Whether a class is open to a peer, and in which transfer syntax."""
    offered = proposal.transfer_syntaxes
    if not _is_open(proposal.abstract_syntax, guest, roles):
        return Answer(proposal.id, ABSTRACT_REFUSED, offered[0])
    chosen = classes.choose_syntax(proposal.abstract_syntax, offered)
    if chosen is None:
        return Answer(proposal.id, TRANSFER_REFUSED, offered[0])
    return Answer(proposal.id, ACCEPTED, chosen)


def _is_open(uid: str, guest: Guest, agreed: Mapping[str, Roles]) -> bool:
    if uid == classes.VERIFICATION:
        return True
    if uid == classes.COMMITMENT:
        return guest.may_store
    if uid in classes.SERVICES:
        return guest.may_query
    if not classes.is_storage_class(uid):
        return False
    roles = agreed.get(uid)
    return guest.may_store if roles is None else roles.scu or roles.scp
