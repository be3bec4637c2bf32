"""What a look behind the answer makes of an object that was filed by its head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from consult.blobs.store import BlobRef
from consult.cases.images import service_look
from consult.kernel.work import Work
from consult.studies.index.model import Indexed
from consult.studies.model import Description, Instance, Part, Received


@dataclass(frozen=True, slots=True)
class Seen:
    """One object, why it shows no picture, and what lies in the store of it since."""

    instance: Instance
    told: Description
    pictures: Mapping[Part, BlobRef] = field(default_factory=dict)
    indexed: Indexed | None = None

    @property
    def keys(self) -> list[str]:
        """Of the bytes that a row names from now on."""
        return [blob.key for blob in self.pictures.values()]


def seen_in(instance: Instance, received: Received) -> Seen:
    """What the jail saw; all else stays as the head told it."""
    described = received.description
    told = replace(
        instance.description,
        picture_reason=described.picture_reason,
        likeness=described.likeness,
        quality=described.quality,
    )
    pictures = dict(received.blobs)
    del pictures[Part.ORIGINAL]
    return Seen(instance, told, pictures, received.indexed)


def unseen(instance: Instance, reason: str) -> Seen:
    """An object of which no picture can be made, and why."""
    return Seen(instance, replace(instance.description, picture_reason=reason))


def keep_seen(work: Work, seen: Sequence[Seen]) -> None:
    """Keep it, in one unit; whoever is second changes nothing."""
    for each in seen:
        service_look.keep_look(
            work, each.instance, each.told, pictures=each.pictures, indexed=each.indexed
        )
