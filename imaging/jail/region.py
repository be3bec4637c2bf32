"""The part of a picture that a viewport shows (PS3.18 8.3.5.1.3); runs in the jail."""

from dataclasses import dataclass

from PIL import Image

from imaging.jail.params import Params, refused
from imaging.preview import LARGEST_PIXELS

_FLIP = Image.Transpose


@dataclass(frozen=True, slots=True)
class PictureRegion:
    """A box in pixels of the source, and whether it is mirrored."""

    box: tuple[float, float, float, float]
    is_flipped_across: bool
    is_flipped_down: bool

    def shown(self, image: Image.Image, *, within: tuple[int, int]) -> Image.Image:
        """Return the part as large as it fits into `within` with the same proportions."""
        left, top, right, bottom = self.box
        share = min(within[0] / (right - left), within[1] / (bottom - top))
        size = max(1, round((right - left) * share)), max(1, round((bottom - top) * share))
        if size[0] * size[1] > LARGEST_PIXELS:
            raise refused("max_width")
        made = image.resize(size, Image.Resampling.LANCZOS, box=self.box, reducing_gap=2.0)
        if self.is_flipped_across:
            made = made.transpose(_FLIP.FLIP_LEFT_RIGHT)
        return made.transpose(_FLIP.FLIP_TOP_BOTTOM) if self.is_flipped_down else made


def part_of(params: Params, size: tuple[int, int]) -> PictureRegion | None:
    """Return the part that is asked for of a picture of this size, None for all of it.

    Raises RefusedError: it lies outside.
    """
    left, top = params.optional_number("left"), params.optional_number("top")
    if left is None or top is None:
        return None
    across, down = params.optional_number("across"), params.optional_number("down")
    right = size[0] if across is None else min(left + abs(across), size[0])
    bottom = size[1] if down is None else min(top + abs(down), size[1])
    if not (0 <= left < right and 0 <= top < bottom):
        raise refused("left")
    return PictureRegion(
        (left, top, right, bottom),
        is_flipped_across=across is not None and across < 0,
        is_flipped_down=down is not None and down < 0,
    )
