"""The stored objects of a dispatch as open files, a bounded part of them at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consult.reports.dispatches.model import SentObject
from consult.studies.model import Instance
from imaging.dimse.incoming import ObjectName


@dataclass(frozen=True, slots=True)
class Parcel:
    """An object that goes, and the open file with its plain bytes."""

    sent: SentObject
    name: ObjectName
    descriptor: int
    size_bytes: int

    @property
    def uid(self) -> str:
        """Its SOP Instance UID."""
        return self.name.sop_instance_uid


Pair = tuple[SentObject, Instance]


def name_of(instance: Instance) -> ObjectName:
    """What the network is told of an object."""
    return ObjectName(
        instance.description.sop_class_uid,
        instance.uids.sop_instance_uid,
        instance.description.transfer_syntax_uid,
    )


def portions(pairs: Sequence[Pair], *, most_bytes: int) -> Iterator[list[Pair]]:
    """The objects in their order, as many together as the bound allows, and one at least."""
    portion: list[Pair] = []
    size_bytes = 0
    for pair in pairs:
        size = pair[1].original.size_bytes
        if portion and size_bytes + size > most_bytes:
            yield portion
            portion, size_bytes = [], 0
        portion.append(pair)
        size_bytes += size
    if portion:
        yield portion
