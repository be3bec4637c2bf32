"""What two decoders said of a losslessly coded picture: kept, and shown where they differ."""

from consult.jobs import service as jobs
from consult.kernel.work import Entry, Work
from consult.studies import held_store, store
from consult.studies.model import Instance
from imaging.lossless import LOSSLESS

COMPARE = "compare_decoders"
DIFFER = "differ"


def want_comparing(work: Work, instance: Instance) -> None:
    """Queue the comparison of a stored object whose syntax promises one answer."""
    if instance.has_picture and instance.description.transfer_syntax_uid in LOSSLESS:
        jobs.queue_job(work, COMPARE, {"instance_id": instance.id})


def note_decoding(work: Work, instance_id: str, *, said: str) -> None:
    """Keep the answer; that decoders differ is written down."""
    instance = store.list_instances(work, [instance_id]).get(instance_id)
    if instance is None:
        return
    held_store.save_decoding(work.session, instance_id, said)
    if said == DIFFER:
        codes = {"syntax": instance.description.transfer_syntax_uid}
        work.journal(
            Entry(
                "image.decoders_differ",
                "instance",
                instance.id,
                codes=codes,
                patient_id=instance.known_patient_id,
            )
        )
