"""Where the pictures of an instance are, as any client of DICOMweb would ask (PS3.18 10.4)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from consult.cases.images.model import CaseImage
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.studies.model import Instance

PREVIEW_PX = 1024


Holders = Mapping[str, Institution]
"""By id, the institutions that hold pictures: a recognised exam's stay where they were taken."""


def holders_of(work: Work, found: Iterable[CaseImage]) -> Holders:
    """Who holds these pictures."""
    ids = sorted({image.instance.institution_id for image in found})
    return {each: organisations.get_institution(work, each) for each in ids}


@dataclass(frozen=True, slots=True)
class PictureUrls:
    """Three sizes of one picture."""

    thumbnail: str
    preview: str
    full: str


def urls_of(instance: Instance, *, institution_code: str) -> PictureUrls:
    """The addresses of an instance held by this institution."""
    uids = instance.uids
    base = (
        f"/dicomweb/{quote(institution_code)}/studies/{quote(uids.study_instance_uid)}"
        f"/series/{quote(uids.series_instance_uid)}/instances/{quote(uids.sop_instance_uid)}"
    )
    return PictureUrls(
        thumbnail=f"{base}/thumbnail",
        preview=f"{base}/rendered?viewport={PREVIEW_PX},{PREVIEW_PX}",
        full=f"{base}/rendered",
    )
