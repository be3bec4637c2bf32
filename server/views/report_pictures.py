"""Which pictures a report shows: exactly its key images (关键图), else one of each eye."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consult.annotations.content import drawing_of
from consult.annotations.model import MOST_KEY_IMAGES, Drawing, Mark
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.studies import service as studies
from consult.studies.model import Instance
from imaging.spacing import Spacing
from server.keys import RULES
from server.views.mark_shapes import Overlay, overlay_of
from server.views.pictures import PREVIEW_PX, urls_of
from server.views.pixel_sizes import described_of, spacing_at
from server.views.report_summary import image_text
from server.views.report_words import Speech

_MACULA: Final = frozenset({"macula_centred", "etdrs_2_macula"})
_EYES: Final = ("right", "left")


@dataclass(frozen=True, slots=True)
class Shown:
    """One frame that the paper shows, where it comes from, and what was drawn on it."""

    src: str
    instance: Instance
    frame: int
    material: Mapping[str, Any]
    marks: tuple[Mark, ...] = ()
    spacing: Spacing | None = None
    is_key: bool = False


@dataclass(frozen=True, slots=True)
class PaperPicture:
    """A picture of the paper in words; `overlay` has the marks of a key image."""

    src: str
    caption: str
    overlay: Overlay | None


def find_shown(work: Work, content: Mapping[str, Any], marks: bytes | None) -> tuple[Shown, ...]:
    """The pictures of a signed content that are still to be had."""
    materials = {each["instance_id"]: each for each in content.get("materials", ())}
    keys = content.get("key_images", ())
    if not keys:
        return tuple(_main(work, list(materials.values())))
    drawing = Drawing() if marks is None else drawing_of(marks)
    return tuple(_keys(work, keys, materials, drawing))[:MOST_KEY_IMAGES]


def pictures_of(speech: Speech, shown: Iterable[Shown]) -> list[PaperPicture]:
    """What the paper shows, the marks drawn over it."""
    return [
        PaperPicture(
            each.src, _caption(speech, each), _overlay(speech, each) if each.is_key else None
        )
        for each in shown
    ]


def _keys(
    work: Work,
    keys: Sequence[Mapping[str, Any]],
    materials: Mapping[str, Mapping[str, Any]],
    drawing: Drawing,
) -> Iterator[Shown]:
    """Each frame of a key image that has marks, or its first one."""
    for key in keys:
        material = materials.get(key["instance_id"])
        instance = _find(work, key["instance_id"])
        if material is None or instance is None:
            continue
        marks = [mark for mark in drawing.marks if mark.image_id == key["image_id"]]
        for frame in sorted({mark.frame for mark in marks}) or [1]:
            yield Shown(
                src=_address(work, instance, frame),
                instance=instance,
                frame=frame,
                material=material,
                marks=tuple(mark for mark in marks if mark.frame == frame),
                spacing=spacing_at(described_of(work, [instance])[instance.id], frame),
                is_key=True,
            )


def _main(work: Work, materials: Sequence[Mapping[str, Any]]) -> Iterator[Shown]:
    """One picture of each eye that is still to be had: the macula where there is one."""
    for eye in _EYES:
        of_eye = [image for image in materials if image["eye"] == eye]
        for image in sorted(of_eye, key=lambda image: image["field"] not in _MACULA):
            instance = _find(work, image["instance_id"])
            if instance is not None:
                yield Shown(_address(work, instance, 1), instance, 1, image)
                break


def _find(work: Work, instance_id: str) -> Instance | None:
    try:
        return studies.get_instance(work, instance_id)
    except NotFoundError:
        return None


def _address(work: Work, instance: Instance, frame: int) -> str:
    code = organisations.get_institution(work, instance.institution_id).code
    urls = urls_of(instance, institution_code=code)
    if frame == 1:
        return urls.preview
    base = urls.full.removesuffix("/rendered")
    return f"{base}/frames/{frame}/rendered?viewport={PREVIEW_PX},{PREVIEW_PX}"


def _caption(speech: Speech, shown: Shown) -> str:
    frames = shown.instance.description.frames
    told = image_text(speech, shown.material)
    return told if frames == 1 else f"{told} {shown.frame}/{frames}".strip()


def _overlay(speech: Speech, shown: Shown) -> Overlay:
    told = shown.instance.description
    size = told.columns or 1, told.rows or 1
    lesions = speech.request.app[RULES].lesions
    return overlay_of(speech, shown.marks, size=size, spacing=shown.spacing, lesions=lesions)
