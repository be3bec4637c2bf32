"""What is sent about links into rooms."""

from typing import Literal

from server.forms import Body, Id


class LinkBody(Body):
    """For whom a link is made."""

    for_whom: Literal["patient", "relative", "colleague"]


class RevokeBody(Body):
    """Which link is taken back."""

    link_id: Id
