"""What the jail saw of an object behind the answer, told to the case in which it stands by then."""

from collections.abc import Mapping

from consult.blobs.store import BlobRef
from consult.cases.images import look_store
from consult.kernel.work import Work
from consult.studies import receipt
from consult.studies.index.model import Indexed
from consult.studies.model import Description, Instance, Part


def keep_look(
    work: Work,
    instance: Instance,
    told: Description,
    *,
    pictures: Mapping[Part, BlobRef],
    indexed: Indexed | None,
) -> None:
    """Keep it; whoever has the case open sees the picture and its quality from then on."""
    case_id = look_store.find_case_of(work.session, instance.id)
    receipt.keep_look(work, instance, told, pictures=pictures, indexed=indexed, case_id=case_id)
