"""What a page tells of the screen on which it stands (VW-10)."""

import re
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from consult.kernel.errors import RefusedError
from consult.reports.screens import Device, Screen
from server.keys import RULES

_SIZE: Final = r"[1-9][0-9]{1,4}x[1-9][0-9]{1,4}"
_DISPLAY: Final = rf"^({_SIZE})?$"
Display = Annotated[str, Field(pattern=_DISPLAY)]
"""Width and height in pixels, or nothing."""
ShownDisplay = Annotated[str, Field(pattern=rf"^{_SIZE}$")]


def screen_of(request: web.Request, device: Device | None, display: str) -> Screen | None:
    """The reader's screen, where her page told of one."""
    if device is None:
        return None
    return Screen(device, display, request.app[RULES].signing.small_screen)


def screen_of_query(request: web.Request) -> Screen | None:
    """The same of an address: `?device=small&display=390x844`."""
    device, display = request.query.get("device"), request.query.get("display", "")
    if device is None:
        return None
    if device not in set(Device):
        raise RefusedError("field-not-a-choice", field="device")
    if re.fullmatch(_DISPLAY, display) is None:
        raise RefusedError("field-not-a-choice", field="display")
    return screen_of(request, Device(device), display)
