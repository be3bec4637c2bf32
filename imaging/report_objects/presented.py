"""Softcopy presentation states with the marks, for grey and for colour pictures (PS3.3 A.33)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    ColorSoftcopyPresentationStateStorage,
    GrayscaleSoftcopyPresentationStateStorage,
)

from imaging.filling import fill
from imaging.icc import profile_for
from imaging.report_objects.colour import cielab_of
from imaging.report_objects.head import begin, by_series, copy, referenced
from imaging.report_objects.model import Canvas, Graphic, Layer, ObjectRef, Point, Presented

MODALITY: Final = "PR"
LABEL: Final = "MARKS"
_PIXEL: Final = "PIXEL"
_LONGEST_TEXT: Final = 1024


def make_presented(plan: Presented, icc: bytes) -> Dataset:
    """The whole object; the profile is the pictures' own, empty where they have none."""
    canvas, head = plan.canvas, plan.head
    sop_class = (
        GrayscaleSoftcopyPresentationStateStorage
        if canvas.is_grey
        else ColorSoftcopyPresentationStateStorage
    )
    made = begin(head, sop_class=str(sop_class), modality=MODALITY)
    at = datetime.fromisoformat(head.signed_at)
    del made.ContentDate, made.ContentTime  # a presentation state has dates of its own
    fill(
        made,
        ContentLabel=LABEL,
        ContentDescription=head.description[:64],
        ContentCreatorName=head.author,
        PresentationCreationDate=at.strftime("%Y%m%d"),
        PresentationCreationTime=at.strftime("%H%M%S"),
        ReferencedSeriesSequence=by_series(plan.pictures, sequence="ReferencedImageSequence"),
        DisplayedAreaSelectionSequence=[_area(canvas)],
        GraphicLayerSequence=[_layer(each, place) for place, each in enumerate(plan.layers, 1)],
        GraphicAnnotationSequence=_annotations(plan.graphics),
    )
    _set_side(made, plan)
    if canvas.is_grey:
        _set_grey(made, canvas)
    else:
        fill(made, ICCProfile=profile_for(icc or None)[0])
    return made


def _set_side(made: Dataset, plan: Presented) -> None:
    """PS3.3 C.7.3.1: the side where the part is paired; empty where nobody has said."""
    copy(made, plan.canvas.display, ("BodyPartExamined", "Laterality"))
    if plan.canvas.laterality is not None:
        fill(made, Laterality=plan.canvas.laterality)
    elif "BodyPartExamined" not in made and "Laterality" not in made:
        fill(made, Laterality="")


def _set_grey(made: Dataset, canvas: Canvas) -> None:
    """Modality, VOI and presentation look-up as the picture has them: absent would be identity.

    A table of the picture's own stands instead of numbers (PS3.3 C.11.1, C.11.8).
    """
    told = canvas.display
    copy(made, told, ("ModalityLUTSequence",))
    if "ModalityLUTSequence" not in made:
        copy(made, told, ("RescaleIntercept", "RescaleSlope", "RescaleType"))
    if "RescaleSlope" in made and "RescaleType" not in made:
        fill(made, RescaleType="US")  # type 1 here (PS3.3 C.11.1.1.2): unspecified
    shown = Dataset()
    copy(shown, told, ("VOILUTSequence",))
    if "VOILUTSequence" not in shown:
        copy(shown, told, ("WindowCenter", "WindowWidth", "VOILUTFunction"))
    if "VOILUTSequence" in shown or ("WindowCenter" in shown and "WindowWidth" in shown):
        fill(made, SoftcopyVOILUTSequence=[shown])
    photometric = Dataset()
    copy(photometric, told, ("PhotometricInterpretation",))
    is_inverse = photometric.get("PhotometricInterpretation") == "MONOCHROME1"
    fill(made, PresentationLUTShape="INVERSE" if is_inverse else "IDENTITY")


def _area(canvas: Canvas) -> Dataset:
    """The whole of every picture (PS3.3 C.10.4); its pixels are as the picture says."""
    item = Dataset()
    fill(
        item,
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[canvas.columns, canvas.rows],
        PresentationSizeMode="SCALE TO FIT",
    )
    spaced = Dataset()
    copy(spaced, canvas.display, ("PixelSpacing", "PixelAspectRatio"))
    if "PixelSpacing" in spaced:
        fill(item, PresentationPixelSpacing=spaced.PixelSpacing)
    else:
        fill(item, PresentationPixelAspectRatio=spaced.get("PixelAspectRatio", [1, 1]))
    return item


def _layer(layer: Layer, place: int) -> Dataset:
    item = Dataset()
    fill(
        item,
        GraphicLayer=layer.name,
        GraphicLayerOrder=place,
        GraphicLayerRecommendedDisplayCIELabValue=cielab_of(layer.colour),
        GraphicLayerDescription=layer.description,
    )
    return item


def _annotations(graphics: Sequence[Graphic]) -> list[Dataset]:
    """The graphics of each picture or frame, by layer (PS3.3 C.10.5)."""
    found: dict[tuple[ObjectRef, str], list[Graphic]] = {}
    for graphic in graphics:
        found.setdefault((graphic.on, graphic.layer), []).append(graphic)
    items = []
    for (on, layer), some in found.items():
        item = Dataset()
        fill(item, ReferencedImageSequence=[referenced(on, with_frame=True)], GraphicLayer=layer)
        texts = [_text(each.text, each.points) for each in some if each.text]
        if texts:
            fill(item, TextObjectSequence=texts)
        drawn = [_drawn(each) for each in some if each.graphic_type]
        if drawn:
            fill(item, GraphicObjectSequence=drawn)
        items.append(item)
    return items


def _drawn(graphic: Graphic) -> Dataset:
    item, points = Dataset(), graphic.points
    is_closed = graphic.graphic_type == "ELLIPSE" or (len(points) > 1 and points[0] == points[-1])
    fill(
        item,
        GraphicAnnotationUnits=_PIXEL,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points),
        GraphicData=[part for point in points for part in point],
        GraphicType=graphic.graphic_type,
    )
    if is_closed:
        fill(item, GraphicFilled="N")
    return item


def _text(text: str, points: Sequence[Point]) -> Dataset:
    """A text anchored at the rightmost point of what it belongs to."""
    item = Dataset()
    fill(
        item,
        AnchorPointAnnotationUnits=_PIXEL,
        UnformattedTextValue=text[:_LONGEST_TEXT],
        AnchorPoint=list(max(points)),
        AnchorPointVisibility="N",
    )
    return item
