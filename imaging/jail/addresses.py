"""By which addresses a document names the pictures that come with it as descriptors."""

from typing import Final

MOST_PICTURES: Final = 12
ADDRESSES: Final = tuple(f"image:{number}" for number in range(1, MOST_PICTURES + 1))
