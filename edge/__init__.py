"""The agent beside a camera: the standard library, and of ours only what Windows has too."""

from typing import Final

VERSION: Final = "0.1.0"
