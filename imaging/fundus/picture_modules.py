"""What a wrapped photograph's object says of its pixels: how many, how deep, in which colours."""

from pydicom.dataset import Dataset

from imaging.filling import fill
from imaging.icc import profile_for
from imaging.photograph import Photograph


def set_pixels(made: Dataset, photograph: Photograph) -> None:
    """Write the image pixel module (PS3.3 C.7.6.3) and the colour space."""
    is_colour = photograph.samples > 1
    fill(
        made,
        ImageType=["ORIGINAL", "PRIMARY", "", "COLOR"] if is_colour else ["ORIGINAL", "PRIMARY"],
        BurnedInAnnotation="NO",
        Rows=photograph.rows,
        Columns=photograph.columns,
        SamplesPerPixel=photograph.samples,
        BitsAllocated=photograph.bits,
        BitsStored=photograph.bits,
        HighBit=photograph.bits - 1,
        PixelRepresentation=0,
    )
    if not is_colour:
        return
    fill(made, PlanarConfiguration=0)
    profile, is_own = profile_for(photograph.icc)
    fill(made, ICCProfile=profile)
    if not is_own:
        fill(made, ColorSpace="SRGB")


def set_frames(made: Dataset) -> None:
    """Write the modules of a multi-frame class, which has one frame here."""
    # PS3.3 C.7.6.6: a multi-frame object points at its increment even for one frame.
    fill(made, NumberOfFrames=1, FrameIncrementPointer=0x00181063, FrameTime=1000)
    if made.SamplesPerPixel == 1:
        fill(made, PresentationLUTShape="IDENTITY")
