"""Which objects belong to a dossier: what counts now, and what was relied on before."""

from collections.abc import Iterable

from consult.cases.corrections.model import Correction
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.dossiers.model import DossierImage, Picture, PictureState
from consult.kernel.work import Work
from consult.studies import service as studies
from consult.studies.model import Instance


def find_pictures(work: Work, case: Case, made: Iterable[Correction]) -> list[Picture]:
    """Every object once, in the order of the names; a report is checked against the old ones."""
    current = images.list_every_image(work, case.id)
    closed = recognition.closed_images(work, case.id, current)
    found = {
        image.instance.id: Picture(
            _place(image.instance),
            image.instance,
            image.eye,
            image.field,
            PictureState.NOT_SHARED if image.id in closed else PictureState.CURRENT,
        )
        for image in current
    }
    old = {each.instance_id: each for each in made if each.instance_id not in found}
    for instance in studies.list_instances(work, old).values():
        was = old[instance.id]
        found[instance.id] = Picture(
            _place(instance), instance, was.eye_before, was.field_before, _state_of(instance)
        )
    return sorted(found.values(), key=lambda picture: picture.place.name)


def _state_of(instance: Instance) -> PictureState:
    is_shown = instance.withdrawn_at is None
    return PictureState.CORRECTED if is_shown else PictureState.ANOTHER_PATIENT


def _place(instance: Instance) -> DossierImage:
    return DossierImage(f"images/{instance.uids.sop_instance_uid}.dcm", instance.original)
