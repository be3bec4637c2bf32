"""Write several elements of a data set at once, by keyword (PS3.6)."""

from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset


def fill(made: Dataset, **values: Any) -> None:
    """Set each element to its value; the name is the element's keyword."""
    for keyword, value in values.items():
        setattr(made, keyword, value)


def set_pixels(made: Dataset, data: bytes, *, is_encapsulated: bool, vr: str = "OB") -> None:
    """Set Pixel Data, of undefined length where it is encapsulated (PS3.5 A.4)."""
    made.add(DataElement("PixelData", vr, data, is_undefined_length=is_encapsulated))
