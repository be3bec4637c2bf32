"""The job `inspect` for a JPEG, PNG or TIFF: verdict, facts and the two small pictures."""

from typing import Any, Final

from PIL import Image

from imaging.descriptor import write_all
from imaging.fundus.disc import find_disc
from imaging.fundus.laterality import propose_eye, propose_field
from imaging.fundus.likeness import likeness_of
from imaging.jail.facts import plain
from imaging.jail.inspect_dicom import may_seek_disc, quality_of, side_of
from imaging.photograph import Photograph, read_photograph, to_image
from imaging.preview import PREVIEW_PX, preview_and_thumbnail
from imaging.sniff import Kind

_EXIF_SOURCE: Final = "exif"


def inspect_photograph(
    descriptor: int, *, kind: Kind, filename: str, outputs: tuple[int, int]
) -> dict[str, Any]:
    """Return verdict and facts; write preview and thumbnail.

    Raises RefusedError: the photograph cannot be taken.
    """
    photograph = read_photograph(descriptor, kind=kind)
    image = to_image(photograph, at_least=(PREVIEW_PX, PREVIEW_PX))
    preview, thumbnail = preview_and_thumbnail(image)
    write_all(outputs[0], preview.data)
    write_all(outputs[1], thumbnail.data)
    seen = _seen(image, filename, is_upright=photograph.exif.orientation == 1)
    facts = _facts(photograph) | seen
    return {"verdict": "accepted", "kind": "photograph", "reason": None, "facts": facts}


def _facts(photograph: Photograph) -> dict[str, Any]:
    exif = photograph.exif
    device = " ".join(part for part in (exif.make, exif.model) if part)
    return {
        "format": photograph.kind.value,
        "rows": photograph.rows,
        "columns": photograph.columns,
        "samples_per_pixel": photograph.samples,
        "bits": photograph.bits,
        "photometric_interpretation": _photometric(photograph),
        "coded_bytes": len(photograph.data),
        "progressive": False,  # a progressive JPEG was refused before this line
        "lossy": photograph.is_lossy,
        "captured_at": exif.captured_at.isoformat() if exif.captured_at else None,
        "captured_source": _EXIF_SOURCE if exif.captured_at else None,
        "captured_offset": exif.offset,
        "device": device or None,
        "orientation": exif.orientation,
        "had_metadata": list(photograph.metadata),
        "icc": photograph.icc is not None,
    }


def _photometric(photograph: Photograph) -> str:
    if photograph.jpeg is not None:
        return photograph.jpeg.photometric
    return "MONOCHROME2" if photograph.samples == 1 else "RGB"


def _seen(image: Image.Image, filename: str, *, is_upright: bool) -> dict[str, Any]:
    likeness = likeness_of(image)
    # A picture that its camera wants turned is stored as it lies: no side is read from it.
    disc = find_disc(image) if may_seek_disc(likeness) and is_upright else None
    eyes = propose_eye(image_laterality=None, laterality=None, filename=filename, disc=disc)
    fields = propose_field(tagged=None, filename=filename, disc=disc)
    return {
        "fundus": plain(likeness),
        "quality": quality_of(image, likeness),
        "disc_side": side_of(disc),
        "laterality_proposals": [plain(proposal) for proposal in eyes],
        "field_proposals": [plain(proposal) for proposal in fields],
    }
