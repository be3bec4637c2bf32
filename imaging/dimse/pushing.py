"""Objects that go out by themselves, over an association of ours: C-STORE and C-ECHO as SCU."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from imaging.dimse.classes import IMPLICIT_LE, VERIFICATION
from imaging.dimse.errors import PeerError, PeerGoneError, PeerRefusesError, Rejection
from imaging.dimse.house import Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.sending import Outward, Requestor

_REJECTED: Final[Mapping[int, str]] = MappingProxyType(
    {
        Rejection.CALLED_UNKNOWN: "refuses-called",
        Rejection.CALLING_UNKNOWN: "refuses-calling",
    }
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """An object in a file."""

    path: Path
    name: ObjectName


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of it: the status of each object that was answered for, and what ended it early.

    A status is None where the peer takes no such class (PS3.8 9.3.3.2); what it takes in Implicit
    VR Little Endian alone was not sent, and is `plain`. `was_associated` is False where nobody was
    reached.
    """

    statuses: Mapping[str, int | None]
    plain: tuple[str, ...] = ()
    failure: str = ""
    was_associated: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """What a try of the line found: the status of a C-ECHO, and the classes that are taken."""

    status: int | None = None
    taken: tuple[str, ...] = ()
    failure: str = ""


async def push(
    place: Place, parcels: Sequence[Parcel], *, calling: str, outward: Outward
) -> Pushed:
    """Send objects in their order over one association, and wait for each answer.

    The default syntax is proposed beside the stored one for every class (PS3.5 10.1).
    """
    kinds = sorted({(each.name.sop_class_uid, each.name.transfer_syntax_uid) for each in parcels})
    kinds += sorted({(uid, IMPLICIT_LE) for uid, _ in kinds} - set(kinds))
    statuses: dict[str, int | None] = {}
    plain: list[str] = []
    try:
        there = await Requestor.connect(place, calling=calling, proposals=kinds, outward=outward)
    except (PeerGoneError, PeerError) as error:
        return Pushed({}, failure=failure_of(error), was_associated=False)
    try:
        for each in parcels:
            name = each.name
            if (name.sop_class_uid, name.transfer_syntax_uid) in there.contexts:
                statuses[name.sop_instance_uid] = await there.store(each.path, name, {})
            elif (name.sop_class_uid, IMPLICIT_LE) in there.contexts:
                plain.append(name.sop_instance_uid)
            else:
                statuses[name.sop_instance_uid] = None
    except (PeerGoneError, PeerError) as error:
        return Pushed(statuses, failure=failure_of(error))
    else:
        await there.release()
        return Pushed(statuses, tuple(plain))
    finally:
        there.line.drop()


async def listen(
    place: Place, kinds: Sequence[tuple[str, str]], *, calling: str, outward: Outward
) -> Heard:
    """Associate for these classes and verify the line; nothing is stored anywhere."""
    proposals = [(VERIFICATION, IMPLICIT_LE), *kinds]
    try:
        there = await Requestor.connect(
            place, calling=calling, proposals=proposals, outward=outward
        )
    except (PeerGoneError, PeerError) as error:
        return Heard(failure=failure_of(error))
    taken = tuple(sorted({uid for uid, _ in there.contexts if uid != VERIFICATION}))
    try:
        status = await there.echo()
        await there.release()
    except (PeerGoneError, PeerError) as error:
        return Heard(taken=taken, failure=failure_of(error))
    finally:
        there.line.drop()
    return Heard(status, taken)


def failure_of(error: PeerGoneError | PeerError) -> str:
    """A code for whoever is told."""
    if isinstance(error, PeerRefusesError):
        return _REJECTED.get(error.rejection, error.code)
    return error.code
